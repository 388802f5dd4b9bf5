# Every wrong value is refused before anything is made. tests/variables is the root module's variables without what is
# made with them: links to variables.tf and settings.tf. A plan of all takes twenty times the time.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  image_uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/bot:v1"
}

run "spaces_in_a_name" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    name = "My Bot"
  }

  expect_failures = [var.name]
}

run "a_name_that_ssm_reserves" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    name = "aws-bot"
  }

  expect_failures = [var.name]
}

run "a_name_that_ends_in_a_hyphen" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    name = "bot-"
  }

  expect_failures = [var.name]
}

run "wrong_tags" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    tags = { Project = "other" }
  }

  expect_failures = [var.tags]
}

run "image_uri_without_a_registry" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    image_uri = "bot"
  }

  expect_failures = [var.image_uri]
}

run "wrong_architecture" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    architecture = "x86"
  }

  expect_failures = [var.architecture]
}

run "wrong_base_image" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    base_image = "two words"
  }

  expect_failures = [var.base_image]
}

run "wrong_openai_api_key" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    openai_api_key = ""
  }

  expect_failures = [var.openai_api_key]
}

run "slack_token_of_another_kind" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    slack_token = "xapp-1"
  }

  expect_failures = [var.slack_token]
}

run "wrong_slack_signing_secret" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    slack_signing_secret = ""
  }

  expect_failures = [var.slack_signing_secret]
}

run "a_client_id_of_another_kind" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    slack_client_id = "xoxb-1"
  }

  expect_failures = [var.slack_client_id]
}

run "wrong_slack_client_secret" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    slack_client_secret = ""
  }

  expect_failures = [var.slack_client_secret]
}

run "secrets_kms_key_by_alias" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    secrets_kms_key_arn = "alias/bot"
  }

  expect_failures = [var.secrets_kms_key_arn]
}

run "wrong_bot_language" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    bot_language = "fr"
  }

  expect_failures = [var.bot_language]
}

run "wrong_conversation_scope" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    conversation_scope = "team"
  }

  expect_failures = [var.conversation_scope]
}

run "wrong_chat_model" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    chat_model = ""
  }

  expect_failures = [var.chat_model]
}

run "wrong_summary_model" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    summary_model = ""
  }

  expect_failures = [var.summary_model]
}

run "wrong_reply_token_limit" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    reply_token_limit = 0
  }

  expect_failures = [var.reply_token_limit]
}

run "wrong_memory_token_limit" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    memory_token_limit = 0.5
  }

  expect_failures = [var.memory_token_limit]
}

run "memory_keep_tokens_as_many_as_the_limit" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    memory_keep_tokens = 4000
  }

  expect_failures = [var.memory_keep_tokens]
}

run "wrong_summary_token_limit" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    summary_token_limit = -1
  }

  expect_failures = [var.summary_token_limit]
}

run "wrong_conversation_ttl_days" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    conversation_ttl_days = 0
  }

  expect_failures = [var.conversation_ttl_days]
}

run "a_slack_token_in_the_settings" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { SLACK_BOT_TOKEN = "xoxb-1" }
  }

  expect_failures = [var.settings]
}

run "an_api_key_in_the_settings" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { OPENAI_API_KEY = "sk-1" }
  }

  expect_failures = [var.settings]
}

run "a_signing_secret_in_the_settings" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { SLACK_SIGNING_SECRET = "1" }
  }

  expect_failures = [var.settings]
}

run "a_setting_with_a_variable_of_its_own" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { CHAT_MODEL = "other" }
  }

  expect_failures = [var.settings]
}

run "the_agent_view_in_the_settings" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { SLACK_AGENT_VIEW = "false" }
  }

  expect_failures = [var.settings]
}

run "a_setting_that_names_a_resource" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { TABLE_NAME = "other" }
  }

  expect_failures = [var.settings]
}

run "a_setting_that_nothing_reads" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { SLACK_TOKEN = "1" }
  }

  expect_failures = [var.settings]
}

run "a_setting_that_has_no_effect_on_aws" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { DATABASE_PATH = "bot.sqlite3" }
  }

  expect_failures = [var.settings]
}

run "a_setting_in_lower_case" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { lower = "1" }
  }

  expect_failures = [var.settings]
}

run "wrong_worker_timeout" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_timeout = 901
  }

  expect_failures = [var.worker_timeout]
}

run "a_worker_timeout_that_is_used_up_by_its_reserve" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_timeout = 29
  }

  expect_failures = [var.worker_timeout]
}

run "the_least_worker_timeout_that_works" {
  command = plan

  variables {
    worker_timeout = 30
  }
}

run "worker_concurrency_below_what_sqs_allows" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_concurrency = 1
  }

  expect_failures = [var.worker_concurrency]
}

run "wrong_events_per_second" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    events_per_second = 0
  }

  expect_failures = [var.events_per_second]
}

run "wrong_log_level" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    log_level = "LOUD"
  }

  expect_failures = [var.log_level]
}

run "wrong_log_retention_days" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "an_alarm_on_a_days_tokens_below_one" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alarm_daily_tokens = 0
  }

  expect_failures = [var.alarm_daily_tokens]
}

run "wrong_alarm_email" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alarm_email = "nobody"
  }

  expect_failures = [var.alarm_email]
}

run "the_settings_that_tests_and_other_providers_need" {
  command = plan

  variables {
    settings = {
      OPENAI_BASE_URL  = "http://model.test/v1"
      SLACK_API_URL    = "http://slack.test/api/"
      CHAT_TEMPERATURE = "0.2"
    }
  }
}
