"""Forgetting a person, a channel, a team or one conversation: what there is of it, and how it goes."""
