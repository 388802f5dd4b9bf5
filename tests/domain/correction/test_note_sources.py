"""The exact words: which posts a note came from, as ``memory 3`` quotes them."""

from dataclasses import replace

import pytest

from domain.commands.command_words import Command, command_in, read_command
from domain.conversations.conversation import Conversation
from domain.conversations.notes import Note
from domain.conversations.saving import Stored
from domain.conversations.thread_posts import Post, ThreadPosts
from domain.correction.note_sources import POST_CHARACTERS, POSTS_QUOTED
from domain.texts.japanese import JAPANESE
from domain.timestamp import Timestamp
from tests.domain.desk import THREAD, Desk, follow_up
from tests.fakes import PlainResolver


def at(number: int) -> Timestamp:
    return Timestamp(f"1000.{number:06}")


def post(number: int, text: str = "七時です", **more) -> Post:
    return replace(Post(at(number), "UKEN", text, "ケン"), **more)


NOTE = Note("散歩は七時", 5, at(2), at(4))
READ = (post(2, "何時?"), post(3, "七時です\nたぶん", own=True), post(4, "はい", name=""))


def told(*posts: Post, said: str = "記憶 1", notes=(NOTE,), asked=(), **more) -> str:
    resolver = PlainResolver()
    resolver.posts = ThreadPosts(posts, **more)
    desk = Desk(resolver=resolver)
    conversation = Conversation(notes=notes)
    for number in asked:
        conversation = conversation.settled(at(number), "")
    desk.store.kept[THREAD] = Stored(conversation, 1)
    desk.answer(follow_up(500, said))
    assert desk.model.prompts == []
    return desk.replies.only.text


def link(number: int) -> str:
    return f"https://example.slack.com/archives/C1/{at(number)}"


@pytest.mark.parametrize("said", ["memory 3", "Memory #3!", "記憶 3", "メモリ3", "記憶 メモ3", "memory note 3"])
def test_a_number_after_the_word_asks_for_the_posts_of_that_note(said):
    assert read_command(said) == (Command.MEMORY, 3)


@pytest.mark.parametrize("said", ["memory 3 4", "my memory 3", "memory three", "usage 3"])
def test_other_words_with_a_number_are_a_question(said):
    assert command_in(said) is None


def test_the_posts_are_quoted_with_who_said_them_and_links():
    assert told(*READ) == JAPANESE.sources.fill(
        number=1,
        note="散歩は七時",
        posts=(
            f"> [ケン]({link(2)})\n> 何時?\n\n> [AI]({link(3)})\n> 七時です\n> たぶん\n\n> [UKEN]({link(4)})\n> はい"
        ),
    )


def test_the_answer_to_the_last_question_is_quoted_too():
    resolver = PlainResolver()
    resolver.posts = ThreadPosts((post(2), post(6, "はい", own=True), post(7, "あとで")))
    desk = Desk(resolver=resolver)
    conversation = Conversation(notes=(NOTE,)).opened(at(4), str(at(6))).settled(at(4), "はい")
    desk.store.kept[THREAD] = Stored(conversation, 1)
    desk.answer(follow_up(500, "記憶 1"))
    assert f"> [AI]({link(6)})\n> はい" in desk.replies.only.text
    assert "あとで" not in desk.replies.only.text


def test_what_has_been_deleted_since_is_said_to_be_gone():
    assert JAPANESE.sources_gone.fill(posts=2) in told(READ[1], asked=(3,))
    assert JAPANESE.sources_gone.fill(posts=1) in told(*READ[:2])
    assert "なくなりました" not in told(*READ, asked=(2, 3, 9))
    assert JAPANESE.sources_gone.fill(posts=2) in told()


def test_of_posts_that_were_not_read_nobody_says_that_they_are_gone():
    partly = told(READ[0], READ[1], partial=True)
    assert JAPANESE.sources_more in partly
    assert "なくなりました" not in partly
    assert "なくなりました" not in told(partial=True)


def test_many_and_long_posts_are_shown_in_part():
    long = replace(NOTE, last=at(200))
    text = told(*(post(n, "犬" * 1_000) for n in range(2, 60)), post(200), notes=(long,))
    assert text.count("\n> 犬") == POSTS_QUOTED
    assert text.count("犬") == POSTS_QUOTED * POST_CHARACTERS
    assert JAPANESE.sources_more in text


def test_a_note_of_an_earlier_release_has_no_known_posts():
    assert JAPANESE.sources_unknown in told(notes=(Note("散歩は七時", 5),))


def test_posts_that_slack_does_not_hand_out_are_said_to_be_unread():
    assert JAPANESE.sources_unread in told(unreadable=True)


def test_a_note_that_is_not_there_is_said_so():
    assert told(said="記憶 2") == JAPANESE.no_such_note.fill(number=2)
    assert told(said="記憶 0") == JAPANESE.no_such_note.fill(number=0)
    assert told(notes=()) == JAPANESE.nothing


def test_without_a_number_all_notes_are_listed():
    assert "散歩は七時" in told(said="記憶")
