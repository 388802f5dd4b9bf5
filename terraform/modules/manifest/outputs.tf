output "yaml" {
  description = "The manifest in YAML."
  value       = yamlencode(local.manifest)
}

output "json" {
  description = "The manifest in JSON."
  value       = jsonencode(local.manifest)
}

output "install_link" {
  description = "Slack's page that makes an app, with the manifest filled in."
  # urlencode writes a space as a plus, which not every reader of an address takes for one.
  value = "https://api.slack.com/apps?new_app=1&manifest_json=${replace(urlencode(jsonencode(local.manifest)), "+", "%20")}"
}
