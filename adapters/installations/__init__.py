"""Installations of the app in several workspaces, in slack_sdk's shape. Their tokens are stored encrypted."""
