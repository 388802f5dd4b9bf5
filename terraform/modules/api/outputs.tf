output "id" {
  description = "Identifier of the API."
  value       = aws_apigatewayv2_api.events.id
}

output "events_url" {
  description = "Address to which Slack posts its events. Tell it to Slack only."
  value       = "${aws_apigatewayv2_api.events.api_endpoint}/events/${terraform_data.path.output}"
}
