output "id" {
  description = "Identifier of the API."
  value       = aws_apigatewayv2_api.events.id
}

output "events_url" {
  description = "Address to which Slack posts its events. Tell it to Slack only."
  value       = "${aws_apigatewayv2_api.events.api_endpoint}/events/${terraform_data.path.output}"
}

output "install_url" {
  description = "Page on which people install the app in their workspace; null without an `install_function`."
  value       = var.install_function == null ? null : "${aws_apigatewayv2_api.events.api_endpoint}${local.install_paths.install}"
}

output "redirect_url" {
  description = "Address to which Slack sends the browser back, for the app's manifest; null without an `install_function`."
  value       = var.install_function == null ? null : "${aws_apigatewayv2_api.events.api_endpoint}${local.install_paths.redirect}"
}
