"""Who can mend what a server complains of: the person, the operator, or time.

The domain's errors tell the person whom to turn to, and the operator what to look at. A status alone says too little:
proxies answer 400 for what only the operator can mend.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import (
    AnsweringError,
    ContextTooSmall,
    ModelBusy,
    ModelCannotSee,
    ModelMisconfigured,
    ModelRefused,
    ModelUnavailable,
)

_REFUSALS = frozenset({"content_filter", "content_policy_violation", "data_inspection_failed", "contentfilter"})
_REFUSAL = re.compile(
    r"content.{0,3}(?:filter|management|moderation|exists risk)|(?:usage|content|safety).{0,3}polic|safety system"
    r"|considered high risk|(?:was|were|been|is) flagged|inappropriate content|unsafe or sensitive|不安全或敏感",
    re.IGNORECASE,
)
"""OpenAI, Azure, DeepSeek ("Content Exists Risk"), Moonshot, OpenRouter, Alibaba and Zhipu say so in these words."""

_CONTEXTS = frozenset({"context_length_exceeded", "exceed_context_size_error", "contextwindowexceedederror"})
_CONTEXT = re.compile(
    r"context (?:length|size|window|limit)|context is limited|maximum (?:context|prompt)|max_model_len"
    r"|request too large|too many (?:input )?tokens|model token limit|exceeds max length|range of input length"
    r"|inputs?` tokens|number of tokens\b.{0,40}\b(?:larger|greater|more|exceed)"
    r"|(?:prompt|input|request|messages?) (?:(?:is|are|was) )?(?:too (?:long|large)|longer than)|reduce the length"
    r"|exceeds? the (?:maximum|available|model)[\w ]{0,30}(?:tokens|context|length)"
    r"|input token(?:s| count)[\w ()]{0,40}exceed",
    re.IGNORECASE,
)
"""llama.cpp, vLLM, OpenAI, Anthropic, Gemini, Groq, LM Studio, xAI, TGI, Moonshot, Zhipu and Alibaba. A request beyond
a whole minute's tokens is too large as well ("Request too large … TPM"): no waiting makes it smaller."""

_DEBT = re.compile(r"quota|billing|balance|credit|budget|payment|arrear", re.IGNORECASE)
"""In a code or type. 429 too, but no later delivery pays the bill."""

_DEBT_TOLD = re.compile(
    r"insufficient[\w ]{0,20}(?:balance|credit|quota|fund)|credit balance|credit limit|hard limit"
    r"|(?:not enough|out of|requires? more|no (?:more|remaining)) (?:credit|balance|fund)|(?:in|into) arrears"
    r"|good standing|余额不足|欠费",
    re.IGNORECASE,
)
"""In the message alone: DeepSeek inside a stream, Anthropic, OpenRouter, OpenAI, Alibaba and Zhipu. "You exceeded your
current quota" is no such: Gemini says it of a minute's rate."""

_MODEL = re.compile(
    r"(?:invalid|unknown|unsupported|no such) model|not a valid model|model_not_found|deployment.?not.?found"
    r"|model[\w `'\"./:-]{0,80}(?:not found|does not exist)|no endpoints found",
    re.IGNORECASE,
)
_RESPONSES_ONLY = re.compile(
    r"/responses\b|not a chat model|operation does not work with the specified model|not support chat", re.IGNORECASE
)
_ENDPOINT = re.compile(r"unexpected endpoint|endpoint not found|(?:no such|unknown) (?:endpoint|route)", re.IGNORECASE)
"""LM Studio says so with 200 where the base URL lacks its ``/v1``."""

_KEY = re.compile(r"api.?key|authenticat|unauthori[sz]ed|permission|no_db_connection|no connected db", re.IGNORECASE)
"""LiteLLM looks a key up in its database, and says ``no_db_connection`` where it has none."""

_PASSING = frozenset({408, 409, 425, 498, 499})
"""Statuses of refusals that pass by themselves. Groq says 498 where its capacity is used up."""

_BLIND_STATUSES = frozenset({400, 404, 415, 422, 500, 501})
"""By which a model that cannot see refuses pictures: OpenRouter says 404, llama.cpp 500, the others 400 or 422."""

_BLIND = re.compile(
    r"(?:support|accept|expect|not an?|missing|at most 0|unknown variant|part type)\b.{0,80}"
    r"\b(?:images?|image_url|vision|multi-?modal)\b"
    r"|\b(?:images?|image_url|vision|multi-?modal)\b.{0,40}\b(?:not|only|unsupported)\b.{0,20}"
    r"\b(?:support|enabl|accept)(?!\w* (?:\w+ )?(?:format|type))"
    r"|should be \W{0,2}text",
    re.IGNORECASE | re.DOTALL,
)
"""How servers say so: OpenAI, Mistral, DeepSeek, vLLM, llama.cpp, Ollama, LM Studio and OpenRouter among them."""


