"""Errors of the SDK and of the connection, as the domain's errors."""

import contextlib
import json
import re
from collections.abc import Iterator

import httpx2
import openai

from adapters.openai.client import READ_SECONDS, LedAstray
from adapters.openai.error_causes import BODY_CHARACTERS, Complaint, advice_for, cause_of
from domain.errors import AnsweringError, ModelMisconfigured, ModelUnavailable

_BROKEN = (httpx2.HTTPError, httpx2.StreamError, json.JSONDecodeError, UnicodeDecodeError)


@contextlib.contextmanager
def translating(model: str, model_setting: str, shown: bool = False) -> Iterator[None]:
    """Raises the domain's errors in place of the SDK's. ``shown`` is whether the model was shown pictures.

    ``model_setting`` is the variable that names the model.
    """
    try:
        yield
    except LedAstray as error:
        raise ModelMisconfigured(f"{model}: the server leads from one address to the next; {_ASTRAY}") from error
    except openai.APIError as error:
        raise _translated(error, model, model_setting, shown) from error
    except httpx2.TimeoutException as error:
        raise ModelUnavailable(f"{model} was silent for {READ_SECONDS:.0f} s") from error
    except _BROKEN as error:
        raise ModelUnavailable(f"{model} broke off: {type(error).__name__}") from error


def status_of(error: openai.APIError) -> int:
    """The HTTP status. An error event inside a stream has none; some servers give one as its code.

    A proxy's 400 may stand for what went wrong behind it, as its code says.
    """
    code = int(error.code) if error.code and re.fullmatch(r"[1-5]\d\d", error.code) else 0
    if isinstance(error, openai.APIStatusError) and not (error.status_code == 400 and code):
        return error.status_code
    return code


def body_of(error: openai.APIError) -> str:
    """The beginning of what the server said, to look for words in; never to be logged."""
    return str(error.body)[:BODY_CHARACTERS]


def _translated(error: openai.APIError, model: str, model_setting: str, shown: bool) -> AnsweringError:
    """The domain's error, told by status, code, type, parameter and request id alone, with the setting to look at.

    The SDK's own message is overwritten: it quotes keys and people's texts, and stands in every log that prints the
    cause.
    """
    status = status_of(error)
    code, kind, parameter = error.code or "", str(error.type or ""), str(error.param or "")
    facts = {
        "HTTP": status,
        "code": code,
        "type": kind,
        "param": parameter,
        "request": getattr(error, "request_id", None),
    }
    complaint = Complaint(status, frozenset({code.lower(), kind.lower()}), parameter, body_of(error), shown)
    told = [f"{name} {fact}" for name, fact in facts.items() if fact and re.fullmatch(r"[\w.\[\]-]{1,80}", str(fact))]
    error.message = ", ".join([f"{model}: {_what(error)}", *told])
    error.args = (error.message,)
    advice = _UNREACHED if isinstance(error, openai.APIConnectionError) else advice_for(complaint, model_setting)
    return cause_of(complaint)("; ".join([error.message, *[advice] * bool(advice)]))


def _what(error: openai.APIError) -> str:
    """The error's own name, and for one of the connection what happened to it."""
    cause = error.__cause__
    return f"{type(error).__name__} ({type(cause).__name__})" if cause else type(error).__name__


_UNREACHED = "if this stays, look at OPENAI_BASE_URL"
_ASTRAY = "look at OPENAI_BASE_URL"
