output "name" {
  description = "Name of the queue."
  value       = aws_sqs_queue.questions.name
}

output "arn" {
  description = "ARN of the queue."
  value       = aws_sqs_queue.questions.arn
}

output "url" {
  description = "URL of the queue."
  value       = aws_sqs_queue.questions.url
}

output "dead_letter_name" {
  description = "Name of the dead-letter queue."
  value       = aws_sqs_queue.dead_letters.name
}

output "dead_letter_arn" {
  description = "ARN of the dead-letter queue."
  value       = aws_sqs_queue.dead_letters.arn
}

output "dead_letter_url" {
  description = "URL of the dead-letter queue."
  value       = aws_sqs_queue.dead_letters.url
}

output "visibility_timeout" {
  description = "Seconds after which an unfinished delivery is made again."
  value       = aws_sqs_queue.questions.visibility_timeout_seconds
}
