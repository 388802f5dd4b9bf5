"""The model, by asking it for one word."""

import time
from collections.abc import Iterator
from contextlib import closing

from adapters.evidence import evidence
from adapters.openai import openai_client
from adapters.openai.context_size import context_of
from domain.deadline import Deadline
from domain.errors import AnsweringError
from domain.ports.model import Completed
from domain.prompts import Part, Role
from entrypoints.containers import openai_model
from entrypoints.operator.checks.finding import Finding
from entrypoints.settings import Settings

MODEL_SECONDS = 60.0
"""A local server loads a model at the first question."""

QUESTION = (Part(Role.PERSON, "Reply with one word: OK"),)


def model_findings(settings: Settings) -> Iterator[Finding]:
    if settings.is_offline:
        yield Finding("model", True, "none, a stand-in answers")
        return
    finding = _answer(settings)
    yield finding
    if finding.ok:
        yield from _context(settings)


def _answer(settings: Settings) -> Finding:
    mend = "look at OPENAI_API_KEY, OPENAI_BASE_URL and CHAT_MODEL"
    try:
        with closing(openai_model(settings).reply(QUESTION, Deadline(time.monotonic).within(MODEL_SECONDS))) as pieces:
            *_, last = pieces
    except AnsweringError as error:
        return Finding("model", False, f"{settings.chat_model}: {evidence(error)}", mend)
    except ValueError:  # no piece at all, as the deadline was over
        last = ""
    if not isinstance(last, Completed):
        return Finding("model", False, f"{settings.chat_model} did not end its answer in {MODEL_SECONDS:.0f} s", mend)
    sent, received = last.usage.sent, last.usage.received
    usage = f"{sent} tokens sent, {received} received" if sent else "it does not say how many tokens it took"
    return Finding("model", True, f"{settings.chat_model} answers; {usage}")


def _context(settings: Settings) -> Iterator[Finding]:
    client = openai_client(api_key=settings.openai_api_key or "none", base_url=settings.openai_base_url)
    with client:
        context = context_of(client, settings.chat_model)
    if context is None:
        return
    needed = settings.memory.limit + settings.memory.summary + settings.reply_token_limit
    mend = "" if needed <= context else "lower MEMORY_TOKEN_LIMIT, SUMMARY_TOKEN_LIMIT or REPLY_TOKEN_LIMIT"
    yield Finding("context", not mend, f"{context:,} tokens; memory and reply may need {needed:,}", mend)
