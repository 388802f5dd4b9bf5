"""Slack, in and out: events that become questions, and messages in which answers appear."""
