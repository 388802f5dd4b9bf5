"""What the Slack app may do: the entries of ``entrypoints/manifest.json``, with their features and reasons.

The file has them in English. Their Japanese words are those of the page.
"""

from collections.abc import Callable
from functools import partial

from docs.reference.tables import MissingWords, Row, rows, table
from entrypoints import manifest

HEADS = {
    "en": {"scopes": "scope", "events": "event", "slash_commands": "command", "shortcuts": "message shortcut"},
    "ja": {
        "scopes": "権限",
        "events": "イベント",
        "slash_commands": "コマンド",
        "shortcuts": "メッセージのショートカット",
    },
}
OTHERS = {"en": ("feature", "reason"), "ja": ("機能", "理由")}
NAMES = {"scopes": "name", "events": "name", "slash_commands": "command", "shortcuts": "callback_id"}


def _entries(kind: str, language: str, present: str) -> str:
    words = rows(present)

    def row(entry: manifest.Manifest) -> Row:
        name = f"`{entry[NAMES[kind]]}`"
        if language == "en":
            return name, entry["feature"], entry["reason"]
        if name not in words:
            raise MissingWords(f"write a row for {name} with its feature and its reason: {entry['reason']}")
        return words[name]

    head = (HEADS[language][kind], *OTHERS[language])
    return table(head, [row(entry) for entry in manifest.parts()[kind]])


Part = Callable[[str, str], str]
scopes: Part = partial(_entries, "scopes")
events: Part = partial(_entries, "events")
slash_commands: Part = partial(_entries, "slash_commands")
shortcuts: Part = partial(_entries, "shortcuts")
