"""Numbers with the words for what is counted, in the log and in the operator's commands."""


def counted(number: int, one: str, many: str = "") -> str:
    """``1 row``, ``2 rows``, ``2,000 rows``; ``many`` is for words whose plural takes more than an s."""
    return f"{number:,} {plural(number, one, many)}"


def plural(number: int, one: str, many: str = "") -> str:
    """The word for so many."""
    return one if number == 1 else many or f"{one}s"
