variable "name" {
  description = "Name of the deployment: prefix of every resource's name, of the SSM path and of the metrics."
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
  description = "OpenAI's API key. The placeholder means that the operator sets it in SSM later."
  type        = string
  default     = "placeholder"
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.openai_api_key) > 0
    error_message = "The OpenAI API key must not be empty; leave it out to set it in SSM later."
  }
}

variable "slack_token" {
  description = "Slack's bot token (xoxb-…). The placeholder means that the operator sets it in SSM later."
  type        = string
  default     = "placeholder"
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = can(regex("^(placeholder|xoxb-.+)$", var.slack_token))
    error_message = "The Slack token must be a bot token, which begins with \"xoxb-\"; leave it out to set it in SSM later."
  }
}

variable "slack_signing_secret" {
  description = "Slack's signing secret. The placeholder means that the operator sets it in SSM later."
  type        = string
  default     = "placeholder"
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.slack_signing_secret) > 0
    error_message = "The Slack signing secret must not be empty; leave it out to set it in SSM later."
  }
}

variable "secret_versions" {
  description = "Raise a secret's number to have the next apply write it again from its variable."
  type = object({
    openai_api_key       = optional(number, 1)
    slack_token          = optional(number, 1)
    slack_signing_secret = optional(number, 1)
  })
  default = {}

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : version >= 1 && floor(version) == version])
    error_message = "Each secret version must be a whole number from 1."
  }
}

variable "secrets_kms_key_arn" {
  description = "Customer managed KMS key that encrypts the secrets in SSM. Null takes the AWS managed one."
  type        = string
  default     = null

  validation {
    condition     = var.secrets_kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.secrets_kms_key_arn))
    error_message = "The KMS key must be given by its key ARN (arn:aws:kms:region:account:key/id), not by an alias."
  }
}

# --- The bot ---

variable "bot_language" {
  description = "Language of the prompts and of the bot's own sentences: ja or en."
  type        = string
  default     = "ja"

  validation {
    condition     = contains(["ja", "en"], var.bot_language)
    error_message = "The bot's language must be \"ja\" or \"en\"."
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
    condition     = contains(["thread", "channel"], var.conversation_scope)
    error_message = "The conversation scope must be \"thread\" or \"channel\"."
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
    condition     = var.reply_token_limit >= 1 && floor(var.reply_token_limit) == var.reply_token_limit
    error_message = "The reply's token limit must be a whole number from 1."
  }
}

variable "memory_token_limit" {
  description = "Tokens of remembered messages beyond which the oldest are condensed."
  type        = number
  default     = 4000

  validation {
    condition     = var.memory_token_limit >= 1 && floor(var.memory_token_limit) == var.memory_token_limit
    error_message = "The memory's token limit must be a whole number from 1."
  }
}

variable "memory_keep_tokens" {
  description = "Tokens of remembered messages that a condensation keeps word for word."
  type        = number
  default     = 2000

  validation {
    condition     = var.memory_keep_tokens >= 0 && floor(var.memory_keep_tokens) == var.memory_keep_tokens && var.memory_keep_tokens < var.memory_token_limit
    error_message = "The tokens to keep must be a whole number from 0 and less than memory_token_limit."
  }
}

variable "summary_token_limit" {
  description = "Most tokens of a conversation's summary."
  type        = number
  default     = 1000

  validation {
    condition     = var.summary_token_limit >= 1 && floor(var.summary_token_limit) == var.summary_token_limit
    error_message = "The summary's token limit must be a whole number from 1."
  }
}

variable "conversation_ttl_days" {
  description = "Days of silence after which a conversation is forgotten."
  type        = number
  default     = 90

  validation {
    condition     = var.conversation_ttl_days >= 1 && floor(var.conversation_ttl_days) == var.conversation_ttl_days
    error_message = "The conversation's TTL must be a whole number of days from 1."
  }
}

variable "settings" {
  description = "Further environment variables of both functions, such as OPENAI_BASE_URL or BOT_PERSONA. Never secrets: those belong into SSM."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "The settings' names must be upper-case letters, digits and underscores, and begin with a letter."
  }

  validation {
    condition     = alltrue([for name in keys(var.settings) : !can(regex("(TOKEN|SECRET|KEY|KEY_ID|PASSWORD)$", name))])
    error_message = "The settings must not contain secrets (names that end in TOKEN, SECRET, KEY, KEY_ID or PASSWORD, such as SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET or OPENAI_API_KEY): the functions read these from SSM."
  }

  validation {
    condition     = length(setintersection(keys(var.settings), local.own_settings)) == 0
    error_message = "The settings must not contain what is set elsewhere: ${join(", ", sort(local.own_settings))}. Use the Terraform variable of that name where there is one."
  }
}

# --- The running of it ---

variable "worker_timeout" {
  description = "Seconds that one delivery of a question may take. The queue hides a question for six times as long."
  type        = number
  default     = 120

  validation {
    condition     = var.worker_timeout >= 10 && var.worker_timeout <= 900 && floor(var.worker_timeout) == var.worker_timeout
    error_message = "The worker's timeout must be a whole number of seconds from 10 to 900."
  }
}

variable "worker_concurrency" {
  description = "Most conversations that are answered at the same time."
  type        = number
  default     = 10

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
  description = "Least severe log records to keep: DEBUG, INFO, WARNING, ERROR or CRITICAL."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], var.log_level)
    error_message = "The log level must be \"DEBUG\", \"INFO\", \"WARNING\", \"ERROR\" or \"CRITICAL\"."
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
  description = "Address that receives the alarms. Null shows them on the dashboard only."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null || can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alarm_email))
    error_message = "The alarm address must be an e-mail address, or null."
  }
}

variable "application_insights" {
  description = "Watch the deployment with CloudWatch Application Insights as well."
  type        = bool
  default     = true
}
