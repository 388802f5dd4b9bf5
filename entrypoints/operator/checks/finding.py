"""What a check has found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part, and how to mend it where it is not ``ok``."""

    part: str
    ok: bool
    what: str
    mend: str = ""
