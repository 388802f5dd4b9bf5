locals {
  # With several workspaces each has a token of its own, which is not here.
  secrets = toset(concat(
    ["OpenAiApiKey", "SlackSigningSecret"],
    var.several_workspaces ? ["SlackClientId", "SlackClientSecret"] : ["SlackToken"],
  ))
  switches = toset([
    "SlackChannel", "SlackContextTeamId", "SlackUserId", "SlackReplyUsername",
    "MonthlyTokenBudgetPerUser", "MonthlyTokenBudgetPerChannel", "MonthlyTokenBudgetPerTeam", "QuestionsPerMinute",
  ])
}

resource "aws_ssm_parameter" "secrets" {
  #checkov:skip=CKV_AWS_337:A customer key is the deployment's choice (kms_key_arn); the AWS managed key encrypts otherwise.
  for_each = local.secrets

  name   = "${var.prefix}/${each.key}"
  type   = "SecureString"
  key_id = var.kms_key_arn

  # Write-only: the value is sent once and is kept nowhere.
  value_wo         = var.secrets[each.key]
  value_wo_version = 1

  tags = var.tags

  lifecycle {
    # Terraform makes a secret and leaves it alone from then on. Whatever else it changed (the key, the version), the
    # provider would send the value along that the variable has by then: the placeholder, over a live secret.
    ignore_changes = all

    postcondition {
      condition     = self.name == "${var.prefix}/${each.key}"
      error_message = "This deployment was made under another name: ${self.name} is there, not ${var.prefix}/${each.key}. A changed name would replace its table, queues and secrets. For a second deployment use a state of its own, such as a workspace; for a new name destroy this one first."
    }

    postcondition {
      condition     = self.key_id == coalesce(var.kms_key_arn, "alias/aws/ssm")
      error_message = "${self.name} is encrypted with ${self.key_id}, and Terraform never writes a secret again. Set it with the new key first: PARAMETERS_PREFIX=${var.prefix} .venv/bin/bot secret ${each.key} --kms-key ${coalesce(var.kms_key_arn, "alias/aws/ssm")}"
    }
  }
}

resource "aws_ssm_parameter" "switches" {
  #checkov:skip=CKV2_AWS_34:Names and identifiers, not secrets: an operator should see them at a glance.
  for_each = local.switches

  name = "${var.prefix}/${each.key}"
  type = "String"
  # SSM refuses an empty value; the functions read the hyphen as empty.
  insecure_value = "-"

  tags = var.tags

  lifecycle {
    # Terraform owns the name and the operator owns the value, which has to outlive the next apply.
    ignore_changes = [insecure_value]
  }
}
