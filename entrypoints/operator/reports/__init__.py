"""Commands that say what has happened: to one question, in a month, by votes, or right now."""
