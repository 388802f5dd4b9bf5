variable "name" {
  description = "Name of the deployment: prefix of every resource's name, of the SSM path and of the metrics. It is refused to change: another name is another deployment."
  type        = string
  default     = "slack-gpt-backend"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name)) && !can(regex("^(aws|ssm)", var.name))
    error_message = "The name must be 3 to 40 lower-case letters, digits and hyphens, begin with a letter, not end with a hyphen, and not begin with \"aws\" or \"ssm\" (SSM reserves these)."
  }
}

variable "tags" {
  description = "Tags of every resource, besides `Project` and `ManagedBy`."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.tags), ["Project", "ManagedBy"])) == 0
    error_message = "The tags must not contain \"Project\" or \"ManagedBy\": the module sets these."
  }
}

# --- The image ---

variable "image_uri" {
  description = "Address of an image that is already in ECR. Null builds the project's Dockerfile and pushes it to a repository of its own."
  type        = string
  default     = null

  validation {
    condition     = var.image_uri == null || can(regex("^[^/:@ ]+/[^:@ ]+(:[^:@/ ]+|@sha256:[0-9a-f]{64})$", var.image_uri))
    error_message = "The image URI must be registry/repository:tag or registry/repository@sha256:digest."
  }
}

variable "architecture" {
  description = "Processor architecture of the image and of the functions: x86_64 or arm64."
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture must be \"x86_64\" or \"arm64\"."
  }
}

variable "base_image" {
  description = "Lambda base image to build on. Null takes the one that the Dockerfile names."
  type        = string
  default     = null

  validation {
    condition     = var.base_image == null || can(regex("^[^ ]+$", var.base_image))
    error_message = "The base image must be an image's address without spaces, or null."
  }
}

# --- The secrets ---

variable "openai_api_key" {
  description = "OpenAI's API key, for the first apply, which makes the parameter. The placeholder leaves it to `bot secret OpenAiApiKey`."
  type        = string
  default     = "placeholder"
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.openai_api_key) > 0
    error_message = "The OpenAI API key must not be empty; leave it out to set it with `bot secret` later."
  }
}

variable "slack_token" {
  description = "Slack's bot token (xoxb-…), for the first apply, which makes the parameter. The placeholder leaves it to `bot secret SlackToken`."
  type        = string
  default     = "placeholder"
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = can(regex("^(placeholder|xoxb-.+)$", var.slack_token))
    error_message = "The Slack token must be a bot token, which begins with \"xoxb-\"; leave it out to set it with `bot secret` later."
  }
}

variable "slack_signing_secret" {
  description = "Slack's signing secret, for the first apply, which makes the parameter. The placeholder leaves it to `bot secret SlackSigningSecret`."
  type        = string
  default     = "placeholder"
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.slack_signing_secret) > 0
    error_message = "The Slack signing secret must not be empty; leave it out to set it with `bot secret` later."
  }
}

variable "slack_client_id" {
  description = "The Slack app's client id, for an apply that makes its parameter (`several_workspaces`). The placeholder leaves it to `bot secret SlackClientId`."
  type        = string
  default     = "placeholder"
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = can(regex("^(placeholder|[0-9]+\\.[0-9]+)$", var.slack_client_id))
    error_message = "The Slack app's client id must be two numbers with a dot between them; leave it out to set it with `bot secret` later."
  }
}

variable "slack_client_secret" {
  description = "The Slack app's client secret, for an apply that makes its parameter (`several_workspaces`). The placeholder leaves it to `bot secret SlackClientSecret`."
  type        = string
  default     = "placeholder"
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.slack_client_secret) > 0
    error_message = "The Slack app's client secret must not be empty; leave it out to set it with `bot secret` later."
  }
}

variable "secrets_kms_key_arn" {
  description = "Customer managed KMS key that encrypts the secrets in SSM. Null takes the AWS managed one. A changed one is refused until each secret has been set again with it."
  type        = string
  default     = null

  validation {
    condition     = var.secrets_kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.secrets_kms_key_arn))
    error_message = "The KMS key must be given by its key ARN (arn:aws:kms:region:account:key/id), not by an alias."
  }
}

# --- The bot ---

variable "several_workspaces" {
  description = "Let further workspaces install the app: two routes, a function, and a KMS key for their tokens, which costs a dollar a month."
  type        = bool
  default     = false
}

