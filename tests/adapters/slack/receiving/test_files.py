"""What the endpoint passes on about the files of a post."""

from dataclasses import replace

import pytest

from domain.requests import File
from tests.adapters.slack.endpoint_harness import ASKED, EndpointHarness
from tests.adapters.slack.payloads import (
    HOSTED,
    event_callback,
    shared,
)

POCHI = File(
    "ポチ.gif", "image/gif", 137531, "https://files.slack.com/files-pri/T061EG9R6-F0S43PZDF/download/pochi.gif"
)


@pytest.fixture
def harness(clock) -> EndpointHarness:
    return EndpointHarness(clock)


def test_a_picture_beside_a_question_comes_along(harness: EndpointHarness):
    harness.post(event_callback(files=[HOSTED], upload=False))
    assert harness.queue.requests == [replace(ASKED, files=(POCHI,))]


@pytest.mark.parametrize(
    ("payload", "asked"),
    [
        (event_callback(text="<@U0LAN0Z89>", files=[HOSTED]), ASKED),
        (
            shared(HOSTED, text="", channel="D024BE91L", channel_type="im"),
            replace(ASKED, channel="D024BE91L", direct=True),
        ),
        (
            shared(HOSTED, text=None, channel="D024BE91L", channel_type="im"),
            replace(ASKED, channel="D024BE91L", direct=True),
        ),
        (
            shared(HOSTED, text="", thread_ts="1515449000.000001"),
            replace(ASKED, thread="1515449000.000001", addressed=False),
        ),
    ],
    ids=["mention", "direct", "without text", "follow-up"],
)
def test_a_picture_alone_is_a_question_without_words(harness: EndpointHarness, payload, asked):
    harness.post(payload)
    assert harness.queue.requests == [replace(asked, text="", files=(POCHI,))]


@pytest.mark.parametrize(
    ("described", "file"),
    [
        ({"mode": "snippet"}, POCHI),
        ({"url_private_download": None}, replace(POCHI, url=HOSTED["url_private"])),
        ({"name": None}, replace(POCHI, name="F0S43PZDF")),
        ({"name": "あ" * 9_000}, replace(POCHI, name="あ" * 200)),
        ({"name": "\u202egif.\x00ポチ\ud83d\n"}, replace(POCHI, name="gif.ポチ\ufffd")),
        ({"mimetype": 7}, replace(POCHI, media_type="")),
        ({"size": -1}, replace(POCHI, size=0)),
        ({"size": True}, replace(POCHI, size=0)),
        ({"size": 10**400}, replace(POCHI, size=0)),
        ({"size": "137531"}, replace(POCHI, size=0)),
        ({"url_private_download": "https://" + "x" * 2_000}, replace(POCHI, url="")),
        ({"url_private_download": "file:///etc/passwd"}, replace(POCHI, url="")),
        ({"url_private_download": "https://files.slack.com/\r\nHost: x"}, replace(POCHI, url="")),
        ({"url_private_download": ["https://files.slack.com/"]}, replace(POCHI, url="")),
        ({"mode": "external", "is_external": True, "external_type": "gdrive"}, replace(POCHI, url="")),
        ({"is_external": True}, replace(POCHI, url="")),
        ({"mode": 7}, replace(POCHI, url="")),
    ],
    ids=range(17),
)
def test_of_what_is_said_of_a_file_only_what_can_be_meant_is_passed_on(harness: EndpointHarness, described, file):
    harness.post(event_callback(files=[HOSTED | described]))
    assert [each.files for each in harness.queue.requests] == [(file,)]


def test_of_a_file_that_slack_describes_by_its_id_alone_the_id_is_passed_on(harness: EndpointHarness):
    harness.post(event_callback(files=[{"id": "F0S43PZDF", "mode": "file_access", "file_access": "check_file_info"}]))
    assert harness.queue.requests[0].files == (File("F0S43PZDF", "", 0, "", "F0S43PZDF"),)


def test_of_many_files_twenty_are_passed_on(harness: EndpointHarness):
    harness.post(event_callback(files=[None] * 9 + [HOSTED | {"name": f"{n}.gif"} for n in range(30)]))
    assert [each.name for each in harness.queue.requests[0].files] == [f"{n}.gif" for n in range(20)]


def test_files_that_are_no_list_are_none(harness: EndpointHarness):
    harness.post(event_callback(files=HOSTED))
    assert harness.queue.requests == [ASKED]
