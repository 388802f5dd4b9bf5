variables {
  parts_file = "../../../entrypoints/manifest.json"
}

run "without_an_events_url_the_app_connects_by_socket_mode" {
  assert {
    condition     = jsondecode(output.json).settings.socket_mode_enabled && !strcontains(output.json, "url")
    error_message = "Socket Mode has no addresses: ${output.json}"
  }
}

run "slack_posts_events_clicks_and_commands_to_one_address" {
  variables {
    events_url = "https://bot.test/events"
  }

  assert {
    condition = [
      jsondecode(output.json).settings.event_subscriptions.request_url,
      jsondecode(output.json).settings.interactivity.request_url,
      jsondecode(output.json).features.slash_commands[0].url,
    ] == [var.events_url, var.events_url, var.events_url]
    error_message = "An address is missing: ${output.json}"
  }

  assert {
    condition     = !jsondecode(output.json).settings.socket_mode_enabled
    error_message = "With an address there is no Socket Mode."
  }
}

run "slack_sends_the_browser_back_to_the_address_that_is_given_and_to_no_other" {
  variables {
    redirect_url = "https://bot.test/slack/oauth_redirect"
  }

  assert {
    condition     = jsondecode(output.json).oauth_config.redirect_urls == ["https://bot.test/slack/oauth_redirect"]
    error_message = "The redirect URL is missing: ${output.json}"
  }
}

run "an_app_that_is_no_agent_has_nothing_of_one" {
  variables {
    agent_view = false
  }

  assert {
    condition     = !strcontains(output.json, "agent") && !strcontains(output.json, "assistant:write")
    error_message = "There is something of an agent: ${output.json}"
  }
}

run "yaml_json_and_link_say_the_same" {
  assert {
    condition     = yamldecode(output.yaml) == jsondecode(output.json)
    error_message = "The YAML is ${output.yaml}"
  }

  assert {
    condition     = output.install_link == "https://api.slack.com/apps?new_app=1&manifest_json=${replace(urlencode(output.json), "+", "%20")}"
    error_message = "The link is ${output.install_link}"
  }

  assert {
    condition     = can(regex("^[A-Za-z0-9:/?=&_.~%-]+$", output.install_link))
    error_message = "The link must survive being copied: ${output.install_link}"
  }
}

run "what_is_no_address" {
  command = plan

  variables {
    events_url = "bot.test/events"
  }

  expect_failures = [var.events_url]
}

run "a_redirect_url_that_is_no_address" {
  command = plan

  variables {
    redirect_url = "bot.test/slack/oauth_redirect"
  }

  expect_failures = [var.redirect_url]
}

run "wrong_language" {
  command = plan

  variables {
    language = "fr"
  }

  expect_failures = [var.language]
}
