"""Ways to remember a conversation, side by side."""
