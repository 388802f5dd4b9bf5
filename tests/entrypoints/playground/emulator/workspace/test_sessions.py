"""Sessions, statuses and the stop button."""

import pytest

from entrypoints.playground.emulator.workspace.model import Refused
from tests.entrypoints.playground.conftest import CHANNEL, DIRECT, PERSON, refusal

THREAD = "1790000000.000001"


def sessions(slack) -> list[tuple[str, str]]:
    return [(session.status, session.title) for session in slack.workspace.sessions.sessions()]


def test_the_first_status_begins_a_session_and_only_that_one_names_it(slack):
    set_status = slack.client.agents_sessions_setStatus
    begun = set_status(channel_id=CHANNEL, thread_ts=THREAD, status="processing", title="犬", initiator_user_id=PERSON)
    assert (begun["status"], begun["agent_status"], begun["title"]) == ("processing", "processing", "犬")

    set_status(channel_id=CHANNEL, thread_ts=THREAD, status="active", title="猫")
    assert sessions(slack) == [("active", "犬")]


def test_a_session_can_be_renamed(slack):
    slack.is_at_work(THREAD)
    renamed = slack.client.agents_sessions_rename(channel_id=CHANNEL, thread_ts=THREAD, title="犬" * 200)

    assert renamed["title"] == "犬" * 200
    assert sessions(slack) == [("processing", "犬" * 200)]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"status": "thinking"}, "invalid_status"),
        ({"status": ""}, "invalid_status"),
        ({"thread_ts": None}, "thread_ts_required"),
        ({"channel_id": "C0NOWHERE"}, "channel_not_found"),
        ({"title": "a" * 201}, "invalid_arguments"),
        ({"initiator_user_id": "U0NOBODY"}, "user_not_found"),
        ({"channel_id": DIRECT, "initiator_user_id": "U0PERSON02"}, "user_not_found"),
    ],
)
def test_a_status_that_slack_does_not_know_is_refused(slack, arguments, error):
    usual = {"channel_id": CHANNEL, "thread_ts": THREAD, "status": "processing"}

    assert refusal(slack.client.agents_sessions_setStatus, **{**usual, **arguments}) == error
    assert sessions(slack) == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"thread_ts": "1.0"}, "session_not_found"),
        ({"thread_ts": None}, "thread_ts_required"),
        ({"channel_id": "C0NOWHERE"}, "channel_not_found"),
        ({"title": ""}, "invalid_arguments"),
        ({"title": "a" * 201}, "invalid_arguments"),
    ],
)
def test_a_session_is_renamed_by_the_rules(slack, arguments, error):
    slack.is_at_work(THREAD)
    usual = {"channel_id": CHANNEL, "thread_ts": THREAD, "title": "犬"}

    assert refusal(slack.client.agents_sessions_rename, **{**usual, **arguments}) == error


def test_nothing_but_a_status_ends_the_work_on_a_session(slack):
    asked = slack.ask()
    slack.is_at_work(asked)
    ts = slack.stream(thread_ts=asked)
    slack.client.chat_stopStream(channel=CHANNEL, ts=ts)
    slack.client.chat_postMessage(channel=CHANNEL, thread_ts=asked, text="はい")
    slack.clock.now += 3_600
    assert sessions(slack) == [("processing", "")]

    slack.client.chat_stopStream(channel=CHANNEL, ts=slack.stream(thread_ts=asked), session_status="active")
    assert sessions(slack) == [("active", "")]
    wrong = slack.stream(thread_ts=asked)
    assert refusal(slack.client.chat_stopStream, channel=CHANNEL, ts=wrong, session_status="done") == "invalid_status"
    assert slack.workspace.messages.is_live(slack.workspace.messages.find(CHANNEL, wrong))


def test_memory_of_threads_is_bounded(slack, monkeypatch):
    monkeypatch.setattr("entrypoints.playground.emulator.workspace.sessions.THREADS_KEPT", 2)
    for n in (1, 2, 1, 3):
        slack.is_at_work(f"{n}.0")
        says(slack, "考えています…", f"{n}.0")

    assert [session.thread for session in slack.workspace.sessions.sessions()] == ["1.0", "3.0"]
    assert [status["thread"] for status in slack.workspace.sessions.statuses()] == ["1.0", "3.0"]


# --- the stop button -------------------------------------------------------------------------------