BODY_CHARACTERS = 2000
"""How much of an error's body is looked at: what servers quote of the request comes later."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a server says: the status (0 where there is none), code and type in lower case, the parameter, the body.

    ``shown`` is whether the model was shown pictures.
    """

    status: int
    names: frozenset[str]
    parameter: str
    body: str
    shown: bool

    @property
    def is_refusal(self) -> bool:
        """Does the server refuse, rather than fail? A redirection that leads nowhere is no failure that passes."""
        return self.status == 0 or 300 <= self.status < 500

    @property
    def is_blind(self) -> bool:
        """Does the model take no pictures, rather than that a picture is bad?

        A picture that is damaged, too large or of a wrong format is told by a code such as ``invalid_image_format``.
        """
        named = self.names & (_REFUSALS | _CONTEXTS) or any("image" in name for name in self.names)
        if not self.shown or self.status not in _BLIND_STATUSES or named:
            return False
        # OpenAI points at the type of the part, and other servers only say it.
        pointed = re.fullmatch(r"messages\W+\d+\W+content\W+\d+\W+type", self.parameter)
        return bool(pointed or _BLIND.search(self.body))

    @property
    def is_content_refusal(self) -> bool:
        return bool(self.names & _REFUSALS or (self.is_refusal and _REFUSAL.search(self.body)))

    @property
    def is_too_long(self) -> bool:
        said = (self.is_refusal or self.status == 500) and _CONTEXT.search(self.body)
        return bool(self.names & _CONTEXTS or said or self.status == 413)

    @property
    def is_debt(self) -> bool:
        told = self.is_refusal and _DEBT_TOLD.search(self.body)
        return self.status == 402 or any(map(_DEBT.search, self.names)) or bool(told)

    @property
    def is_about_the_question(self) -> bool:
        """Is it this question that the server does not take, so that another one may be answered?"""
        pictures = self.shown and ("image" in self.body.lower() or any("image" in name for name in self.names))
        return self.is_refusal and (pictures or bool(re.match(r"messages|prompt|input", self.parameter)))

    @property
    def is_the_operators(self) -> bool:
        """An error inside a stream has no status: there the words decide."""
        said = any(words.search(self.body) for words in (_MODEL, _RESPONSES_ONLY, _ENDPOINT, _KEY))
        return self.is_refusal and bool(self.status or said) and self.status not in _PASSING


_CAUSES: tuple[tuple[Callable[[Complaint], bool], type[AnsweringError]], ...] = (
    (lambda complaint: complaint.is_blind, ModelCannotSee),
    (lambda complaint: complaint.is_content_refusal, ModelRefused),
    (lambda complaint: complaint.is_too_long, ContextTooSmall),
    (lambda complaint: complaint.is_debt, ModelMisconfigured),
    (lambda complaint: "rate_limit_exceeded" in complaint.names or complaint.status == 429, ModelBusy),
    (lambda complaint: complaint.is_about_the_question, ModelRefused),
    (lambda complaint: complaint.is_the_operators, ModelMisconfigured),
)


def is_about_length(body: str) -> bool:
    """Does the server complain of the number of tokens, rather than of the parameter that it names by the way?"""
    return bool(_CONTEXT.search(body))


def cause_of(complaint: Complaint) -> type[AnsweringError]:
    """The first cause that fits; whatever is none of them may pass by itself."""
    return next((error for fits, error in _CAUSES if fits(complaint)), ModelUnavailable)


def advice_for(complaint: Complaint, model_setting: str) -> str:
    """What the operator should look at; empty where they need not.

    ``model_setting`` is the variable that names the model.
    """
    cause = cause_of(complaint)
    if cause is ContextTooSmall:
        return "the model takes fewer tokens: lower MEMORY_TOKEN_LIMIT or REPLY_TOKEN_LIMIT"
    return _setting(complaint).format(model=model_setting) if cause is ModelMisconfigured else ""


def _setting(complaint: Complaint) -> str:
    return next(advice for fits, advice in _ADVICE if fits(complaint))


_ADVICE: tuple[tuple[Callable[[Complaint], object], str], ...] = (
    (lambda it: it.is_debt, "the credit or quota is used up: look at the provider's billing"),
    (lambda it: it.parameter == "temperature", "look at CHAT_TEMPERATURE"),
    (lambda it: it.parameter in ("max_tokens", "max_completion_tokens"), "look at REPLY_TOKEN_LIMIT"),
    (
        lambda it: _RESPONSES_ONLY.search(it.body),
        "the model does not speak chat completions, perhaps the Responses API only: name another in {model}",
    ),
    (
        lambda it: it.parameter == "model" or _MODEL.search(it.body),
        "the server does not know the model: look at {model}",
    ),
    (
        lambda it: it.status in (401, 403) or _KEY.search(it.body),
        "the server does not take the key: look at OPENAI_API_KEY",
    ),
    (
        lambda it: it.status in (404, 405) or _ENDPOINT.search(it.body),
        "nothing answers there: look at OPENAI_BASE_URL and {model}",
    ),
    (
        lambda _: True,
        "the server does not take the request: look at OPENAI_BASE_URL, {model} and the server's own log",
    ),
)
