"""Items of the 2023 article, whose bot kept one conversation a channel.

An item has ``id`` (``{team}/{channel}``), ``buffer``, the lines that LangChain 0.0.98 kept word for word, and
``summary_buffer``, which stands for all earlier ones. Either may be empty or missing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.notes import Note
from domain.ports.model import CountTokens

SPEAKERS = {"私: ": Speaker.PERSON, "AI: ": Speaker.BOT}
"""How its lines begin."""

ATTRIBUTES = frozenset({"id", "buffer", "summary_buffer"})


def adopted(summary: str, lines: Iterable[str], count_tokens: CountTokens) -> Conversation:
    """The conversation in one item."""
    return Conversation(
        notes=(Note(summary, count_tokens(summary)),) if summary else (),
        buffer=tuple(_message(line, count_tokens) for line in lines),
    )


def adopted_item(item: Mapping[str, Any], count_tokens: CountTokens) -> tuple[str, Conversation | None]:
    """The id and the conversation of an item as DynamoDB hands it out; none where it is of another form."""
    id_ = str(item.get("id", {}).get("S", ""))
    buffer, summary = item.get("buffer", {"L": []}), item.get("summary_buffer", {"S": ""})
    is_of_article = "/" in id_ and len(item) > 1 and item.keys() <= ATTRIBUTES
    if not (is_of_article and "S" in summary and all("S" in line for line in buffer.get("L", [{}]))):
        return id_, None
    return id_, adopted(summary["S"], [line["S"] for line in buffer["L"]], count_tokens)


def _message(line: str, count_tokens: CountTokens) -> Message:
    """The message in a line; one in no known voice is a person's."""
    for beginning, speaker in SPEAKERS.items():
        if line.startswith(beginning):
            text = line.removeprefix(beginning)
            return Message(speaker, text, count_tokens(text))
    return Message(Speaker.PERSON, line, count_tokens(line))
