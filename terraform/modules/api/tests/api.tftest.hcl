mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                = "bot"
  function_name       = "bot-events"
  function_invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/bot-events/invocations"
  requests_per_second = 20
  log_retention_days  = 7
}

run "one_route_leads_to_the_function" {
  assert {
    condition     = can(regex("^POST /events/[0-9a-f-]{36}$", aws_apigatewayv2_route.events.route_key))
    error_message = "The only way in must be a path that nobody guesses."
  }

  assert {
    condition     = output.events_url == "https://mocked.execute-api.test${trimprefix(aws_apigatewayv2_route.events.route_key, "POST ")}"
    error_message = "The events URL must be the route's, not ${output.events_url}."
  }

  assert {
    condition     = aws_apigatewayv2_integration.events.payload_format_version == "2.0" && aws_apigatewayv2_integration.events.integration_uri == var.function_invoke_arn
    error_message = "The function must get payloads of version 2.0."
  }

  assert {
    condition     = aws_lambda_permission.events.source_arn == "arn:aws:execute-api:eu-west-1:123456789012:mocked/$default/POST/events/*"
    error_message = "Only this route may invoke the function, not ${aws_lambda_permission.events.source_arn}."
  }
}

run "requests_are_throttled_and_logged_without_what_they_say" {
  assert {
    condition     = aws_apigatewayv2_stage.events.default_route_settings[0].throttling_rate_limit == 20 && aws_apigatewayv2_stage.events.default_route_settings[0].throttling_burst_limit == 40
    error_message = "The stage must throttle as asked."
  }

  assert {
    condition     = aws_apigatewayv2_stage.events.access_log_settings[0].destination_arn == aws_cloudwatch_log_group.access.arn && aws_cloudwatch_log_group.access.retention_in_days == 7
    error_message = "The access log must go to the log group with the retention asked for."
  }

  assert {
    condition     = !can(regex("(?i)body|header|authorization|input", aws_apigatewayv2_stage.events.access_log_settings[0].format))
    error_message = "The access log must hold neither headers nor bodies."
  }
}

run "a_rate_of_nothing" {
  command = plan

  variables {
    requests_per_second = 0
  }

  expect_failures = [var.requests_per_second]
}
