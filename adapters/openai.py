"""The language model, played by OpenAI's chat completions or by any server that speaks the same protocol.

Servers differ in the parameters they take, and say so only when asked: a reasoning model refuses
``temperature``, an older server knows ``max_tokens`` alone. What a server refuses is left out and
asked again at once, and then remembered for as long as the adapter lives.
"""

import base64
import contextlib
import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, TypedDict, TypeVar, Unpack

import httpx2
import openai
from openai.types import CompletionUsage
from openai.types.chat import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionContentPartParam,
    ChatCompletionMessageParam,
    ChatCompletionStreamOptionsParam,
)

from domain.attachments import Picture
from domain.deadline import NO_DEADLINE, Deadline
from domain.errors import (
    AnsweringError,
    ModelBusy,
    ModelCannotSee,
    ModelMisconfigured,
    ModelRefused,
    ModelUnavailable,
)
from domain.ports import Completed, Condensation
from domain.prompts import Part, Prompt, Role
from domain.usage import Usage

API = "https://api.openai.com/v1"
"""Where requests go without a base URL."""

CONNECT_SECONDS = 5.0
"""A healthy server accepts a connection in milliseconds; one that does not is better asked again."""

READ_SECONDS = 60.0
"""The longest silence between two chunks: a reasoning model's first word takes tens of seconds. The SDK allows 600."""

RETRIES = 2
"""The SDK asks again so often after a refused connection, a timeout, 408, 409, 429 or 5xx, waiting 0.5 to 8 s, or as
long as ``Retry-After`` says. Beyond that the queue delivers the question again."""

RETRY_AFTER_SECONDS = 10.0
"""The longest ``Retry-After`` that is waited out here; the SDK would wait for two minutes, more than a worker has."""

_Response = TypeVar("_Response")
_Parameters = Mapping[str, Any]


class _Accepted(TypedDict, total=False):
    """What may be sent beside model and messages."""

    temperature: float
    stream_options: ChatCompletionStreamOptionsParam
    max_completion_tokens: int
    max_tokens: int


_LIMITS = ("max_completion_tokens", "max_tokens")
_OURS = frozenset(_Accepted.__annotations__)
_REFUSALS = frozenset({"content_filter", "content_policy_violation", "context_length_exceeded"})
_DEBTS = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_KINDS: dict[int, type[AnsweringError]] = {
    401: ModelMisconfigured,
    402: ModelMisconfigured,
    403: ModelMisconfigured,
    404: ModelMisconfigured,
    408: ModelUnavailable,
    409: ModelUnavailable,
    429: ModelBusy,
}
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

_BROKEN = (httpx2.HTTPError, httpx2.StreamError, json.JSONDecodeError, UnicodeDecodeError)


def openai_client(*, api_key: str, base_url: str = "") -> openai.OpenAI:
    """A client with bounded patience. An empty ``base_url`` is OpenAI's own; the environment is not consulted for it.

    Thread-safe, with a pool of connections: make one for the process. Raises ``ValueError`` for a key that
    is empty or that no header can carry (a line break at its end: the error of a lower layer would quote
    the key), and for a base URL that is not http or https.
    """
    if not re.fullmatch(r"[!-~]+", api_key):
        raise ValueError("the API key must be made of visible ASCII characters")
    if not re.match(r"https?://[^/]", base_url or API):
        raise ValueError(f"the base URL must begin with http:// or https://, not {base_url!r}")
    timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    http_client = _HttpClient(event_hooks={"response": [_leave_long_waits_to_the_queue]})
    return openai.OpenAI(
        api_key=api_key, base_url=base_url or API, timeout=timeout, max_retries=RETRIES, http_client=http_client
    )


class _HttpClient(openai.DefaultHttpxClient):
    """Closes its connections when nobody uses it any more, as the one does that the SDK makes by itself."""

    # The default keeps what is needed: when the interpreter ends, the names of this module may be gone before.
    def __del__(self, suppress: type[contextlib.suppress] = contextlib.suppress) -> None:
        with suppress(Exception):
            self.close()


def _leave_long_waits_to_the_queue(response: httpx2.Response) -> None:
    try:
        wait = float(response.headers.get("retry-after", 0))
    except ValueError:  # a date, by which nobody has been seen to limit a rate
        wait = 0.0
    if wait > RETRY_AFTER_SECONDS:
        response.headers["x-should-retry"] = "false"  # the header by which OpenAI itself tells the SDK


