# The modules put together: what each function is given and may do. No credentials and no Docker: the
# provider is mocked and the image is given.

mock_provider "aws" {
  source = "./tests/mocks"
}

override_resource {
  target = module.parameters.aws_ssm_parameter.secrets["SlackSigningSecret"]
  values = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/SlackSigningSecret", key_id = "alias/aws/ssm" }
}

override_resource {
  target = module.parameters.aws_ssm_parameter.switches
  values = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-switch" }
}

variables {
  image_uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/bot:v1"
  # Or the end of the tests would be refused.
  deletion_protection  = false
  openai_api_key       = "sk-hush"
  slack_token          = "xoxb-hush"
  slack_signing_secret = "hush-hush"
  slack_client_id      = "1.2"
  slack_client_secret  = "hush-hush-hush"
}

run "events_function_may_read_the_signing_secret_and_the_switches_and_send_questions_and_nothing_else" {
  assert {
    condition = jsondecode(module.events.policy).Statement == [
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:aws:logs:eu-west-1:123456789012:log-group:mocked:*"]
      },
      {
        Sid      = "WriteTraces"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = ["*"]
      },
      {
        Sid    = "ReadParameters"
        Effect = "Allow"
        Action = ["ssm:GetParameters"]
        Resource = [
          "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/SlackSigningSecret",
          "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-switch",
          "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-switch",
          "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-switch",
          "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-switch",
        ]
      },
      {
        Sid      = "SendQuestions"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = ["arn:aws:sqs:eu-west-1:123456789012:mocked.fifo"]
      },
    ]
    error_message = "The events function has another policy: ${module.events.policy}"
  }
}

run "worker_may_take_questions_and_keep_conversations_and_nothing_else" {
  assert {
    condition = {
      for statement in jsondecode(module.worker.policy).Statement : statement.Sid => statement.Action
      } == {
      WriteLogs         = ["logs:CreateLogStream", "logs:PutLogEvents"]
      WriteTraces       = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      ReadParameters    = ["ssm:GetParameters"]
      TakeQuestions     = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      SendDeadLetters   = ["sqs:SendMessage"]
      KeepConversations = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    }
    error_message = "The worker has another policy: ${module.worker.policy}"
  }

  assert {
    condition = [
      for statement in jsondecode(module.worker.policy).Statement : statement.Sid if contains(statement.Resource, "*")
    ] == ["WriteTraces"]
    error_message = "Only traces have no resource to name."
  }
}

run "a_customer_key_adds_the_permission_to_decrypt_with_it" {
  # A deployment of its own: the key of secrets that are there is not changed.
  state_key = "customer_key"

  variables {
    secrets_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1234"
  }

  override_resource {
    target = module.parameters.aws_ssm_parameter.secrets
    values = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-secret", key_id = "arn:aws:kms:eu-west-1:123456789012:key/1234" }
  }

  assert {
    condition = alltrue([
      for policy in [module.events.policy, module.worker.policy] : [
        for statement in jsondecode(policy).Statement : statement.Resource if statement.Action == ["kms:Decrypt"]
      ] == [["arn:aws:kms:eu-west-1:123456789012:key/1234"]]
    ])
    error_message = "Both functions must be able to decrypt with the given key, and with no other."
  }
}

run "one_workspace_has_no_key_no_third_function_and_no_second_way_in" {
  assert {
    condition = (
      length(module.install) + length(module.token_key) == 0 && output.install_url == null && output.token_kms_key == null &&
      !contains(keys(module.worker.environment), "TOKEN_KMS_KEY") && !strcontains(output.slack_manifest, "redirect_urls") &&
      !strcontains(output.deployer_policy, "kms:")
    )
    error_message = "Something of several workspaces is there, and costs."
  }
}

