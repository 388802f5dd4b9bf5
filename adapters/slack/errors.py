"""Slack's errors: which of them are permanent, and which error of the domain each becomes."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from typing import TypeVar

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from domain.errors import SlackRefused, SlackUnavailable

CLOSED_ERRORS = frozenset(
    {
        "cannot_reply_to_message",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "thread_locked",
    }
)
"""Slack's errors for a place, such as a locked thread, in which the bot may not post so that all see it."""

PERMANENT_ERRORS = CLOSED_ERRORS | frozenset(
    {
        "access_denied",
        "account_inactive",
        "channel_not_found",
        "ekm_access_denied",
        "invalid_auth",
        "is_archived",
        "missing_scope",
        "no_permission",
        "not_authed",
        "not_in_channel",
        "org_login_required",
        "team_access_not_granted",
        "thread_not_found",
        "token_expired",
        "token_revoked",
    }
)
"""Slack's errors that a later try would meet again."""

HOPELESS_ERRORS = (
    PERMANENT_ERRORS
    - CLOSED_ERRORS
    - {
        "access_denied",
        "ekm_access_denied",
        "missing_scope",
        "no_permission",
        "not_in_channel",
        "team_access_not_granted",
    }
)
"""Slack's errors that every method and every form of a message would meet in the same place.

The others may concern one method: ``team_access_not_granted`` does, for streams in shared channels.
"""

UNREACHABLE_ERRORS = frozenset(
    {
        "cannot_dm_bot",
        "channel_type_not_supported",
        "messages_tab_disabled",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
        "user_not_visible",
    }
)
"""Slack's errors for a person, or a place, that this method does not reach; another method may."""

NO_CODE = "no error code"
"""Stands for an answer that is none of the Web API's: a web page, an empty body, a code that is no code."""

TRANSIENT_ERRORS = frozenset(
    {
        NO_CODE,
        "fatal_error",
        "internal_error",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
"""Slack's errors that are outages: they do not concern the request, and the same request may succeed later."""

PLACE_ERRORS = frozenset(
    {
        "channel_not_found",
        "invalid_thread_ts",
        "is_archived",
        "message_not_found",
        "not_in_channel",
        "thread_not_found",
        "user_not_found",
        "user_not_in_channel",
    }
)
"""Slack's errors that concern one place or person: the method still serves for others."""

MESSAGE_NOT_FOUND = "message_not_found"
"""Slack's error for a message that somebody has deleted, as an admin may any of the bot's."""

NOT_STREAMING = "message_not_in_streaming_state"
"""Slack's error for a stream that is over. Slack ends one by itself about five minutes after its start."""

STOPPED_BY_USER = "stopped_by_user"
"""Slack's error for a stream that a reader has ended with the stop button. Its message can be edited afterwards."""

RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
"""Slack's errors for too many calls. Its answer is mostly a 429, which alone means the same."""

LONGEST_RETRY_AFTER = 3600.0
"""Seconds."""

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,100}")

T = TypeVar("T")


class UnexpectedResponse(SlackClientError):
    """Slack's answer says that all went well and lacks what the method promises."""


def field(response: Mapping[str, object] | SlackResponse, name: str, kind: type[T]) -> T:
    """A field of a response. Raises ``UnexpectedResponse`` where it is absent or of another type."""
    value = response.get(name)
    if not isinstance(value, kind):
        raise UnexpectedResponse(f"Slack's answer has no {name} that is a {kind.__name__}")
    return value


@contextmanager
def translated() -> Iterator[None]:
    """Raise ``SlackRefused`` or ``SlackUnavailable`` for whatever slack_sdk raises."""
    try:
        yield
    except SlackApiError as error:
        code = code_of(error)
        refused = is_refusal(error) and code in PERMANENT_ERRORS | UNREACHABLE_ERRORS
        failure = SlackRefused if refused else SlackUnavailable
        status = error.response.status_code
        raise failure(f"Slack answered {code}" + (f" with status {status}" if status != 200 else "")) from error
    except (SlackClientError, OSError, HTTPException) as error:
        raise SlackUnavailable(f"Slack could not be reached: {type(error).__name__}") from error


def code_of(error: SlackApiError) -> str:
    """Slack's code for the error, or ``NO_CODE``: of a web page slack_sdk reports the beginning as the code."""
    code = error.response.get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else NO_CODE


def is_outage(error: SlackApiError) -> bool:
    """Does it say nothing of the request? An outage comes as a web page, as an empty body, or with a status of 5xx."""
    return error.response.status_code >= 500 or code_of(error) in TRANSIENT_ERRORS


def is_timeout(error: Exception) -> bool:
    """Did Slack not answer in time? urllib wraps what happens before a request is sent."""
    return isinstance(getattr(error, "reason", error), TimeoutError)


def is_refusal(error: SlackApiError) -> bool:
    """Did Slack refuse the request itself? False for a rate limit and for an outage."""
    return seconds_to_wait(error) is None and not is_outage(error)


def is_hopeless(error: SlackApiError) -> bool:
    """Would Slack refuse every other method and form too?"""
    return is_refusal(error) and code_of(error) in HOPELESS_ERRORS


def seconds_to_wait(error: SlackApiError) -> float | None:
    """Seconds after which this method may be called again; none where the error is no rate limit."""
    if error.response.status_code != 429 and code_of(error) not in RATE_LIMITED:
        return None
    return retry_after(error.response.headers)


def retry_after(headers: Mapping[str, str | list[str]]) -> float:
    """The seconds of ``Retry-After``, as the header or a list with it; 1 where there is none that can be read.

    At most ``LONGEST_RETRY_AFTER``: whatever says more would silence a method for good.
    """
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "1")
    try:
        return min(max(1.0, float(value[0] if isinstance(value, list) else value)), LONGEST_RETRY_AFTER)
    except (ValueError, IndexError):
        return 1.0
