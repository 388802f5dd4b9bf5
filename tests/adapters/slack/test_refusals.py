"""What Slack says when it has been called too often."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse, WebClient

from adapters.slack.refusals import seconds_to_wait


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
