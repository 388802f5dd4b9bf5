"""What a conversation is, whose it is, and how a change of it is saved."""
