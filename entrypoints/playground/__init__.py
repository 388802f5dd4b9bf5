"""The playground: the bot in a made-up Slack, on one machine, with its memory in view."""

from entrypoints.playground.page.server import Playground

__all__ = ["Playground"]
