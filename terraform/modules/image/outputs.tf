output "uri" {
  description = "Address of the pushed image."
  value       = local.uri
  # The address is known before the image is there; whoever uses it has to wait.
  depends_on = [terraform_data.build]
}

output "repository_url" {
  description = "Address of the repository."
  value       = aws_ecr_repository.image.repository_url
}
