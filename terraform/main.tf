locals {
  # The resource group and Application Insights find the deployment by its `Project` tag.
  tags = merge(var.tags, { Project = var.name, ManagedBy = "terraform" })

  image_uri = coalesce(var.image_uri, one(module.image[*].uri))

  install_secrets = var.several_workspaces ? ["SlackClientId", "SlackClientSecret"] : []

  # What the two functions that have to do with tokens of several workspaces are told.
  token_key_setting = { for name, arn in { TOKEN_KMS_KEY = one(module.token_key[*].arn) } : name => arn if var.several_workspaces }

  # Each function may read what it needs: SSM checks GetParameters name by name.
  parameter_statements = {
    for function, arns in {
      events = concat(
        [module.parameters.secret_arns.SlackSigningSecret],
        [for name, arn in module.parameters.switch_arns : arn if startswith(name, "Slack")] # the others are limits
      )
      worker  = concat(values(module.parameters.secret_arns), values(module.parameters.switch_arns))
      install = concat([for name in local.install_secrets : module.parameters.secret_arns[name]], [module.parameters.switch_arns.SlackContextTeamId])
      } : function => concat(
      [{
        sid       = "ReadParameters"
        actions   = ["ssm:GetParameters"]
        resources = arns
      }],
      # The AWS managed key already lets whoever may read a parameter decrypt it.
      [for arn in var.secrets_kms_key_arn[*] : {
        sid       = "DecryptParameters"
        actions   = ["kms:Decrypt"]
        resources = [arn]
      }],
    )
  }
}

module "image" {
  source = "./modules/image"
  count  = var.image_uri == null ? 1 : 0

  name         = var.name
  source_root  = "${path.module}/.."
  architecture = var.architecture
  base_image   = var.base_image

  tags = local.tags
}

module "parameters" {
  source = "./modules/parameters"

  prefix = local.parameters_prefix
  secrets = {
    OpenAiApiKey       = var.openai_api_key
    SlackToken         = var.slack_token
    SlackSigningSecret = var.slack_signing_secret
    SlackClientId      = var.slack_client_id
    SlackClientSecret  = var.slack_client_secret
  }
  several_workspaces = var.several_workspaces
  kms_key_arn        = var.secrets_kms_key_arn

  tags = local.tags
}

module "api" {
  source = "./modules/api"

  name                = var.name
  function_name       = module.events.name
  function_invoke_arn = module.events.invoke_arn
  install_function    = one([for each in module.install : { name = each.name, invoke_arn = each.invoke_arn }])
  requests_per_second = var.events_per_second
  log_retention_days  = var.log_retention_days

  tags = local.tags
}

module "manifest" {
  source = "./modules/manifest"

  parts_file   = "${path.module}/../entrypoints/manifest.json"
  events_url   = module.api.events_url
  redirect_url = module.api.redirect_url
  language     = var.bot_language
  agent_view   = var.agent_view
  # What an operator writes into SSM is not Terraform's to know.
  reply_username = trimspace(lookup(var.settings, "SLACK_REPLY_USERNAME", "")) != ""
}

module "events" {
  source = "./modules/function"

  name         = "${var.name}-events"
  description  = "Verifies Slack's events and puts questions on the queue."
  image_uri    = local.image_uri
  architecture = var.architecture
  command      = ["entrypoints.lambda_events.handler"]
  timeout      = 10
  # CPU comes in proportion to memory, and a cold start has to fit into the 3 seconds that Slack waits.
  memory_size = 1024

  environment = merge(var.settings, local.common_settings, {
    POWERTOOLS_SERVICE_NAME = "events"
    QUEUE_URL               = module.queue.url
  })

  statements = concat(local.parameter_statements.events, [{
    sid       = "SendQuestions"
    actions   = ["sqs:SendMessage"]
    resources = [module.queue.arn]
  }])

  log_retention_days = var.log_retention_days

  tags = local.tags
}

module "queue" {
  source = "./modules/queue"

  name               = var.name
  worker_arn         = module.worker.arn
  worker_timeout     = var.worker_timeout
  worker_concurrency = var.worker_concurrency

  tags = local.tags
}

module "worker" {
  source = "./modules/function"

  name         = "${var.name}-worker"
  description  = "Answers the questions of the queue."
  image_uri    = local.image_uri
  architecture = var.architecture
  command      = ["entrypoints.lambda_worker.handler"]
  timeout      = var.worker_timeout
  # Under 220 MB are used; the rest buys the CPU that imports the SDKs before the first word.
  memory_size = 1024

