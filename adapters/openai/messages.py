"""A prompt as the messages of chat completions, in an order that every chat template takes.

The templates of Mistral, Gemma and DeepSeek refuse two messages of one role in a row, and a system message anywhere
but first; Gemma's refuses the system role altogether. So there is at most one system message, and after it user and
assistant take turns, beginning and ending with the user.
"""

import base64
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from domain.attachments import Picture
from domain.prompts import Part, Prompt, Role

Message = dict[str, Any]

BEGINNING = "…"
"""What the user says where the assistant would speak first."""


def messages(prompt: Prompt, *, system: bool = True) -> list[Message]:
    """The messages of a prompt. Without ``system`` the instruction stands at the head of the first user message."""
    roles = groupby(_with_roles(prompt, system), key=lambda each: each[0])
    made = [{"role": role, "content": _content([part for _, part in parts])} for role, parts in roles]
    spoken = [each["role"] for each in made if each["role"] != "system"]
    if spoken[:1] == ["assistant"]:
        made.insert(len(made) - len(spoken), {"role": "user", "content": BEGINNING})
    return made


def _with_roles(prompt: Prompt, system: bool) -> Iterator[tuple[str, Part]]:
    """A record is evidence, so it comes from the user as a person's words do; and an instruction that is not first."""
    first = system
    for part in prompt:
        first = first and part.role is Role.INSTRUCTION
        yield "system" if first else "assistant" if part.role is Role.BOT else "user", part


def _content(parts: list[Part]) -> str | list[Message]:
    """A plain string where there is no picture: every server takes it, and it repeats what the provider has cached."""
    # JSON cannot carry half a surrogate pair, Slack's can.
    text = "\n\n".join(part.text_with_name for part in parts).encode(errors="replace").decode()
    pictures = [picture for part in parts for picture in part.pictures]
    return [{"type": "text", "text": text}, *map(_shown, pictures)] if pictures else text


def _shown(picture: Picture) -> Message:
    data = base64.b64encode(picture.data).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{picture.media_type};base64,{data}", "detail": "auto"}}
