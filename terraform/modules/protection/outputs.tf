output "said" {
  description = "What a destroy says."
  value       = terraform_data.protection.output.said
}
