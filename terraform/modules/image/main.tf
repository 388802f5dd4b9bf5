locals {
  # All that the build reads. Files that .dockerignore leaves out are hashed too: one build too many is
  # cheaper than a second list that might hide a change.
  sources = ["domain/**", "adapters/**", "entrypoints/**", "requirements/aws.txt", "requirements/install", "Dockerfile", ".dockerignore"]
  files = toset([
    for file in flatten([for pattern in local.sources : tolist(fileset(var.source_root, pattern))]) :
    file if !strcontains(file, "__pycache__/")
  ])

  # Names as well as contents, or a renamed module would go unnoticed. Tags are immutable, so whatever
  # else makes a different image takes part.
  tag = substr(sha256(jsonencode({
    files        = { for file in local.files : file => filesha256("${var.source_root}/${file}") }
    architecture = var.architecture
    base_image   = var.base_image
  })), 0, 16)

  uri      = "${aws_ecr_repository.image.repository_url}:${local.tag}"
  platform = { x86_64 = "linux/amd64", arm64 = "linux/arm64" }[var.architecture]
}

resource "aws_ecr_repository" "image" {
  #checkov:skip=CKV_AWS_136:ECR encrypts with its own key; the image holds no secret that would ask for another.
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
  # The images can be built again from the sources, and a destroy should leave nothing behind.
  force_delete = true

  image_scanning_configuration {
    scan_on_push = true
  }

  tags = var.tags
}

resource "aws_ecr_lifecycle_policy" "image" {
  repository = aws_ecr_repository.image.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Keep enough to roll back."
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
      action       = { type = "expire" }
    }]
  })
}

resource "terraform_data" "build" {
  triggers_replace = local.uri

  provisioner "local-exec" {
    command = "sh '${abspath(path.module)}/build.sh'"

    environment = {
      BASE_IMAGE  = var.base_image == null ? "" : var.base_image
      IMAGE       = local.uri
      PLATFORM    = local.platform
      REGION      = data.aws_region.current.id
      REGISTRY    = split("/", aws_ecr_repository.image.repository_url)[0]
      SOURCE_ROOT = abspath(var.source_root)
      # Lambda refuses an image with attestations, and an engine without buildx does not know --provenance.
      BUILDX_NO_DEFAULT_ATTESTATIONS = "1"
    }
  }
}

data "aws_region" "current" {}
