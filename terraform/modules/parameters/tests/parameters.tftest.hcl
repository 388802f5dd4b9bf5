mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  prefix          = "/bot"
  secrets         = { OpenAiApiKey = "sk-hush", SlackToken = "xoxb-hush", SlackSigningSecret = "hush" }
  secret_versions = { OpenAiApiKey = 1, SlackToken = 2, SlackSigningSecret = 1 }
}

run "the_seven_names" {
  assert {
    condition = output.names == {
      OpenAiApiKey       = "/bot/OpenAiApiKey"
      SlackChannel       = "/bot/SlackChannel"
      SlackContextTeamId = "/bot/SlackContextTeamId"
      SlackReplyUsername = "/bot/SlackReplyUsername"
      SlackSigningSecret = "/bot/SlackSigningSecret"
      SlackToken         = "/bot/SlackToken"
      SlackUserId        = "/bot/SlackUserId"
    }
    error_message = "The names are ${jsonencode(output.names)}."
  }
}

run "no_secret_is_kept" {
  assert {
    condition     = !strcontains(nonsensitive(jsonencode(aws_ssm_parameter.secrets)), "hush")
    error_message = "A secret is in the state."
  }

  assert {
    condition     = alltrue([for parameter in aws_ssm_parameter.secrets : parameter.type == "SecureString"])
    error_message = "A secret must be a SecureString."
  }

  assert {
    condition     = { for key, parameter in aws_ssm_parameter.secrets : key => parameter.value_wo_version } == { OpenAiApiKey = 1, SlackSigningSecret = 1, SlackToken = 2 }
    error_message = "The versions must be those that were given, each secret its own."
  }
}

run "switches_begin_empty" {
  assert {
    condition     = alltrue([for parameter in aws_ssm_parameter.switches : parameter.insecure_value == "-" && parameter.type == "String"])
    error_message = "A switch must begin as \"-\", which stands for empty."
  }
}

run "a_prefix_without_a_slash" {
  command = plan

  variables {
    prefix = "bot"
  }

  expect_failures = [var.prefix]
}
