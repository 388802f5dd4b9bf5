"""Ids of Slack and what they are called there, for commands that take or print them."""
