# What people and programs beside the functions may do: who deploys, and who operates. Outputs print both.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  of_this_deployment = {
    name      = var.name
    account   = data.aws_caller_identity.current.account_id
    partition = data.aws_partition.current.partition
    region    = data.aws_region.current.id
  }

  # Only where a customer managed key encrypts the secrets: the AWS managed one lets whoever may use a parameter use it.
  use_secrets_key = [for arn in var.secrets_kms_key_arn[*] : {
    Sid      = "UseTheSecretsKey"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
    Resource = [arn]
  }]
  make_application_insights = [for asked in [var.application_insights] : {
    Sid      = "MakeApplicationInsights"
    Effect   = "Allow"
    Action   = ["applicationinsights:*", "iam:CreateServiceLinkedRole"]
    Resource = ["*"]
  } if asked]

  make_token_key = [for statement in jsondecode(templatefile("${path.module}/policies/several_workspaces.json", local.of_this_deployment)).Statement :
    statement if var.several_workspaces
  ]
  # Whoever asks Slack with a token that has expired gets the next one, and keeps it.
  use_tokens = [for arn in module.token_key[*].arn : {
    Sid      = "UseTokens"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:Encrypt"]
    Resource = [arn]
  }]

  policies = {
    for role, further in {
      operator = concat(local.use_secrets_key, local.use_tokens)
      deployer = concat(local.use_secrets_key, local.make_application_insights, local.make_token_key)
      } : role => jsonencode({
        Version   = "2012-10-17"
        Statement = concat(jsondecode(templatefile("${path.module}/policies/${role}.json", local.of_this_deployment)).Statement, further)
    })
  }
}
