"""The installation of the app in several workspaces by Slack's OAuth flow, without any web framework."""

from adapters.slack.installing.installing import Installing
from adapters.slack.installing.pages import Page

__all__ = ["Installing", "Page"]
