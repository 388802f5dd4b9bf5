"""How a completion ended, and the tokens that it took, whatever a server calls and counts them."""

import enum
import math
import re
from collections.abc import Mapping
from typing import Any

from domain.usage import Usage


class Ending(enum.Enum):
    """What a finish reason means."""

    END = "end"
    CUT = "cut"
    REFUSAL = "refusal"
    BREAK = "break"


_KINDS = (
    (Ending.END, r"stop|end|eos|done|complete|finish|success|tool|function"),
    (
        Ending.REFUSAL,
        r".*(?:filter|safety|refus|sensitive|prohibit|block|guardrail|recitation|moderat|policy|spii|violat|flag|toxic)",
    ),
    (
        Ending.BREAK,
        r".*(?:error|abort|resource|cancel|time_?out|overload|fail|malformed|unavailable|interrupt|disconnect)",
    ),
)
"""By how a reason begins or what stands in it, tried in this order.

OpenAI says stop, length, content_filter; Anthropic end_turn, max_tokens, refusal, model_context_window_exceeded; Gemini
STOP, MAX_TOKENS, SAFETY, RECITATION, MALFORMED_FUNCTION_CALL; Mistral model_length, error; DeepSeek
insufficient_system_resource; vLLM abort; Zhipu sensitive, network_error; TGI eos_token, stop_sequence.
"""

LARGEST_COUNT = 10**9
"""A count of tokens that is larger is no count."""


def ending_of(reason: str) -> Ending:
    """The kind of a finish reason. One that nobody knows is a cut: half a sentence always has its note."""
    name = reason.strip().casefold().removeprefix("finish_reason_")
    return next((kind for kind, pattern in _KINDS if re.match(pattern, name)), Ending.CUT)


def usage_of(figures: object) -> Usage:
    """The tokens that these figures tell of. What is missing or no count is 0: figures never cost an answer."""
    told = figures if isinstance(figures, Mapping) else {}
    sent = _count(told.get("prompt_tokens"))
    cached = _count(_detail(told, "prompt_tokens_details", "cached_tokens")) or _count(
        told.get("prompt_cache_hit_tokens", told.get("cached_tokens"))  # DeepSeek's name, and Moonshot's
    )
    received = _count(told.get("completion_tokens"))
    reasoning = _count(_detail(told, "completion_tokens_details", "reasoning_tokens"))
    return Usage(sent, received, cached=min(cached, sent), reasoning=min(reasoning, received))


def _detail(figures: Mapping[str, Any], group: str, name: str) -> object:
    details = figures.get(group)
    return details.get(name) if isinstance(details, Mapping) else None


def _count(value: object) -> int:
    """Some servers count in floats, some in strings."""
    try:
        number = float(value) if isinstance(value, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return 0
    return int(number) if math.isfinite(number) and 0 <= number <= LARGEST_COUNT else 0
