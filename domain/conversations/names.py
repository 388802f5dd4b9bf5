"""Names by which a model tells people apart: no two people in one conversation look alike to it, nor like the bot."""

import re
import unicodedata
from collections.abc import Collection

from domain.texts.invisible import without_invisible

NAME_LIMIT = 80
"""Characters of a name, as many as Slack allows a display name."""

_LOOK_ALIKES = str.maketrans(
    "il1|0аеорсухіѕјвкмнтαορνικτυβηχεニカロエタトハへり一",
    "lllloaeopcyxlsjbkmhtaopvlktubnxe二力口工夕卜八ヘリー",
)
"""Letters that are drawn nearly alike, each with the one that it is taken for: among them Cyrillic, Greek and kana."""

_ID = re.compile(r"[UW](?=[A-Z]*[0-9])[A-Z0-9]{4,}")
"""With a digit, as Slack's ids have one: Suzuki, Kawabata and William are none."""

_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "COPTIC", "CHEROKEE", "LISU", "DESERET", "ARMENIAN", "GEORGIAN", "HEBREW")
"""Alphabets with letters that are drawn like another's, by the first word of their letters' names in Unicode."""

_DRAWN_LIKE_LATIN = ("COPTIC", "CHEROKEE", "LISU", "DESERET", "LATIN LETTER SMALL CAPITAL", "LATIN SMALL LETTER ALPHA")
"""Beginnings of the names of letters of which nearly every one is."""


def skeleton(name: str) -> str:
    """What is left of a name when everything that a reader may overlook is taken away."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(each for each in without_invisible(text) if each.isalnum()).translate(_LOOK_ALIKES)


RESERVED = frozenset(map(skeleton, ("AI", "assistant", "bot", "system", "user", "developer", "tool")))
"""Names of the bot and of other roles in prompts."""


def distinct_name(person: str, name: str, others: Collection[str]) -> str:
    """The name by which the model knows this person, in a conversation with people of these other names.

    The person's id follows a name that is another's or a role's, that looks like one, that contains an id, or whose
    letters are of several alphabets. Where no name is known it is the id, unless nobody else speaks.
    """
    cleaned = " ".join("".join(each if each.isprintable() else " " for each in name).split())[:NAME_LIMIT]
    if not cleaned:
        return person if others else ""
    taken = RESERVED.union(map(skeleton, others))
    is_unique = skeleton(cleaned) not in taken and skeleton(cleaned)
    is_clear = is_unique and not _ID.search(_plain(cleaned)) and not _has_mixed_letters(cleaned)
    return cleaned if is_clear else f"{cleaned} ({person})"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).upper()


def _has_mixed_letters(name: str) -> bool:
    """May letters of one alphabet stand for those of another? No table of look-alikes has them all."""
    names = [unicodedata.name(each, "") for each in unicodedata.normalize("NFKC", name) if each.isalpha()]
    alphabets = {each.partition(" ")[0] for each in names}.intersection(_ALPHABETS)
    return len(alphabets) > 1 or any(each.startswith(_DRAWN_LIKE_LATIN) for each in names)
