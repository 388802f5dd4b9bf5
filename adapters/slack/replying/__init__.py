"""Replies: streamed, edited or ephemeral messages, within Slack's limits."""
