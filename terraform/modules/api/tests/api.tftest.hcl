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

run "without_an_install_function_nothing_else_leads_in" {
  assert {
    condition = (
      length(aws_apigatewayv2_route.install) + length(aws_apigatewayv2_integration.install) + length(aws_lambda_permission.install) == 0 &&
      length(aws_apigatewayv2_stage.events.route_settings) == 0 && output.install_url == null && output.redirect_url == null
    )
    error_message = "There is a second way in."
  }
}

run "a_browser_reaches_the_install_function_by_two_routes_with_a_throttle_of_their_own" {
  variables {
    install_function = {
      name       = "bot-install"
      invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/bot-install/invocations"
    }
  }

  assert {
    condition     = { for name, route in aws_apigatewayv2_route.install : name => route.route_key } == { install = "GET /slack/install", redirect = "GET /slack/oauth_redirect" }
    error_message = "The routes are ${jsonencode(aws_apigatewayv2_route.install)}."
  }

  assert {
    condition = [
      aws_apigatewayv2_integration.install[0].integration_uri, aws_apigatewayv2_integration.install[0].payload_format_version,
      aws_lambda_permission.install[0].function_name, aws_lambda_permission.install[0].source_arn,
      ] == [
      var.install_function.invoke_arn, "2.0",
      "bot-install", "arn:aws:execute-api:eu-west-1:123456789012:mocked/$default/GET/slack/*",
    ]
    error_message = "The routes must lead to the function, and only they may invoke it."
  }

  assert {
    condition = {
      for settings in aws_apigatewayv2_stage.events.route_settings : settings.route_key => settings.throttling_rate_limit
    } == { "GET /slack/install" = 2, "GET /slack/oauth_redirect" = 2 }
    error_message = "Visitors must not take what events need."
  }

  assert {
    condition     = [output.install_url, output.redirect_url] == ["https://mocked.execute-api.test/slack/install", "https://mocked.execute-api.test/slack/oauth_redirect"]
    error_message = "The addresses are ${output.install_url} and ${output.redirect_url}."
  }

  assert {
    condition     = can(regex("^POST /events/", aws_apigatewayv2_route.events.route_key)) && aws_apigatewayv2_integration.events.integration_uri == var.function_invoke_arn
    error_message = "Events go where they went."
  }
}

run "a_rate_of_nothing" {
  command = plan

  variables {
    requests_per_second = 0
  }

  expect_failures = [var.requests_per_second]
}