  environment = merge(var.settings, local.common_settings, local.memory_settings, {
    POWERTOOLS_SERVICE_NAME = "worker"
    QUEUE_URL               = module.queue.url
    DEAD_LETTER_QUEUE_URL   = module.queue.dead_letter_url
    TABLE_NAME              = module.table.name
    USAGE_TABLE_NAME        = module.table.usage_name
    # One person has at most half of them. The setting ends at 256.
    CONCURRENT_CONVERSATIONS = min(var.worker_concurrency, 256)
  }, local.token_key_setting)

  statements = concat(local.parameter_statements.worker, [
    {
      sid = "TakeQuestions"
      actions = [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
      ]
      resources = [module.queue.arn]
    },
    {
      # Dead letters, apologies to people who could not be told when their question became one, and conversations to
      # condense.
      sid       = "SendDeadLetters"
      actions   = ["sqs:SendMessage"]
      resources = [module.queue.arn, module.queue.dead_letter_arn]
    },
    {
      sid = "KeepConversations"
      actions = [
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem", # when a person asked lately: entries of a set; and the sums of the ledger
      ]
      resources = [module.table.arn, module.table.usage_arn]
    },
    ], [
    # Tokens are read by whoever answers, and renewed where Slack rotates them.
    for arn in module.token_key[*].arn : {
      sid       = "UseTokens"
      actions   = ["kms:Decrypt", "kms:Encrypt"]
      resources = [arn]
    }
    ], [
    # Where a workspace removes the app its installation goes, and all that is remembered of it.
    for arns in [[module.table.arn, module.table.usage_arn]] : {
      sid       = "ForgetWorkspaces"
      actions   = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:Query", "dynamodb:Scan"]
      resources = arns
    } if var.several_workspaces
    ], [
    for arn in [module.queue.dead_letter_arn] : {
      sid       = "ForgetDeadLetters"
      actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      resources = [arn]
    } if var.several_workspaces
  ])

  log_retention_days = var.log_retention_days

  tags = local.tags
}

module "install" {
  source = "./modules/function"
  count  = var.several_workspaces ? 1 : 0

  name         = "${var.name}-install"
  description  = "Installs the Slack app in further workspaces and keeps their tokens."
  image_uri    = local.image_uri
  architecture = var.architecture
  command      = ["entrypoints.lambda_install.handler"]
  timeout      = 29 # API Gateway waits 30
  # A person waits for the page, from cold each time.
  memory_size = 1024

  environment = merge(var.settings, local.common_settings, {
    POWERTOOLS_SERVICE_NAME = "install"
    TABLE_NAME              = module.table.name
  }, local.token_key_setting)

  statements = concat(local.parameter_statements.install, [
    {
      sid       = "EncryptTokens"
      actions   = ["kms:Encrypt"]
      resources = module.token_key[*].arn
    },
    {
      sid       = "KeepInstallations"
      actions   = ["dynamodb:PutItem"]
      resources = [module.table.arn]
    },
  ])

  log_retention_days = var.log_retention_days

  tags = local.tags
}

module "token_key" {
  source = "./modules/token_key"
  count  = var.several_workspaces ? 1 : 0

  name = var.name

  tags = local.tags
}

module "table" {
  source = "./modules/table"

  name                = var.name
  deletion_protection = var.deletion_protection

  tags = local.tags
}

module "observability" {
  source = "./modules/observability"

  name = var.name

  events_function_name = module.events.name
  worker_function_name = module.worker.name
  # An answer that takes all the time it has leaves the reserve untouched.
  worker_duration_limit  = var.worker_timeout - local.worker_reserve / 2
  api_id                 = module.api.id
  table_name             = module.table.name
  queue_name             = module.queue.name
  dead_letter_queue_name = module.queue.dead_letter_name
  # Older than a question whose worker was killed and whose second delivery took all its time.
  question_age_limit = module.queue.visibility_timeout + var.worker_timeout

  alarm_email          = var.alarm_email
  alarm_daily_tokens   = var.alarm_daily_tokens
  application_insights = var.application_insights

  tags = local.tags
}

module "protection" {
  source = "./modules/protection"

  name                = var.name
  deletion_protection = var.deletion_protection

  depends_on = [
    module.api, module.events, module.image, module.install, module.observability, module.parameters, module.queue, module.table,
    module.token_key, module.worker,
  ]
}
