"""What Slack says when it has been called too often."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse, WebClient

from adapters.slack.errors import is_refusal, seconds_to_wait, translated
from adapters.slack.recent_refusals import REFUSAL_SECONDS, RecentRefusals
from domain.errors import SlackRefused, SlackUnavailable


def error(code: str, status: int, headers: dict) -> SlackApiError:
    answer = SlackResponse(
        client=WebClient(),
        http_verb="POST",
        api_url="https://slack.example/api/chat.update",
        req_args={},
        data={"ok": False, "error": code},
        headers=headers,
        status_code=status,
    )
    return SlackApiError("no", answer)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"retry-after": ["7"]}, 7),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "soon"}, 1),
        ({"Retry-After": []}, 1),
        ({"Date": "today"}, 1),
    ],
)
def test_slack_says_how_long_it_wants_to_be_left_alone(headers, seconds):
    assert seconds_to_wait(error("ratelimited", 429, headers)) == seconds


def test_either_the_status_or_the_code_says_that_it_is_a_rate_limit():
    assert seconds_to_wait(error("ratelimited", 200, {})) == 1
    assert seconds_to_wait(error("rate_limited", 200, {})) == 1
    assert seconds_to_wait(error("no JSON", 429, {"Retry-After": "3"})) == 3
    assert seconds_to_wait(error("channel_not_found", 200, {"Retry-After": "3"})) is None


@pytest.mark.parametrize(
    ("code", "status", "seconds"),
    [
        ("missing_scope", 200, REFUSAL_SECONDS),
        ("a_name_that_is_new", 200, REFUSAL_SECONDS),
        ("ratelimited", 429, 30),
        ("internal_error", 200, 0),
        ("channel_not_found", 200, 0),
        ("thread_not_found", 200, 0),
    ],
)
def test_what_slack_declines_for_good_or_for_now_is_left_alone_so_long(clock, code, status, seconds):
    declined = RecentRefusals(clock)
    declined.note("views.publish", error(code, status, {"Retry-After": "30"}))
    assert "users.info" not in declined
    assert ("views.publish" in declined) == bool(seconds)
    clock.pass_by(seconds - 0.1)
    assert ("views.publish" in declined) == bool(seconds)
    clock.pass_by(0.2)
    assert "views.publish" not in declined


def test_a_fault_and_a_rate_limit_are_no_refusals():
    assert is_refusal(error("missing_scope", 200, {}))
    assert not is_refusal(error("internal_error", 200, {}))
    assert not is_refusal(error("ratelimited", 429, {}))


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("user_not_in_channel", SlackRefused),
        ("channel_not_found", SlackRefused),
        ("internal_error", SlackUnavailable),
        ("ratelimited", SlackUnavailable),
    ],
)
def test_who_cannot_be_reached_is_told_apart_from_who_can_later(code, failure):
    with pytest.raises(failure, match=code), translated():
        raise error(code, 200, {})