variable "bot_language" {
  description = "Language of the prompts and of the bot's own sentences: ja or en."
  type        = string
  default     = "ja"

  validation {
    condition     = contains(local.choices.BOT_LANGUAGE, var.bot_language)
    error_message = "The bot's language must be one of ${join(", ", local.choices.BOT_LANGUAGE)}."
  }
}

variable "agent_view" {
  description = "Make the Slack app one of Slack's agents: an entry in the top bar, suggested prompts and a stop button."
  type        = bool
  default     = true
}

variable "conversation_scope" {
  description = "What shares one memory: each thread, or a whole channel."
  type        = string
  default     = "thread"

  validation {
    condition     = contains(local.choices.CONVERSATION_SCOPE, var.conversation_scope)
    error_message = "The conversation scope must be one of ${join(", ", local.choices.CONVERSATION_SCOPE)}."
  }
}

variable "chat_model" {
  description = "Model that answers."
  type        = string
  default     = "gpt-5.4-mini"

  validation {
    condition     = can(regex("^[^ ]+$", var.chat_model))
    error_message = "The chat model must be a model's name, without spaces."
  }
}

variable "summary_model" {
  description = "Model that condenses old messages. The same as `chat_model` lets the provider's prompt cache serve both."
  type        = string
  default     = "gpt-5.4-mini"

  validation {
    condition     = can(regex("^[^ ]+$", var.summary_model))
    error_message = "The summary model must be a model's name, without spaces."
  }
}

variable "reply_token_limit" {
  description = "Most tokens of an answer."
  type        = number
  default     = 2000

  validation {
    condition     = var.reply_token_limit >= local.numbers.REPLY_TOKEN_LIMIT.least && var.reply_token_limit <= local.numbers.REPLY_TOKEN_LIMIT.most && floor(var.reply_token_limit) == var.reply_token_limit
    error_message = "The reply's token limit must be a whole number from ${local.numbers.REPLY_TOKEN_LIMIT.least} to ${local.numbers.REPLY_TOKEN_LIMIT.most}."
  }
}

variable "memory_token_limit" {
  description = "Tokens of remembered messages beyond which the oldest are condensed."
  type        = number
  default     = 4000

  validation {
    condition     = var.memory_token_limit >= local.numbers.MEMORY_TOKEN_LIMIT.least && var.memory_token_limit <= local.numbers.MEMORY_TOKEN_LIMIT.most && floor(var.memory_token_limit) == var.memory_token_limit
    error_message = "The memory's token limit must be a whole number from ${local.numbers.MEMORY_TOKEN_LIMIT.least} to ${local.numbers.MEMORY_TOKEN_LIMIT.most}."
  }
}

variable "memory_keep_tokens" {
  description = "Tokens of remembered messages that a condensation keeps word for word."
  type        = number
  default     = 2000

  validation {
    condition     = var.memory_keep_tokens >= local.numbers.MEMORY_KEEP_TOKENS.least && var.memory_keep_tokens <= local.numbers.MEMORY_KEEP_TOKENS.most && floor(var.memory_keep_tokens) == var.memory_keep_tokens
    error_message = "The tokens to keep must be a whole number from ${local.numbers.MEMORY_KEEP_TOKENS.least} to ${local.numbers.MEMORY_KEEP_TOKENS.most}."
  }

  validation {
    condition     = var.memory_keep_tokens < var.memory_token_limit
    error_message = "The tokens to keep must be less than memory_token_limit."
  }
}

variable "summary_token_limit" {
  description = "Most tokens of a conversation's summary."
  type        = number
  default     = 1000

  validation {
    condition     = var.summary_token_limit >= local.numbers.SUMMARY_TOKEN_LIMIT.least && var.summary_token_limit <= local.numbers.SUMMARY_TOKEN_LIMIT.most && floor(var.summary_token_limit) == var.summary_token_limit
    error_message = "The summary's token limit must be a whole number from ${local.numbers.SUMMARY_TOKEN_LIMIT.least} to ${local.numbers.SUMMARY_TOKEN_LIMIT.most}."
  }
}

variable "conversation_ttl_days" {
  description = "Days of silence after which a conversation is forgotten."
  type        = number
  default     = 90

  validation {
    condition     = var.conversation_ttl_days >= local.numbers.CONVERSATION_TTL_DAYS.least && var.conversation_ttl_days <= local.numbers.CONVERSATION_TTL_DAYS.most && floor(var.conversation_ttl_days) == var.conversation_ttl_days
    error_message = "The conversation's TTL in days must be a whole number from ${local.numbers.CONVERSATION_TTL_DAYS.least} to ${local.numbers.CONVERSATION_TTL_DAYS.most}."
  }
}

