locals {
  secrets  = toset(["OpenAiApiKey", "SlackToken", "SlackSigningSecret"])
  switches = toset(["SlackChannel", "SlackContextTeamId", "SlackUserId", "SlackReplyUsername"])
}

resource "aws_ssm_parameter" "secrets" {
  #checkov:skip=CKV_AWS_337:A customer key is the deployment's choice (kms_key_arn); the AWS managed key encrypts otherwise.
  for_each = local.secrets

  name   = "${var.prefix}/${each.key}"
  type   = "SecureString"
  key_id = var.kms_key_arn

  # Write-only: the value is sent when the version changes and is kept nowhere. The version is a number of
  # its own, since one derived from the secret would tell about it in the state.
  value_wo         = var.secrets[each.key]
  value_wo_version = var.secret_versions[each.key]
}

resource "aws_ssm_parameter" "switches" {
  #checkov:skip=CKV2_AWS_34:Names and identifiers, not secrets: an operator should see them at a glance.
  for_each = local.switches

  name = "${var.prefix}/${each.key}"
  type = "String"
  # SSM refuses an empty value; the functions read the hyphen as empty.
  insecure_value = "-"

  lifecycle {
    # Terraform owns the name and the operator owns the value, which has to outlive the next apply.
    ignore_changes = [insecure_value]
  }
}
