"""What the log may say of an error: no people's texts and no secrets."""

import traceback

from domain.errors import AnsweringError


def evidence(error: BaseException) -> str:
    """What the log may say of an error: the messages of our own, and of others only type and place."""
    if isinstance(error, AnsweringError):
        said = f"{type(error).__name__}: {error}"
    else:
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        said = " ".join([type(error).__name__, *(f"{each.name}:{each.lineno}" for each in frames)])
    return f"{said} ← {evidence(error.__cause__)}" if error.__cause__ else said