def test_a_person_stops_what_is_being_written_in_a_thread(slack, listener):
    asked, other = slack.ask(), slack.ask()
    for thread in (asked, other):
        slack.is_at_work(thread)
    ts, elsewhere = slack.stream(thread_ts=asked, markdown_text="こん"), slack.stream(thread_ts=other)
    told = slack.stand_in.press_stop(PERSON, CHANNEL, asked)
    event = listener.next_of("agent_session_stopped")["event"]

    assert event == told
    assert event == {
        "type": "agent_session_stopped",
        "channel": CHANNEL,
        "thread_ts": asked,
        "streaming_message_ts": [ts],
        "user": PERSON,
        "event_ts": event["event_ts"],
    }
    append, stop = slack.client.chat_appendStream, slack.client.chat_stopStream
    assert refusal(append, channel=CHANNEL, ts=ts, markdown_text="にちは") == "stopped_by_user"
    assert refusal(stop, channel=CHANNEL, ts=ts) == "stopped_by_user"
    assert slack.text_of(ts) == "こん"
    slack.client.chat_update(channel=CHANNEL, ts=ts, markdown_text="こん…")
    assert slack.text_of(ts) == "こん…"
    assert append(channel=CHANNEL, ts=elsewhere, markdown_text="a")["ok"]
    assert slack.workspace.sessions.session(CHANNEL, asked).status == "processing"


def test_what_is_no_stream_can_be_stopped_too(slack):
    asked = slack.ask()
    slack.is_at_work(asked)
    ended = slack.stream(thread_ts=asked)
    slack.client.chat_stopStream(channel=CHANNEL, ts=ended)

    assert slack.workspace.stop(PERSON, CHANNEL, asked)["streaming_message_ts"] == []


def test_there_is_no_stop_button_where_the_bot_is_not_at_work(slack):
    asked = slack.ask()
    slack.stream(thread_ts=asked)
    with pytest.raises(Refused, match="session_not_processing"):
        slack.workspace.stop(PERSON, CHANNEL, asked)
    slack.is_at_work(asked)
    slack.client.agents_sessions_setStatus(channel_id=CHANNEL, thread_ts=asked, status="active")
    with pytest.raises(Refused, match="session_not_processing"):
        slack.workspace.stop(PERSON, CHANNEL, asked)


def test_only_who_is_there_can_stop(slack):
    asked = slack.workspace.say(PERSON, DIRECT, "はい").ts
    slack.is_at_work(asked, DIRECT)

    with pytest.raises(Refused, match="not_in_channel"):
        slack.workspace.stop("U0PERSON02", DIRECT, asked)


# --- the status of a thread ------------------------------------------------------------------------


def says(slack, text: str, thread: str = THREAD, **more) -> None:
    slack.client.assistant_threads_setStatus(channel_id=CHANNEL, thread_ts=thread, status=text, **more)


def test_a_thread_shows_a_status_until_it_is_taken_away(slack):
    says(slack, "考えています…", loading_messages=["うーん"] * 10)
    assert slack.workspace.sessions.statuses() == [{"channel": CHANNEL, "thread": THREAD, "text": "考えています…"}]

    says(slack, "")
    assert slack.workspace.sessions.statuses() == []


def test_a_status_goes_away_after_two_minutes(slack):
    says(slack, "考えています…")
    slack.clock.now += 119.9
    assert slack.workspace.sessions.statuses()
    slack.clock.now += 0.1
    assert not slack.workspace.sessions.statuses()


@pytest.mark.parametrize("streamed", [True, False])
def test_a_message_of_the_bot_takes_its_threads_status_away(slack, streamed):
    asked = slack.ask()
    other = slack.ask()
    says(slack, "考えています…", asked)
    says(slack, "探しています…", other)
    slack.ask("まだ?", asked)
    assert len(slack.workspace.sessions.statuses()) == 2

    if streamed:
        slack.stream(thread_ts=asked)
    else:
        slack.client.chat_postMessage(channel=CHANNEL, thread_ts=asked, text="はい")
    assert [status["thread"] for status in slack.workspace.sessions.statuses()] == [other]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel_id": "C0NOWHERE"}, "channel_not_found"),
        ({"thread_ts": ""}, "invalid_thread_ts"),
        ({"thread_ts": "now"}, "invalid_thread_ts"),
        ({"status": 7}, "invalid_arguments"),
        ({"loading_messages": ["a"] * 11}, "invalid_arguments"),
    ],
)
def test_a_status_in_no_thread_is_refused(slack, arguments, error):
    usual = {"channel_id": CHANNEL, "thread_ts": THREAD, "status": "考えています…"}

    assert refusal(slack.client.assistant_threads_setStatus, **{**usual, **arguments}) == error
