"""The tokens that a server reports, however it names and counts them."""

import math
from collections.abc import Mapping
from typing import Any

from domain.spending.usage import Usage

LARGEST_COUNT = 10**9
"""A count of tokens that is larger is no count."""


def usage_of(figures: object) -> Usage:
    """The tokens that these figures tell of. What is missing or no count is 0: figures never cost an answer."""
    told = figures if isinstance(figures, Mapping) else {}
    sent = _count(told.get("prompt_tokens"))
    cached = _count(_detail(told, "prompt_tokens_details", "cached_tokens")) or _count(
        told.get("prompt_cache_hit_tokens", told.get("cached_tokens"))  # DeepSeek's name, and Moonshot's
    )
    written = _count(_detail(told, "prompt_tokens_details", "cache_write_tokens")) or _count(
        _detail(told, "prompt_tokens_details", "cache_creation_tokens")  # LiteLLM's name
    )
    received = _count(told.get("completion_tokens"))
    reasoning = _count(_detail(told, "completion_tokens_details", "reasoning_tokens"))
    cached = min(cached, sent)
    return Usage(sent, received, cached, reasoning=min(reasoning, received), written=min(written, sent - cached))


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
