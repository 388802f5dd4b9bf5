"""Channels of their own: what holds in one channel in place of the bot's settings, and who may change it."""
