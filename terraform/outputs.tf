output "slack_install_link" {
  description = "Slack's page that makes the app, with the manifest of this deployment filled in."
  value       = module.manifest.install_link
}

output "slack_manifest" {
  description = "The app's manifest in YAML: what the app may do, and the events URL."
  value       = module.manifest.yaml
}

output "slack_manifest_json" {
  description = "The same in JSON."
  value       = module.manifest.json
}

output "events_url" {
  description = "Address to which Slack posts events, clicks and commands; the manifest has it."
  value       = module.api.events_url
}

output "install_url" {
  description = "Page on which people install the app in their workspace; null without `several_workspaces`."
  value       = module.api.install_url
}

output "token_kms_key" {
  description = "ARN of the key of the workspaces' tokens, for the operator's TOKEN_KMS_KEY; null without `several_workspaces`."
  value       = one(module.token_key[*].arn)
}

output "parameters_prefix" {
  description = "SSM path of the secrets and switches, for the operator's PARAMETERS_PREFIX."
  value       = local.parameters_prefix
}

output "parameter_names" {
  description = "SSM names of the secrets and of the operator's switches."
  value       = module.parameters.names
}

output "parameter_commands" {
  description = "Commands that ask for a parameter's value and set it. A new value takes effect within minutes, without an apply."
  value       = module.parameters.commands
}

output "dashboard_url" {
  description = "CloudWatch dashboard of the deployment."
  value       = module.observability.dashboard_url
}

output "table_name" {
  description = "DynamoDB table of the conversations and votes."
  value       = module.table.name
}

output "usage_table_name" {
  description = "DynamoDB table of the ledger."
  value       = module.table.usage_name
}

output "queue_url" {
  description = "Queue of the questions."
  value       = module.queue.url
}

output "dead_letter_queue_url" {
  description = "Queue of the questions that could not be answered, from where they can be replayed."
  value       = module.queue.dead_letter_url
}

output "function_names" {
  description = "Names of the functions."
  value = merge(
    { events = module.events.name, worker = module.worker.name },
    { for each in module.install : "install" => each.name },
  )
}

output "repository_url" {
  description = "ECR repository of the image; null where `image_uri` was given."
  value       = one(module.image[*].repository_url)
}

output "deployer_policy" {
  description = "What an apply and a destroy of this deployment need, as a JSON policy of IAM. A plan prints it before the first apply."
  value       = local.policies.deployer
}

output "operator_policy" {
  description = "What the commands of `bot` need on this deployment, as a JSON policy of IAM."
  value       = local.policies.operator
}
