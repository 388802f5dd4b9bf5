"""The Slack messages of a reply: how each begins, changes and ends, and their order."""
