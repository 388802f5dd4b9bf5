"""Posts that outlive the process."""

from pathlib import Path

import pytest

from entrypoints.playground.emulator.workspace.messages import POSTS_KEPT
from entrypoints.playground.emulator.workspace.workspace import Workspace
from entrypoints.playground.page.post_log import PostLog, read

PERSON, CHANNEL = "U0PERSON01", "C0CHANNEL1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "posts.jsonl"


def begin(path: Path, now: float = 1_790_000_000.0) -> Workspace:
    workspace = Workspace("ja", lambda: now, read(path))
    workspace.messages.observe(PostLog(path, workspace.messages.posts()).add)
    return workspace


def test_posts_are_there_after_a_restart(path):
    before = begin(path)
    asked = before.say(PERSON, CHANNEL, "@bot はい")
    recipients = (PERSON, "T0PLAYGRND")
    reply = before.bot.start_stream(CHANNEL, asked.ts, "", "", recipients=recipients)
    before.bot.append_stream(CHANNEL, reply.ts, "は", "text")
    before.bot.stop_stream(CHANNEL, reply.ts, "い", "text")
    edited = before.bot.post(CHANNEL, "え", markdown=False)
    before.bot.update(CHANNEL, edited.ts, "いいえ", markdown=False)

    assert begin(path).messages.posts() == before.messages.posts()


def test_blocks_and_files_are_there_after_a_restart_and_ephemeral_posts_are_not(path):
    before = begin(path)
    asked = before.say(PERSON, CHANNEL, "見て", "", [("ポチ.txt", "text/plain", b"wan")])
    before.bot.post(CHANNEL, "はい", markdown=False, thread=asked.ts, blocks=({"type": "divider"},))
    before.bot.whisper(CHANNEL, PERSON, "ひみつ")
    stream = before.bot.start_stream(CHANNEL, asked.ts, "は", "text", recipients=(PERSON, "T0PLAYGRND"))
    before.sessions.set_status(CHANNEL, asked.ts, "processing")
    before.stop(PERSON, CHANNEL, asked.ts)
    after = begin(path)

    assert after.messages.posts() == before.messages.posts()
    assert (after.messages.ephemerals(), after.messages.find(CHANNEL, stream.ts).stopped) == ([], True)


def test_a_reply_that_was_cut_off_can_be_finished_after_a_restart(path):
    before = begin(path)
    asked = before.say(PERSON, CHANNEL, "@bot はい")
    reply = before.bot.start_stream(CHANNEL, asked.ts, "", "", recipients=(PERSON, "T0PLAYGRND"))
    before.bot.append_stream(CHANNEL, reply.ts, "は", "text")
    after = begin(path)
    after.bot.stop_stream(CHANNEL, reply.ts, "", "")

    assert after.bot.update(CHANNEL, reply.ts, "はい", markdown=True).text == "はい"


def test_timestamps_after_a_restart_are_new(path):
    before = begin(path).say(PERSON, CHANNEL, "一")

    assert begin(path, now=1.0).say(PERSON, CHANNEL, "二").ts > before.ts


def test_a_line_that_is_no_post_is_passed_over(path):
    posts = begin(path)
    posts.say(PERSON, CHANNEL, "一")
    with path.open("ab") as file:
        file.write(b'{"channel": 1}\n[]\nnull\n\xff\n{"channel": "C0CHANNEL1", "ts": "17')

    assert [post.text for post in begin(path).messages.posts()] == ["一"]


def test_the_file_is_bounded_by_what_is_kept(path):
    workspace = begin(path)
    for n in range(POSTS_KEPT + 5):
        workspace.say(PERSON, CHANNEL, str(n))
    begin(path)

    assert len(path.read_text().splitlines()) == POSTS_KEPT


def test_the_playground_remembers_what_was_posted_before_it_was_started_again(run_playground, path):
    before = run_playground(archive=path)
    asked = before.client.chat_postMessage(channel=CHANNEL, text="一")["ts"]
    after = run_playground(archive=path)
    after.client.chat_postMessage(channel=CHANNEL, thread_ts=asked, text="二")

    messages = after.client.conversations_replies(channel=CHANNEL, ts=asked)["messages"]
    assert [message["text"] for message in messages] == ["一", "二"]