run "several_workspaces_are_installed_by_a_function_of_its_own_and_the_one_that_receives_events_stays_as_it_is" {
  # A deployment of its own: the token of the one workspace is not taken away.
  state_key = "several_workspaces"

  variables {
    several_workspaces = true
  }

  override_resource {
    target = module.parameters.aws_ssm_parameter.secrets
    values = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-secret", key_id = "alias/aws/ssm" }
  }

  assert {
    condition = {
      for statement in jsondecode(module.install[0].policy).Statement : statement.Sid => [statement.Action, statement.Resource]
      if !startswith(statement.Sid, "Write")
      } == {
      ReadParameters = [["ssm:GetParameters"], [
        "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-secret",
        "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-secret",
        "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-switch",
      ]]
      EncryptTokens     = [["kms:Encrypt"], ["arn:aws:kms:eu-west-1:123456789012:key/mocked"]]
      KeepInstallations = [["dynamodb:PutItem"], ["arn:aws:dynamodb:eu-west-1:123456789012:table/mocked"]]
    }
    error_message = "Whoever installs may keep a token and read none: ${module.install[0].policy}"
  }

  assert {
    condition = {
      for statement in jsondecode(module.worker.policy).Statement : statement.Sid => [statement.Action, statement.Resource]
      if contains(["UseTokens", "ForgetDeadLetters", "ForgetWorkspaces"], statement.Sid)
      } == {
      ForgetDeadLetters = [
        ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        ["arn:aws:sqs:eu-west-1:123456789012:mocked.fifo"],
      ]
      UseTokens = [["kms:Decrypt", "kms:Encrypt"], ["arn:aws:kms:eu-west-1:123456789012:key/mocked"]]
      ForgetWorkspaces = [
        ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:Query", "dynamodb:Scan"],
        ["arn:aws:dynamodb:eu-west-1:123456789012:table/mocked", "arn:aws:dynamodb:eu-west-1:123456789012:table/mocked"],
      ]
    }
    error_message = "The worker has another policy: ${module.worker.policy}"
  }

  assert {
    condition     = [for statement in jsondecode(module.events.policy).Statement : statement.Sid] == ["WriteLogs", "WriteTraces", "ReadParameters", "SendQuestions"]
    error_message = "The function that receives events has got rights: ${module.events.policy}"
  }

  assert {
    condition = (
      [for each in [module.worker, module.install[0]] : each.environment.TOKEN_KMS_KEY] == [output.token_kms_key, output.token_kms_key] &&
      output.token_kms_key == "arn:aws:kms:eu-west-1:123456789012:key/mocked" &&
      !contains(keys(module.events.environment), "TOKEN_KMS_KEY")
    )
    error_message = "The two that have to do with tokens are told the key."
  }

  assert {
    condition = [
      output.install_url, jsondecode(output.slack_manifest_json).oauth_config.redirect_urls, output.function_names.install,
      ] == [
      "https://mocked.execute-api.test/slack/install", ["https://mocked.execute-api.test/slack/oauth_redirect"], "slack-gpt-backend-install",
    ]
    error_message = "People and Slack must find the way: ${output.slack_manifest}"
  }

  assert {
    condition = [
      for name in keys(output.parameter_names) : name if startswith(name, "SlackClient") || name == "SlackToken"
    ] == ["SlackClientId", "SlackClientSecret"]
    error_message = "The parameters are ${jsonencode(keys(output.parameter_names))}."
  }
}

run "who_deploys_several_workspaces_may_make_the_key_and_destroy_no_others" {
  state_key = "several_workspaces"

  variables {
    several_workspaces = true
  }

  override_resource {
    target = module.parameters.aws_ssm_parameter.secrets
    values = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-secret", key_id = "alias/aws/ssm" }
  }

  assert {
    condition = {
      for statement in jsondecode(output.deployer_policy).Statement : statement.Sid => try(statement.Condition, null)
      if strcontains(jsonencode(statement.Action), "kms:")
      } == {
      MakeTheTokensKey   = null
      ChangeTheTokensKey = { StringEquals = { "aws:ResourceTag/Project" = "slack-gpt-backend" } }
    }
    error_message = "The deployer's policy is ${output.deployer_policy}"
  }

  assert {
    condition     = contains([for statement in jsondecode(output.operator_policy).Statement : statement.Sid], "UseTokens")
    error_message = "The operator's commands ask Slack with the tokens: ${output.operator_policy}"
  }
}

