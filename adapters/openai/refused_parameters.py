"""What a server does not take of a request, as it says when it is asked.

A reasoning model refuses ``temperature``, an older server knows ``max_tokens`` alone, Gemma's chat template has no
system role, and OpenAI streams some models to verified organizations only.
"""

import re
from collections.abc import Set

import openai

from adapters.openai.error_causes import is_about_length
from adapters.openai.errors import body_of, status_of

LIMITS = ("max_completion_tokens", "max_tokens")
STREAM, SYSTEM = "stream", "system"
"""Names of what is no parameter of ours to leave out, but done in another way."""

_OTHER_CAUSES = re.compile(
    r"content_filter|content_policy_violation|context_length_exceeded|invalid_value|\w+_m(?:ax|in)_value"
)
"""Codes that are no refusal of a parameter. A value out of range is the operator's to change."""

_NO_SYSTEM = re.compile(
    r"\bsystem\b.{0,40}\b(?:not|unsupported|only)\b|(?:not|n't) (?:support|allow|accept)\w*.{0,20}\bsystem\b"
    r"|(?:invalid|unknown|unexpected|unsupported) role|roles? must alternate|developer instruction"
    r"|unknown variant \W?system|first message must"
    r"|(?:only|one of|should be) \W{0,2}user\W{0,3}(?:and|or)? ?\W?assistant",
    re.IGNORECASE | re.DOTALL,
)
"""The chat templates of Gemma, Mistral and Llama 2, Google's API for Gemma, and OpenAI's o1-mini say so in these words,
and so do servers that list the roles they take.

The user and the assistant take turns in our requests: where roles must alternate, the system's is the one too many.
"""

_REFUSING = frozenset({400, 403, 404, 405, 422, 424, 500, 501})
"""Statuses of a server that does not take something. TGI answers 424 where a chat template fails, llama.cpp 500."""

_NO_STREAM = re.compile(
    r"\bstream(?:ing|ed)?\b.{0,40}\b(?:not|unsupported|disabled|false)\b|verified to stream"
    r"|(?:not|n't) support\w*.{0,20}\bstream(?:ing)?\b",
    re.IGNORECASE | re.DOTALL,
)


def refused_by(error: openai.APIStatusError, sent: Set[str]) -> str | None:
    """Which of what was sent the server does not take, if that is what it complains of.

    OpenAI names it in ``param``; others only somewhere in the body, as vLLM does in its list of
    ``extra_forbidden`` fields.
    """
    if _is_of_another_cause(error):
        return None
    is_missing = status_of(error) == 404  # a gateway's refusal of a parameter, or words of what is not found
    if SYSTEM in sent and not is_missing and _NO_SYSTEM.search(body_of(error)):
        return SYSTEM
    if status_of(error) == 500:
        return None
    if error.param:
        return next((name for name in sent if name == error.param), None)
    if STREAM in sent and not is_missing and _NO_STREAM.search(body_of(error)):
        return STREAM
    return next((name for name in sent - {STREAM, SYSTEM} if re.search(rf"\b{name}\b", str(error.body))), None)


def _is_of_another_cause(error: openai.APIStatusError) -> bool:
    named = isinstance(error.code, str) and _OTHER_CAUSES.fullmatch(error.code)
    return bool(named) or status_of(error) not in _REFUSING or is_about_length(body_of(error))
