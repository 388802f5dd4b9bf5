"""The model, by asking it for one word."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from adapters.observability.evidence import evidence
from adapters.openai.client import openai_client
from adapters.openai.context_size import context_of
from domain.deliveries.deadline import Deadline
from domain.errors import AnsweringError
from domain.ports.model import Completed
from domain.prompts import Part, Role
from entrypoints.configuration.settings import Settings
from entrypoints.operator.checks.finding import Finding
from entrypoints.wiring.openai_model import openai_model

MODEL_SECONDS = 60.0
"""A local server loads a model at the first question."""

QUESTION = (Part(Role.PERSON, "Reply with one word: OK"),)


def model_findings(settings: Settings) -> Iterator[Finding]:
    if settings.is_offline:
        yield Finding("model", True, "none, a stand-in answers")
        return
    finding = _answer(settings, "model", "CHAT_MODEL")
    yield finding
    if finding.ok:
        yield from _context(settings)
    if settings.summary_model != settings.chat_model:
        yield _answer(replace(settings, chat_model=settings.summary_model), "summary model", "SUMMARY_MODEL")


def _answer(settings: Settings, part: str, variable: str) -> Finding:
    """What the chat model of these settings answers; ``variable`` is the one that names it."""
    mend, name = f"look at OPENAI_API_KEY, OPENAI_BASE_URL and {variable}", settings.chat_model
    model = openai_model(settings)
    try:
        with closing(model.reply(QUESTION, Deadline(time.monotonic).within(MODEL_SECONDS))) as pieces:
            *_, last = pieces
    except AnsweringError as error:
        return Finding(part, False, f"{name}: {evidence(error).replace('CHAT_MODEL', variable)}", mend)
    except ValueError:  # no piece at all, as the deadline was over
        last = ""
    if not isinstance(last, Completed):
        return Finding(part, False, f"{name} did not end its answer in {MODEL_SECONDS:.0f} s", mend)
    way = "as a stream" if model.streams(name) else "in one piece, since its server does not stream"
    sent, received = last.usage.sent, last.usage.received
    usage = f"{sent} tokens sent, {received} received" if sent else "it does not say how many tokens it took"
    return Finding(part, True, f"{name} answers {way}; {usage}")


def _context(settings: Settings) -> Iterator[Finding]:
    client = openai_client(api_key=settings.openai_api_key or "none", base_url=settings.openai_base_url)
    with client:
        context = context_of(client, settings.chat_model)
    if context is None:
        return
    needed = settings.memory.limit + settings.memory.summary + settings.reply_token_limit
    mend = "" if needed <= context else "lower MEMORY_TOKEN_LIMIT, SUMMARY_TOKEN_LIMIT or REPLY_TOKEN_LIMIT"
    yield Finding("context", not mend, f"{context:,} tokens; memory and reply may need {needed:,}", mend)
