"""Words that inspect or change the memory, and what they do."""
