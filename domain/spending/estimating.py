"""Estimates of tokens that the model's server has not counted."""

from dataclasses import replace

from domain.ports.model import CountTokens
from domain.prompts import Prompt
from domain.spending.usage import Usage


def with_estimate(usage: Usage, prompt: Prompt, words: str, count_tokens: CountTokens) -> Usage:
    """The usage, with an estimate of what the server has not counted, because it was stopped or never counts.

    Some servers count the prompt alone. Pictures are not in an estimate, nor are thoughts.
    """
    if usage.sent and (usage.received or not words):
        return usage
    sent = usage.sent or sum(count_tokens(part.text_with_name) for part in prompt)
    return replace(usage, sent=sent, received=usage.received or count_tokens(words), estimated=1)
