"""Names by which a model tells people apart: no two people in one conversation look alike to it, nor like the bot."""

import re
import unicodedata
from collections.abc import Collection

from domain.invisible import without_invisible

NAME_LIMIT = 80
"""Characters of a name, as many as Slack allows a display name."""

_LOOK_ALIKES = str.maketrans(
    "il1|0аеорсухіѕјвкмнтαορνικτυβηχεニカロエタトハへり一",
    "lllloaeopcyxlsjbkmhtaopvlktubnxe二力口工夕卜八ヘリー",
)
"""Letters that are drawn nearly alike, each with the one that it is taken for: among them Cyrillic, Greek and kana."""

_ID = re.compile(r"[UW][A-Z0-9]{4,}")


def skeleton(name: str) -> str:
    """What is left of a name when everything that a reader may overlook is taken away."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(each for each in without_invisible(text) if each.isalnum()).translate(_LOOK_ALIKES)


RESERVED = frozenset(map(skeleton, ("AI", "assistant", "bot", "system", "user", "developer", "tool")))
"""Names of the bot and of other roles in prompts."""


def distinct_name(person: str, name: str, others: Collection[str]) -> str:
    """The name by which the model knows this person, in a conversation with people of these other names.

    The person's id follows a name that is another's or a role's, that looks like one, or that contains an id. Where no
    name is known it is the id, unless nobody else speaks.
    """
    cleaned = " ".join("".join(each if each.isprintable() else " " for each in name).split())[:NAME_LIMIT]
    if not cleaned:
        return person if others else ""
    taken = RESERVED.union(map(skeleton, others))
    is_clear = skeleton(cleaned) not in taken and skeleton(cleaned) and not _ID.search(_plain(cleaned))
    return cleaned if is_clear else f"{cleaned} ({person})"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).upper()
