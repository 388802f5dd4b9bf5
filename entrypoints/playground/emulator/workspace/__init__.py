"""The emulated workspace: who is there, what is posted, and what Slack allows."""