class OpenAILanguageModel:
    """A ``LanguageModel``. One instance serves every thread.

    ``temperature`` goes with answers alone, and only when it is not None. ``reply_token_limit`` bounds
    an answer; a reasoning model spends it on its thoughts too.
    """

    def __init__(
        self,
        *,
        client: openai.OpenAI,
        chat_model: str,
        summary_model: str,
        temperature: float | None,
        reply_token_limit: int,
    ) -> None:
        self._client = client
        self.name = chat_model
        self._summary_model = summary_model
        self._temperature = {} if temperature is None else {"temperature": temperature}
        self._reply_token_limit = reply_token_limit
        # Some servers ignore the limit whose name they do not know, and never stop (ollama/ollama#7125), while OpenAI
        # refuses the name it does not want aloud. So each is first asked with the name that it knows for certain.
        own = (client.base_url.host or "").endswith((".openai.com", ".azure.com"))
        self._limits = _LIMITS if own else _LIMITS[::-1]
        self._refused: dict[str, frozenset[str]] = {}

    def reply(self, prompt: Prompt, deadline: Deadline = NO_DEADLINE) -> Generator[str | Completed, None, None]:
        """See ``LanguageModel``. Closing the iterator early closes the connection: no further words are paid for."""
        create = self._client.chat.completions.create
        model, messages = self.name, _messages(prompt)
        wanted = self._temperature | {"stream_options": {"include_usage": True}}

        def ask(**accepted: Unpack[_Accepted]) -> openai.Stream[ChatCompletionChunk]:
            # The SDK would match every message against the union of all its types, 3 ms for twenty of them;
            # what is in the extra body it takes as it is.
            return create(model=model, messages=[], stream=True, extra_body={"messages": messages}, **accepted)

        usage, ending = None, None
        shown = any(part.pictures for part in prompt)
        with _translating(model, shown), self._asked(model, wanted, self._reply_token_limit, ask) as stream:
            for chunk in stream:
                if deadline.is_over:
                    return
                usage = chunk.usage or usage
                for choice in chunk.choices or ():  # the chunk that tells the usage has none
                    ending = choice.finish_reason or ending
                    if choice.delta:  # absent where Azure's filter reports
                        _require_consent(choice.delta.refusal, model)
                        if choice.delta.content:
                            yield choice.delta.content
        yield _completed(model, ending, usage)

    def summarise(self, condensation: Condensation, deadline: Deadline = NO_DEADLINE) -> tuple[str, Completed]:
        """See ``LanguageModel``. Not streamed: nobody watches a summary being written."""
        if deadline.is_over:
            raise ModelUnavailable("there is no time left to condense")
        create = self._client.chat.completions.create
        model, messages = self._summary_model, _messages(condensation.prompt)

        def ask(**accepted: Unpack[_Accepted]) -> ChatCompletion:
            return create(model=model, messages=messages, stream=False, **accepted)

        with _translating(model):
            completion = self._asked(model, {}, condensation.token_limit, ask)
        # The SDK hands on whatever a server says: a web page becomes a str, and a field may be missing.
        choices = getattr(completion, "choices", None)
        if not choices:
            raise ModelMisconfigured(f"{model}: what answers at the base URL does not speak chat completions")
        _require_consent(choices[0].message.refusal, model)
        return choices[0].message.content or "", _completed(model, choices[0].finish_reason, completion.usage)

    def _asked(self, model: str, wanted: _Parameters, limit: int, ask: Callable[..., _Response]) -> _Response:
        """The response to as much of what is wanted as this model takes. The limit of tokens is never left out."""
        refused = self._refused.get(model, frozenset())
        while True:
            limit_name = next(name for name in self._limits if name not in refused)
            accepted = {name: value for name, value in wanted.items() if name not in refused} | {limit_name: limit}
            try:
                response = ask(**accepted)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                name = _unsupported(error, accepted)
                if name is None or refused | {name} >= set(_LIMITS):
                    raise
                refused |= {name}
                continue
            # Learned only now: a request that fails whatever is left out has shown nothing. Whole sets replace one
            # another, each of which has worked, so that what two threads learn cannot add up to an impossible one.
            self._refused[model] = refused
            return response


@contextlib.contextmanager
def _translating(model: str, shown: bool = False) -> Iterator[None]:
    """``shown`` is whether the model was shown pictures."""
    try:
        yield
    except openai.APIError as error:
        raise _translated(error, model, shown) from error
    except _BROKEN as error:
        raise ModelUnavailable(f"{model} broke off: {type(error).__name__}") from error


