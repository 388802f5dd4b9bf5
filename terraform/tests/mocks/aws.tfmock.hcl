# What the provider computes and other resources or the tests read. Shared by the tests of all modules.

mock_resource "aws_apigatewayv2_api" {
  defaults = { api_endpoint = "https://mocked.execute-api.test" }
}

mock_resource "aws_apigatewayv2_stage" {
  defaults = { execution_arn = "arn:aws:execute-api:eu-west-1:123456789012:mocked/$default" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mocked" }
}

mock_resource "aws_dynamodb_table" {
  defaults = { arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/mocked" }
}

mock_resource "aws_ecr_repository" {
  defaults = { repository_url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mocked" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn        = "arn:aws:lambda:eu-west-1:123456789012:function:mocked"
    invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/mocked/invocations"
  }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mocked" }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:eu-west-1:123456789012:mocked.fifo"
    url = "https://sqs.test/123456789012/mocked.fifo"
  }
}

mock_resource "aws_ssm_parameter" {
  defaults = {
    arn    = "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/SlackToken"
    key_id = "alias/aws/ssm"
  }
}

mock_data "aws_region" {
  defaults = { id = "eu-west-1" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-west-1:123456789012:key/mocked" }
}
