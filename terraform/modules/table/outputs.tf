output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.conversations.name
}

output "arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.conversations.arn
}
