# entrypoints/manifest.py makes the same from the same file; tests/entrypoints/test_manifest.py compares the two.

locals {
  parts = jsondecode(file(var.parts_file))

  switches = {
    "agent view"         = var.agent_view
    "reply username"     = var.reply_username
    "catching up"        = var.events_url == null
    "several workspaces" = var.redirect_url != null
  }
  off = [for feature, on in local.switches : feature if !on]

  # A loop instead of a condition: both sides of a condition must have one type.
  request_url   = { for field, url in { request_url = var.events_url } : field => url if url != null }
  redirect_urls = { for field, url in { redirect_urls = var.redirect_url } : field => [url] if url != null }
  command_url   = { for field, url in { url = var.events_url } : field => url if url != null }

  display_information = {
    for field, value in local.parts.display_information : field => try(value[var.language], value)
  }

  agent_view = {
    agent_description = local.parts.agent_view.agent_description[var.language]
    suggested_prompts = [
      for prompt in local.parts.agent_view.suggested_prompts : { for field, value in prompt : field => value[var.language] }
    ]
  }

  # What an entry says in both languages is said in one, and its feature and reason are not for Slack.
  entries = {
    for list in ["slash_commands", "shortcuts"] : list => [
      for entry in local.parts[list] : {
        for field, value in entry : field => try(value[var.language], value) if !contains(["feature", "reason"], field)
      }
    ]
  }

  names = {
    for list in ["scopes", "events"] : list => [
      for entry in local.parts[list] : entry.name if !contains(local.off, entry.feature)
    ]
  }

  manifest = {
    display_information = local.display_information
    features = merge(
      local.parts.features,
      { for feature, view in { agent_view = local.agent_view } : feature => view if var.agent_view },
      {
        slash_commands = [for command in local.entries.slash_commands : merge(command, local.command_url)]
        shortcuts      = local.entries.shortcuts
      },
    )
    oauth_config = merge(local.redirect_urls, { scopes = { bot = local.names.scopes } })
    settings = merge(local.parts.settings, {
      event_subscriptions = merge(local.request_url, { bot_events = local.names.events })
      interactivity       = merge(local.request_url, { is_enabled = true })
      socket_mode_enabled = var.events_url == null
    })
  }
}
