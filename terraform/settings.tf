# What each function reads from its environment. entrypoints/configuration/settings.py has the same names and the same bounds, and
# refuses what is outside them when the first question comes; tests/terraform/test_settings.py compares the two.

locals {
  numbers = {
    CHAT_TEMPERATURE                 = { least = 0, most = 2, whole = false }
    CONVERSATION_TTL_DAYS            = { least = 1, most = 36500, whole = true }
    MEMORY_KEEP_TOKENS               = { least = 1, most = 1000000, whole = true }
    MEMORY_TOKEN_LIMIT               = { least = 2, most = 1000000, whole = true }
    MONTHLY_TOKEN_BUDGET_PER_CHANNEL = { least = 0, most = 1000000000000, whole = true }
    MONTHLY_TOKEN_BUDGET_PER_TEAM    = { least = 0, most = 1000000000000, whole = true }
    MONTHLY_TOKEN_BUDGET_PER_USER    = { least = 0, most = 1000000000000, whole = true }
    QUESTIONS_PER_MINUTE             = { least = 0, most = 1000, whole = true }
    REPLY_SECONDS                    = { least = 1, most = 3600, whole = true }
    REPLY_TOKEN_LIMIT                = { least = 1, most = 1000000, whole = true }
    SUMMARY_TOKEN_LIMIT              = { least = 1, most = 1000000, whole = true }
    THREAD_HISTORY_TOKENS            = { least = 0, most = 1000000, whole = true }
  }
  choices = {
    BOT_LANGUAGE          = ["ja", "en"]
    CONVERSATION_SCOPE    = ["thread", "channel"]
    LOG_LEVEL             = ["DEBUG", "INFO", "WARNING", "ERROR"]
    LOG_TEXTS             = ["true", "false"]
    SLACK_EXTERNAL_PEOPLE = ["refuse", "answer"]
  }
  urls  = ["OPENAI_BASE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT", "SLACK_API_URL"]
  lists = { MODEL_PRICES = "^\\S.*=\\s*${local.amount}:${local.amount}:${local.amount}(:${local.amount})?$" } # what each entry must be
  texts = [
    "BOT_PERSONA", "SETTINGS_PEOPLE", "SLACK_BOT_USER_ID", "SLACK_CHANNEL_IDS", "SLACK_REPLY_USERNAME",
    "SLACK_TEAM_IDS",
  ]

  # What `settings` may contain: all of these but what a variable of its own sets.
  further_settings = setsubtract(concat(keys(local.numbers), keys(local.choices), keys(local.lists), local.urls, local.texts), local.own_settings)

  common_settings = {
    BOT_LANGUAGE                 = var.bot_language
    SLACK_AGENT_VIEW             = var.agent_view
    CONVERSATION_SCOPE           = var.conversation_scope
    CHAT_MODEL                   = var.chat_model
    SUMMARY_MODEL                = var.summary_model
    LOG_LEVEL                    = var.log_level
    PARAMETERS_PREFIX            = local.parameters_prefix
    POWERTOOLS_METRICS_NAMESPACE = var.name
  }
  memory_settings = {
    MEMORY_TOKEN_LIMIT    = var.memory_token_limit
    MEMORY_KEEP_TOKENS    = var.memory_keep_tokens
    SUMMARY_TOKEN_LIMIT   = var.summary_token_limit
    REPLY_TOKEN_LIMIT     = var.reply_token_limit
    CONVERSATION_TTL_DAYS = var.conversation_ttl_days
  }
  resource_settings = [
    "CONCURRENT_CONVERSATIONS", "DEAD_LETTER_QUEUE_URL", "POWERTOOLS_SERVICE_NAME", "QUEUE_URL", "TABLE_NAME",
    "TOKEN_KMS_KEY", "USAGE_TABLE_NAME",
  ]
  own_settings = concat(keys(local.common_settings), keys(local.memory_settings), local.resource_settings)

  amount = "[0-9]{1,6}([.][0-9]{1,9})?"

  parameters_prefix = "/${var.name}"

  # The worker's time. RESERVE in entrypoints/lambda_worker.py is kept of it to save what was answered and to close the
  # reply; before that a person's names and files are read and the model's first words are waited for.
  worker_reserve       = 15
  least_answer         = 15
  least_worker_timeout = local.worker_reserve + local.least_answer
}
