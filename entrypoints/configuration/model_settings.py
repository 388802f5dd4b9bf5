"""Reads the settings of which only the worker makes something: what models cost, and how much is remembered."""

import re
from collections.abc import Mapping

from domain.memory import Memory
from domain.spending.prices import Price
from entrypoints.configuration.environment import Environment, SettingError

_AMOUNT = r"[0-9]{1,6}(?:\.[0-9]{1,9})?"


def prices(read: Environment) -> Mapping[str, Price]:
    """Prices of models, such as ``my-model=0.25:0.025:2``, with commas between them.

    A fourth figure is the price of tokens that are written to the provider's cache.
    """
    return dict(_price(each.strip()) for each in read.text("MODEL_PRICES").split(",") if each.strip())


def _price(entry: str) -> tuple[str, Price]:
    model, _, figures = entry.rpartition("=")
    matched = re.fullmatch(rf"({_AMOUNT}):({_AMOUNT}):({_AMOUNT})(?::({_AMOUNT}))?", figures.strip())
    if not (model.strip() and matched):
        form = "a model's name and what a million tokens cost, sent, cached and received"
        raise SettingError(f"MODEL_PRICES must be {form}, as in my-model=0.25:0.025:2, not {entry!r}")
    return model.strip(), Price(*(float(each) for each in matched.groups() if each))


def memory(read: Environment) -> Memory:
    """The limits of the memory, in tokens."""
    plain = Memory()
    limit = read.whole("MEMORY_TOKEN_LIMIT", plain.limit, 2, 1_000_000)
    keep = read.whole("MEMORY_KEEP_TOKENS", min(plain.keep, limit // 2), 1, 1_000_000)
    if keep >= limit:
        raise SettingError(f"MEMORY_KEEP_TOKENS must be less than MEMORY_TOKEN_LIMIT ({limit}), not {keep}")
    return Memory(limit, keep, read.whole("SUMMARY_TOKEN_LIMIT", plain.summary, 1, 1_000_000))
