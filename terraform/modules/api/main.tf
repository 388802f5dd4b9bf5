resource "aws_apigatewayv2_api" "events" {
  name          = var.name
  description   = "Where Slack delivers its events."
  protocol_type = "HTTP"

  tags = var.tags
}

resource "aws_apigatewayv2_integration" "events" {
  api_id                 = aws_apigatewayv2_api.events.id
  integration_type       = "AWS_PROXY"
  integration_uri        = var.function_invoke_arn
  payload_format_version = "2.0"
}

# API Gateway throttles an HTTP API by its routes and does not know who sends. With a path that only Slack is told, a
# stranger who floods the address meets no route (404), and Slack's share of the throttle is left to Slack.
resource "terraform_data" "path" {
  input = uuid()

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_apigatewayv2_route" "events" {
  #checkov:skip=CKV_AWS_309:Slack cannot authenticate to API Gateway; the function verifies Slack's signature.
  api_id    = aws_apigatewayv2_api.events.id
  route_key = "POST /events/${terraform_data.path.output}"
  target    = "integrations/${aws_apigatewayv2_integration.events.id}"
}

resource "aws_apigatewayv2_stage" "events" {
  api_id      = aws_apigatewayv2_api.events.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = var.requests_per_second
    throttling_burst_limit = 2 * var.requests_per_second
  }

  dynamic "route_settings" {
    for_each = aws_apigatewayv2_route.install

    content {
      route_key              = route_settings.value.route_key
      throttling_rate_limit  = 2
      throttling_burst_limit = 5
    }
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    # Who, what and how long; never a header or a body.
    format = jsonencode({
      request_id        = "$context.requestId"
      time              = "$context.requestTime"
      source_ip         = "$context.identity.sourceIp"
      route             = "$context.routeKey"
      status            = "$context.status"
      response_length   = "$context.responseLength"
      response_latency  = "$context.responseLatency"
      integration_error = "$context.integrationErrorMessage"
    })
  }

  tags = var.tags
}

resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts with its own key; access logs hold neither headers nor bodies.
  #checkov:skip=CKV_AWS_338:How long logs may be kept is for each deployment to say.
  # Under this prefix deliveries share one resource policy instead of filling up its 5,120 characters.
  name              = "/aws/vendedlogs/${var.name}"
  retention_in_days = var.log_retention_days

  tags = var.tags
}

resource "aws_lambda_permission" "events" {
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = var.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_stage.events.execution_arn}/POST/events/*"
}