variable "settings" {
  description = "Further environment variables of the functions, such as OPENAI_BASE_URL or BOT_PERSONA. Never secrets: those belong into SSM."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.settings), local.further_settings)) == 0
    error_message = "The settings must be among ${join(", ", sort(local.further_settings))}. Secrets are set in SSM, and what has a Terraform variable of its own by that."
  }

  validation {
    condition = alltrue([
      for name, value in var.settings : try(
        tonumber(value) >= local.numbers[name].least && tonumber(value) <= local.numbers[name].most &&
        (!local.numbers[name].whole || floor(tonumber(value)) == tonumber(value)), false
      ) if contains(keys(local.numbers), name) && trimspace(value) != ""
    ])
    error_message = "A number in the settings is none or is out of its bounds: ${jsonencode(local.numbers)}."
  }

  validation {
    condition = alltrue([
      for name, value in var.settings : contains(local.choices[name], trimspace(value))
      if contains(keys(local.choices), name) && trimspace(value) != ""
    ])
    error_message = "A setting that is a choice must be one of its values: ${jsonencode(local.choices)}."
  }

  validation {
    condition = alltrue([
      for name, value in var.settings : can(regex("^https?://[^/?#\\s]+", trimspace(value)))
      if contains(local.urls, name) && trimspace(value) != ""
    ])
    error_message = "These settings must be http or https addresses: ${join(", ", local.urls)}."
  }

  validation {
    condition = alltrue(flatten([
      for name, value in var.settings : [
        for entry in split(",", value) : can(regex(local.lists[name], trimspace(entry))) if trimspace(entry) != ""
      ] if contains(keys(local.lists), name)
    ]))
    error_message = "Prices must be models' names and what a million tokens cost, sent, cached and received, as in my-model=0.25:0.025:2, with commas between them."
  }
}

# --- The running of it ---

variable "worker_timeout" {
  description = "Seconds that one delivery of a question may take. The queue hides a question for six times as long."
  type        = number
  default     = 120

  validation {
    condition     = var.worker_timeout >= local.least_worker_timeout && var.worker_timeout <= 900 && floor(var.worker_timeout) == var.worker_timeout
    error_message = "The worker's timeout must be a whole number of seconds from ${local.least_worker_timeout} to 900: ${local.worker_reserve} are kept to save and close an answer."
  }
}

variable "worker_concurrency" {
  description = "Most conversations that are answered at the same time, at most half of them with one person. A young account allows ten executions in all, of which the function that receives events needs some."
  type        = number
  default     = 5

  validation {
    condition     = var.worker_concurrency >= 2 && var.worker_concurrency <= 1000 && floor(var.worker_concurrency) == var.worker_concurrency
    error_message = "The worker's concurrency must be a whole number from 2 to 1000 (SQS event sources allow no less)."
  }
}

variable "events_per_second" {
  description = "Events that the API accepts per second, in bursts twice as many."
  type        = number
  default     = 100

  validation {
    condition     = var.events_per_second >= 1 && var.events_per_second <= 5000 && floor(var.events_per_second) == var.events_per_second
    error_message = "The events per second must be a whole number from 1 to 5000."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the table of conversations. Set it to false and apply before a destroy."
  type        = bool
  default     = true
}

variable "log_level" {
  description = "Least severe log records to keep: DEBUG, INFO, WARNING or ERROR."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(local.choices.LOG_LEVEL, var.log_level)
    error_message = "The log level must be one of ${join(", ", local.choices.LOG_LEVEL)}."
  }
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "The log retention must be one of CloudWatch's periods: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "alarm_email" {
  description = "Address that receives the alarms, once the person there has confirmed it. Null leaves the alarms' topic without a subscriber."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null || can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alarm_email))
    error_message = "The alarm address must be an e-mail address, or null."
  }
}

variable "alarm_daily_tokens" {
  description = "Billed-equivalent tokens of one day above which an alarm is raised: 5 million are some 2,000 questions with the defaults. Null raises none."
  type        = number
  default     = 5000000

  validation {
    condition     = var.alarm_daily_tokens == null ? true : var.alarm_daily_tokens > 0
    error_message = "The alarm on a day's tokens must be above 0, or null."
  }
}

variable "application_insights" {
  description = "Watch the deployment with CloudWatch Application Insights as well."
  type        = bool
  default     = false
}
