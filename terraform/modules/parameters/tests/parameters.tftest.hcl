mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  prefix  = "/bot"
  secrets = { OpenAiApiKey = "sk-hush", SlackToken = "xoxb-hush", SlackSigningSecret = "hush" }
}

run "the_eleven_names" {
  assert {
    condition = output.names == {
      MonthlyTokenBudgetPerChannel = "/bot/MonthlyTokenBudgetPerChannel"
      MonthlyTokenBudgetPerTeam    = "/bot/MonthlyTokenBudgetPerTeam"
      MonthlyTokenBudgetPerUser    = "/bot/MonthlyTokenBudgetPerUser"
      OpenAiApiKey                 = "/bot/OpenAiApiKey"
      QuestionsPerMinute           = "/bot/QuestionsPerMinute"
      SlackChannel                 = "/bot/SlackChannel"
      SlackContextTeamId           = "/bot/SlackContextTeamId"
      SlackReplyUsername           = "/bot/SlackReplyUsername"
      SlackSigningSecret           = "/bot/SlackSigningSecret"
      SlackToken                   = "/bot/SlackToken"
      SlackUserId                  = "/bot/SlackUserId"
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
}

run "with_several_workspaces_the_apps_credentials_take_the_place_of_the_one_token" {
  # A deployment of its own: secrets that are there stay.
  state_key = "several_workspaces"

  variables {
    several_workspaces = true
    secrets = {
      OpenAiApiKey = "sk-hush", SlackToken = "xoxb-hush", SlackSigningSecret = "hush", SlackClientId = "1.hush", SlackClientSecret = "hush"
    }
  }

  assert {
    condition     = keys(aws_ssm_parameter.secrets) == ["OpenAiApiKey", "SlackClientId", "SlackClientSecret", "SlackSigningSecret"]
    error_message = "The secrets are ${jsonencode(keys(aws_ssm_parameter.secrets))}."
  }

  assert {
    condition     = !strcontains(nonsensitive(jsonencode(aws_ssm_parameter.secrets)), "hush")
    error_message = "A secret is in the state."
  }
}

run "switches_begin_empty" {
  assert {
    condition     = alltrue([for parameter in aws_ssm_parameter.switches : parameter.insecure_value == "-" && parameter.type == "String"])
    error_message = "A switch must begin as \"-\", which stands for empty."
  }
}

run "a_key_that_would_need_the_secrets_to_be_written_again" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1234"
  }

  expect_failures = [aws_ssm_parameter.secrets]
}

run "a_prefix_that_would_replace_the_secrets" {
  command = plan

  variables {
    prefix = "/cat"
  }

  expect_failures = [aws_ssm_parameter.secrets]
}

run "every_parameter_has_a_command_that_sets_it" {
  assert {
    condition = output.commands == {
      for name in keys(output.names) : name => "PARAMETERS_PREFIX=/bot .venv/bin/bot secret ${name}"
    }
    error_message = "The commands are ${jsonencode(output.commands)}."
  }
}

run "a_prefix_without_a_slash" {
  command = plan

  variables {
    prefix = "bot"
  }

  expect_failures = [var.prefix]
}
