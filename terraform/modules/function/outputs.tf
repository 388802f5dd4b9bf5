output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.function.function_name
}

output "arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.function.arn
}

output "invoke_arn" {
  description = "ARN by which API Gateway invokes the function."
  value       = aws_lambda_function.function.invoke_arn
}

output "environment" {
  description = "Environment variables of the function, as they are needed to run its image elsewhere."
  value       = aws_lambda_function.function.environment[0].variables
}

output "policy" {
  description = "What the function may do, as a JSON policy."
  value       = aws_iam_role_policy.function.policy
}
