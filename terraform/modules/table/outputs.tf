output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.conversations.name
}

output "arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.conversations.arn
}

output "usage_name" {
  description = "Name of the ledger's table."
  value       = aws_dynamodb_table.usage.name
}

output "usage_arn" {
  description = "ARN of the ledger's table."
  value       = aws_dynamodb_table.usage.arn
}
