"""Notes for tests."""

from domain.conversations.notes import Note, Notes


def notes(*texts: str) -> Notes:
    """A note of each text, with a token a character."""
    return tuple(Note(text, len(text)) for text in texts)


def texts(notes: Notes) -> list[str]:
    return [each.text for each in notes]
