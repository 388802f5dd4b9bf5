mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name               = "bot-events"
  description        = "Receives events."
  image_uri          = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/bot:v1"
  architecture       = "arm64"
  command            = ["entrypoints.lambda_events.handler"]
  timeout            = 10
  memory_size        = 1024
  environment        = { LOG_LEVEL = "INFO" }
  log_retention_days = 7
  statements = [{
    sid       = "SendQuestions"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:eu-west-1:123456789012:bot.fifo"]
  }]
}

run "the_function_runs_its_handler_from_the_image_and_is_traced" {
  assert {
    condition = alltrue([
      aws_lambda_function.function.package_type == "Image",
      aws_lambda_function.function.image_uri == var.image_uri,
      aws_lambda_function.function.image_config[0].command == tolist(["entrypoints.lambda_events.handler"]),
      aws_lambda_function.function.architectures == tolist(["arm64"]),
      aws_lambda_function.function.tracing_config[0].mode == "Active",
    ])
    error_message = "The function must run the handler from the image, on its architecture, and be traced."
  }

  assert {
    condition     = aws_cloudwatch_log_group.function.name == "/aws/lambda/bot-events" && aws_cloudwatch_log_group.function.retention_in_days == 7
    error_message = "Logs must go to a group of the function's own that forgets."
  }
}

run "the_role_may_write_logs_and_traces_and_what_is_stated" {
  assert {
    condition = { for statement in jsondecode(output.policy).Statement : statement.Sid => concat(statement.Action, statement.Resource) } == {
      WriteLogs     = ["logs:CreateLogStream", "logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:mocked:*"]
      WriteTraces   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments", "*"]
      SendQuestions = ["sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:bot.fifo"]
    }
    error_message = "The policy is ${output.policy}."
  }

  assert {
    condition     = jsondecode(aws_iam_role.function.assume_role_policy).Statement[0].Principal == { Service = "lambda.amazonaws.com" }
    error_message = "Only Lambda may take the role."
  }
}

run "a_statement_for_every_resource" {
  command = plan

  variables {
    statements = [{ sid = "All", actions = ["sqs:SendMessage"], resources = ["*"] }]
  }

  expect_failures = [var.statements]
}

run "a_statement_for_every_action" {
  command = plan

  variables {
    statements = [{ sid = "All", actions = ["sqs:*"], resources = ["arn:aws:sqs:eu-west-1:123456789012:bot.fifo"] }]
  }

  expect_failures = [var.statements]
}

run "a_command_that_is_no_handler" {
  command = plan

  variables {
    command = ["python", "-m", "entrypoints"]
  }

  expect_failures = [var.command]
}