run "functions_are_told_what_they_need_and_no_secret" {
  variables {
    settings = { OPENAI_BASE_URL = "http://model.test/v1" }
  }

  assert {
    condition = module.events.environment == tomap({
      BOT_LANGUAGE                 = "ja"
      CHAT_MODEL                   = "gpt-5.4-mini"
      CONVERSATION_SCOPE           = "thread"
      LOG_LEVEL                    = "INFO"
      OPENAI_BASE_URL              = "http://model.test/v1"
      PARAMETERS_PREFIX            = "/slack-gpt-backend"
      POWERTOOLS_METRICS_NAMESPACE = "slack-gpt-backend"
      POWERTOOLS_SERVICE_NAME      = "events"
      QUEUE_URL                    = "https://sqs.test/123456789012/mocked.fifo"
      SLACK_AGENT_VIEW             = "true"
      SUMMARY_MODEL                = "gpt-5.4-mini"
    })
    error_message = "The events function has another environment: ${jsonencode(module.events.environment)}"
  }

  assert {
    condition = module.worker.environment == tomap({
      BOT_LANGUAGE                 = "ja"
      CHAT_MODEL                   = "gpt-5.4-mini"
      CONCURRENT_CONVERSATIONS     = "5"
      CONVERSATION_SCOPE           = "thread"
      CONVERSATION_TTL_DAYS        = "90"
      DEAD_LETTER_QUEUE_URL        = "https://sqs.test/123456789012/mocked.fifo"
      LOG_LEVEL                    = "INFO"
      MEMORY_KEEP_TOKENS           = "2000"
      MEMORY_TOKEN_LIMIT           = "4000"
      OPENAI_BASE_URL              = "http://model.test/v1"
      PARAMETERS_PREFIX            = "/slack-gpt-backend"
      POWERTOOLS_METRICS_NAMESPACE = "slack-gpt-backend"
      POWERTOOLS_SERVICE_NAME      = "worker"
      QUEUE_URL                    = "https://sqs.test/123456789012/mocked.fifo"
      REPLY_TOKEN_LIMIT            = "2000"
      SLACK_AGENT_VIEW             = "true"
      SUMMARY_MODEL                = "gpt-5.4-mini"
      SUMMARY_TOKEN_LIMIT          = "1000"
      TABLE_NAME                   = "slack-gpt-backend"
      USAGE_TABLE_NAME             = "slack-gpt-backend-usage"
    })
    error_message = "The worker has another environment: ${jsonencode(module.worker.environment)}"
  }
}

run "an_ordinary_app_is_one_to_both_functions_and_to_slack" {
  variables {
    agent_view = false
  }

  assert {
    condition     = [for function in [module.events, module.worker] : function.environment.SLACK_AGENT_VIEW] == ["false", "false"]
    error_message = "Both functions must know that the app is no agent."
  }

  assert {
    condition     = !strcontains(output.slack_manifest_json, "agent")
    error_message = "The manifest must not make an agent: ${output.slack_manifest_json}"
  }
}

run "slack_finds_the_deployment_by_its_manifest" {
  assert {
    condition = [
      yamldecode(output.slack_manifest).settings.event_subscriptions.request_url,
      jsondecode(output.slack_manifest_json).settings.interactivity.request_url,
      ] == [
      output.events_url, output.events_url,
    ]
    error_message = "Every form of the manifest must have the events URL: ${output.slack_manifest}"
  }

  assert {
    condition     = endswith(output.slack_install_link, replace(urlencode(output.slack_manifest_json), "+", "%20"))
    error_message = "The link must bring the manifest along: ${output.slack_install_link}"
  }

  assert {
    condition     = !strcontains(output.slack_manifest, "chat:write.customize")
    error_message = "No scope for a name that nobody gave."
  }
}

run "the_app_speaks_the_bots_language_and_may_reply_under_a_name_that_is_set" {
  variables {
    bot_language = "en"
    settings     = { SLACK_REPLY_USERNAME = "ポチ" }
  }

  assert {
    condition     = yamldecode(output.slack_manifest).features.shortcuts[0].name == "Show memory"
    error_message = "The shortcuts must have English names: ${output.slack_manifest}"
  }

  assert {
    condition     = contains(yamldecode(output.slack_manifest).oauth_config.scopes.bot, "chat:write.customize")
    error_message = "The scope for another name is missing: ${output.slack_manifest}"
  }
}

