"""What OpenAI's models cost.

In US dollars for a million tokens, at the standard rate, as https://developers.openai.com/api/docs/pricing had them by
26 November 2026: several public copies of that page agree on these. A model on which they do not is left out.
``MODEL_PRICES`` has the last word.

"Cache writes have no additional fee on models before the GPT-5.6 family", says OpenAI's guide to prompt caching.
From then on they cost 1.25 times as much as other tokens that are sent, in place of their price.
"""

from collections.abc import Mapping

from domain.spending.prices import Price

PRICES_OF = "2026-11-26"
"""The day of the prices."""

PRICES: Mapping[str, Price] = {
    "gpt-5.6-sol": Price(5, 0.5, 30, written=6.25),
    "gpt-5.6-terra": Price(2.5, 0.25, 15, written=3.125),
    "gpt-5.6-luna": Price(1, 0.1, 6, written=1.25),
    "gpt-5.5": Price(5, 0.5, 30),
    "gpt-5.4": Price(2.5, 0.25, 15),
    "gpt-5.4-mini": Price(0.75, 0.075, 4.5),
    "gpt-5.4-nano": Price(0.2, 0.02, 1.25),
    "gpt-5": Price(1.25, 0.125, 10),
    "gpt-5-mini": Price(0.25, 0.025, 2),
    "gpt-5-nano": Price(0.05, 0.005, 0.4),
    "gpt-4.1": Price(2, 0.5, 8),
    "gpt-4.1-mini": Price(0.4, 0.1, 1.6),
    "gpt-4.1-nano": Price(0.1, 0.025, 0.4),
    "gpt-4o": Price(2.5, 1.25, 10),
    "gpt-4o-mini": Price(0.15, 0.075, 0.6),
}
