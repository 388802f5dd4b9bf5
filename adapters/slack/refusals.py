"""What Slack says when it will not do something, in the domain's words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException

from slack_sdk.errors import SlackApiError, SlackClientError

from domain.errors import ChannelRefused, ChannelUnavailable

FINAL = frozenset(
    {
        "account_inactive",
        "cannot_reply_to_message",
        "channel_not_found",
        "ekm_access_denied",
        "invalid_auth",
        "is_archived",
        "missing_scope",
        "no_permission",
        "not_authed",
        "not_in_channel",
        "restricted_action",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
"""Slack's errors that a later try would meet again."""

STREAM_ENDED = "message_not_in_streaming_state"
"""Slack's error for a stream that is over. Slack ends one by itself about five minutes after its start."""

RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
"""Slack's errors for too many calls. Its answer is mostly a 429, which alone means the same."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise ``ChannelRefused`` or ``ChannelUnavailable`` for whatever slack_sdk raises."""
    try:
        yield
    except SlackApiError as error:
        code = code_of(error)
        failure = ChannelRefused if code in FINAL else ChannelUnavailable
        raise failure(f"Slack answered {code}") from error
    except (SlackClientError, OSError, HTTPException) as error:
        raise ChannelUnavailable(f"Slack could not be reached: {type(error).__name__}") from error


def code_of(error: SlackApiError) -> str:
    return str(error.response.get("error", "no error code"))


def seconds_to_wait(error: SlackApiError) -> float | None:
    """How long Slack wants to be left alone by this method; none where the error is another."""
    if error.response.status_code != 429 and code_of(error) not in RATE_LIMITED:
        return None
    return retry_after(error.response.headers)


def retry_after(headers: Mapping[str, str | list[str]]) -> float:
    """The seconds of ``Retry-After``, as the header or a list with it; 1 where there is none that can be read."""
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "1")
    try:
        return max(1.0, float(value[0] if isinstance(value, list) else value))
    except (ValueError, IndexError):
        return 1.0
