# Plans only: an apply would build in earnest.

mock_provider "aws" {
  source = "../../tests/mocks"

  override_during = plan
}

variables {
  name         = "bot"
  source_root  = "./tests/sources"
  architecture = "x86_64"
}

run "the_sources" {
  command = plan

  assert {
    condition     = can(regex("^123456789012\\.dkr\\.ecr\\.eu-west-1\\.amazonaws\\.com/mocked:[0-9a-f]{16}$", output.uri))
    error_message = "The tag must be a hash: ${output.uri}"
  }

  assert {
    condition     = terraform_data.build.triggers_replace == output.uri && local.platform == "linux/amd64"
    error_message = "Another image must be another build, for the function's architecture."
  }
}

run "the_same_sources_again" {
  command = plan

  assert {
    condition     = output.uri == run.the_sources.uri
    error_message = "The same sources must be the same image."
  }
}

run "a_renamed_file_is_another_image" {
  command = plan

  variables {
    source_root = "./tests/renamed"
  }

  assert {
    condition     = output.uri != run.the_sources.uri
    error_message = "The files' names must take part in the hash."
  }
}

run "another_architecture_is_another_image" {
  command = plan

  variables {
    architecture = "arm64"
  }

  assert {
    condition     = output.uri != run.the_sources.uri && local.platform == "linux/arm64"
    error_message = "The architecture must take part in the hash and in the build."
  }
}

run "another_base_is_another_image" {
  command = plan

  variables {
    base_image = "registry.test/python:3.13"
  }

  assert {
    condition     = output.uri != run.the_sources.uri
    error_message = "The base image must take part in the hash."
  }
}

run "the_repository_scans_keeps_tags_and_forgets_old_images" {
  command = plan

  assert {
    condition     = aws_ecr_repository.image.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.image.image_scanning_configuration[0].scan_on_push
    error_message = "Tags must be immutable and images scanned."
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.image.policy).rules[0].selection.countNumber == 10
    error_message = "Ten images must be kept."
  }
}

run "a_folder_without_a_dockerfile" {
  command = plan

  variables {
    source_root = "./tests"
  }

  expect_failures = [var.source_root]
}

run "an_architecture_that_lambda_does_not_have" {
  command = plan

  variables {
    architecture = "riscv"
  }

  expect_failures = [var.architecture]
}
