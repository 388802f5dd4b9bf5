# Where people of other workspaces install the app. Everybody may open these two, and each has a throttle of its own, so that
# no visitor takes the executions that events need.

locals {
  install_paths = { install = "/slack/install", redirect = "/slack/oauth_redirect" }
  install_routes = {
    for name, path in local.install_paths : name => "GET ${path}" if var.install_function != null
  }
}

resource "aws_apigatewayv2_integration" "install" {
  count = var.install_function == null ? 0 : 1

  api_id                 = aws_apigatewayv2_api.events.id
  integration_type       = "AWS_PROXY"
  integration_uri        = var.install_function.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "install" {
  #checkov:skip=CKV_AWS_309:A browser cannot authenticate to API Gateway; Slack asks who installs, and the function checks the state.
  for_each = local.install_routes

  api_id    = aws_apigatewayv2_api.events.id
  route_key = each.value
  target    = "integrations/${aws_apigatewayv2_integration.install[0].id}"
}

resource "aws_lambda_permission" "install" {
  count = var.install_function == null ? 0 : 1

  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = var.install_function.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_stage.events.execution_arn}/GET/slack/*"
}
