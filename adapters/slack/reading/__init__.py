"""Resolves a question: user names for ids, plain text for mrkdwn, and the files beside it."""