def _messages(prompt: Prompt) -> list[ChatCompletionMessageParam]:
    messages: list[ChatCompletionMessageParam] = []
    for part in prompt:
        text = part.said.encode(errors="replace").decode()  # JSON cannot carry half a surrogate pair, Slack's can
        match part.role:
            case Role.INSTRUCTION:
                messages.append({"role": "system", "content": text})
            case Role.BOT:
                messages.append({"role": "assistant", "content": text})
            case _:  # a record is evidence, so it comes from the user as a person's words do
                messages.append({"role": "user", "content": _content(text, part)})
    return messages


def _content(text: str, part: Part) -> str | list[ChatCompletionContentPartParam]:
    """A plain string where there is no picture: every server takes it, and it repeats what the provider has cached."""
    if not part.pictures:
        return text
    return [{"type": "text", "text": text}, *(_shown(each) for each in part.pictures)]


def _shown(picture: Picture) -> ChatCompletionContentPartParam:
    data = base64.b64encode(picture.data).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{picture.media_type};base64,{data}", "detail": "auto"}}


def _completed(model: str, ending: str | None, usage: CompletionUsage | None) -> Completed:
    if ending is None:
        raise ModelUnavailable(f"{model} broke off before the end of its answer")
    if ending == "content_filter":
        raise ModelRefused(f"{model}'s content filter stopped the answer")
    details = usage and usage.prompt_tokens_details
    return Completed(
        Usage(
            sent=(usage and usage.prompt_tokens) or 0,
            received=(usage and usage.completion_tokens) or 0,
            cached=(details and details.cached_tokens) or 0,
        ),
        cut=ending == "length",
    )


def _require_consent(refusal: str | None, model: str) -> None:
    if refusal:
        raise ModelRefused(f"{model} declined to answer")


def _unsupported(error: openai.APIStatusError, sent: _Parameters) -> str | None:
    """Which of the parameters sent the server does not take, if that is what it complains of.

    OpenAI names it in ``param``; others only somewhere in the body, as vLLM does in its list of
    ``extra_forbidden`` fields. A value out of range is not for us to change.
    """
    code = error.code or ""
    if code in _REFUSALS or code == "invalid_value" or code.endswith(("_max_value", "_min_value")):
        return None
    if error.param:
        return next((name for name in sent if name == error.param), None)
    return next((name for name in sent if re.search(rf"\b{name}\b", str(error.body))), None)


def _translated(error: openai.APIError, model: str, shown: bool) -> AnsweringError:
    """The domain's word for an error of the SDK, told by status, code, type, parameter and request id alone.

    An error event inside a stream has no status; some servers give one as its code. The SDK's own
    message is overwritten: it quotes keys and people's texts, and stands in every log that prints the cause.
    """
    code = error.code or ""
    status = error.status_code if isinstance(error, openai.APIStatusError) else int(code) if code.isdecimal() else 0
    kind, parameter = str(error.type or ""), str(error.param or "")  # other servers put anything there
    facts = {
        "HTTP": status,
        "code": code,
        "type": kind,
        "param": parameter,
        "request": getattr(error, "request_id", None),
    }
    blind = shown and _is_blind(error, status, {code, kind})
    told = [f"{name} {fact}" for name, fact in facts.items() if fact and re.fullmatch(r"[\w.\[\]-]{1,80}", str(fact))]
    error.message = ", ".join([f"{model}: {type(error).__name__}", *told])
    error.args = (error.message,)
    return ModelCannotSee(error.message) if blind else _kind(status, {code, kind}, parameter)(error.message)


def _is_blind(error: openai.APIError, status: int, names: set[str]) -> bool:
    """Does the server complain that its model takes no pictures, rather than that a picture is bad?

    A picture that is damaged, too large or of a wrong format is told by a code such as ``invalid_image_format``.
    """
    if status not in _BLIND_STATUSES or names & _REFUSALS or any("image" in name for name in names):
        return False
    # OpenAI points at the type of the part, and other servers only say it; what they quote of the request comes later.
    pointed = re.fullmatch(r"messages\W+\d+\W+content\W+\d+\W+type", str(error.param or ""))
    return bool(pointed or _BLIND.search(str(error.body)[:2000]))


def _kind(status: int, names: set[str], parameter: str) -> type[AnsweringError]:
    if names & _REFUSALS:
        return ModelRefused
    if names & _DEBTS:
        return ModelMisconfigured  # 429 too, but no later delivery pays the bill
    if "rate_limit_exceeded" in names:
        return ModelBusy
    if status in (400, 422) and (parameter in _OURS or parameter == "model"):
        return ModelMisconfigured
    return _KINDS.get(status, ModelRefused if 400 <= status < 500 else ModelUnavailable)
