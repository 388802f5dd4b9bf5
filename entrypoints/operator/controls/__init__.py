"""Commands that change what the bot may do: its limits, a channel's settings, and the parameters of AWS."""
