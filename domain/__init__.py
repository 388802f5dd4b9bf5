"""What the bot is, in the standard library alone: questions, turns, memory, and the ports it speaks through."""
