"""How many tokens a model's context holds, where its server says so.

OpenAI's list of models does not. vLLM's has ``max_model_len``, Groq's ``context_window``, OpenRouter's and Together's
``context_length``, and llama.cpp's has ``n_ctx`` or the model's own ``n_ctx_train`` under ``meta``.
"""

from collections.abc import Mapping
from typing import Any

import httpx2
import openai

NAMES = ("max_model_len", "context_window", "context_length", "max_context_length", "n_ctx", "n_ctx_train")
"""In the order in which they are believed."""

SECONDS = 10.0


def context_of(client: openai.OpenAI, model: str) -> int | None:
    """None where the server does not say it, or has no list of models."""
    try:
        response = client.with_options(timeout=SECONDS, max_retries=0).get("/models", cast_to=httpx2.Response)
        models = response.json()["data"]
        return next(_context(each) for each in models if each["id"] == model)
    except (openai.OpenAIError, ValueError, TypeError, LookupError, StopIteration):  # all but the first: another list
        return None


def _context(told: Mapping[str, Any]) -> int | None:
    meta = told.get("meta")
    told = {**(meta if isinstance(meta, dict) else {}), **told}
    return next((value for name in NAMES if isinstance(value := told.get(name), int) and value > 0), None)
