"""Receives events, slash commands and interactions from Slack, by HTTP or Socket Mode."""
