"""How the last message of a reply ends."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ending:
    """What the last message of a reply ends with besides words: blocks below them, and its session's next status."""

    blocks: tuple[dict[str, Any], ...] = ()
    session: str | None = None


NO_ENDING = Ending()