run "a_question_stays_hidden_for_six_times_the_workers_timeout" {
  variables {
    worker_timeout = 100
  }

  assert {
    condition     = module.queue.visibility_timeout == 600
    error_message = "The visibility timeout must be 600 s, not ${module.queue.visibility_timeout}."
  }
}

run "five_of_a_young_accounts_ten_executions_are_left_to_the_function_that_receives_events" {
  assert {
    condition     = var.worker_concurrency == 5
    error_message = "The workers may have half of the ten."
  }
}

run "names_follow_the_deployment" {
  # A deployment of its own: the name of one that is there is not changed.
  state_key = "team_bot"

  variables {
    name = "team-bot"
  }

  assert {
    condition = [
      output.function_names, output.table_name, output.usage_table_name, module.queue.name, module.queue.dead_letter_name, output.parameter_names.SlackToken,
      ] == [
      { events = "team-bot-events", worker = "team-bot-worker" }, "team-bot", "team-bot-usage", "team-bot.fifo", "team-bot-dead-letters.fifo", "/team-bot/SlackToken",
    ]
    error_message = "Every name must begin with the deployment's."
  }
}

run "someone_can_go_on_from_the_outputs" {
  assert {
    condition     = can(regex("^https://mocked.execute-api.test/events/[0-9a-f-]{36}$", output.events_url))
    error_message = "The events URL must end in /events/ and what nobody guesses, not ${output.events_url}."
  }

  assert {
    condition     = output.parameter_commands.SlackToken == "PARAMETERS_PREFIX=/slack-gpt-backend .venv/bin/bot secret SlackToken"
    error_message = "The command must ask for the secret: ${output.parameter_commands.SlackToken}"
  }

  assert {
    condition     = output.repository_url == null
    error_message = "A given image needs no repository."
  }
}

run "the_projects_own_image_is_built_when_none_is_given" {
  variables {
    image_uri = null
  }

  # A provisioner would run in earnest; overriding the whole module stops it.
  override_module {
    target = module.image
    outputs = {
      uri            = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/slack-gpt-backend:0123456789abcdef"
      repository_url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/slack-gpt-backend"
    }
  }

  assert {
    condition     = local.image_uri == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/slack-gpt-backend:0123456789abcdef"
    error_message = "The functions must run the image that was built."
  }
}

run "the_policies_of_people_name_this_deployment_and_no_other" {
  assert {
    condition = alltrue([
      for policy in [output.deployer_policy, output.operator_policy] : alltrue([
        for statement in jsondecode(policy).Statement : alltrue([
          for resource in statement.Resource :
          resource == "*" || strcontains(resource, "slack-gpt-backend") || can(regex(":apigateway:|:event-source-mapping:", resource))
        ])
      ])
    ])
    error_message = "A resource is another's: ${output.deployer_policy} ${output.operator_policy}"
  }

  assert {
    condition     = contains(jsondecode(output.operator_policy).Statement[0].Resource, "arn:aws:dynamodb:eu-west-1:123456789012:table/slack-gpt-backend")
    error_message = "The operator must reach the table: ${output.operator_policy}"
  }
}

run "a_customer_key_may_be_used_by_who_deploys_and_who_operates" {
  state_key = "customer_key"

  variables {
    secrets_kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1234"
  }

  override_resource {
    target = module.parameters.aws_ssm_parameter.secrets
    values = { arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/slack-gpt-backend/a-secret", key_id = "arn:aws:kms:eu-west-1:123456789012:key/1234" }
  }

  assert {
    condition = alltrue([
      for policy in [output.deployer_policy, output.operator_policy] :
      strcontains(policy, "kms:Encrypt") && strcontains(policy, "arn:aws:kms:eu-west-1:123456789012:key/1234")
    ])
    error_message = "Both must be able to write secrets with the key."
  }
}
