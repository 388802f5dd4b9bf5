"""What Slack sends to the bot: events, commands, clicks, by HTTP or Socket Mode."""
