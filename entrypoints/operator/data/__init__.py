"""Commands that take what the bot keeps elsewhere, bring it back or delete it."""
