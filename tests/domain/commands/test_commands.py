"""What people can ask of the memory itself."""

import json
from dataclasses import replace

import pytest

from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings
from domain.commands.command_request import CommandRequest, export
from domain.commands.command_words import WORDS, Command, command_in, read_command
from domain.conversations.conversation import Conversation, Message, ReplyRecord, Speaker
from domain.conversations.notes import Note
from domain.conversations.place import Place
from domain.limits.allowance import Allowance
from domain.requests import Question
from domain.spending.ledger import Accounts, Sum
from domain.spending.monthly_usage import MonthlyUsage
from domain.spending.usage import Usage
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from domain.timestamp import Timestamp

QUESTION = Question("T1", "C1", "1000.000009", "USAKURA", "", thread="1000.000001")
THREAD = Place("T1/C1/1000.000001", "1000.000001")
CHANNEL = Place("T1/C1", "")
DOG = Conversation(
    notes=(Note("私は犬を飼っている。", 8),),
    buffer=(Message(Speaker.PERSON, "犬はポチです\n三歳です", 10, "花子"), Message(Speaker.BOT, "いい名前ですね", 7)),
    replies=(ReplyRecord("1000.000001", "2000.000001", answered=True, answer="いい名前ですね"),),
    usage=Usage(turns=3, sent=12_345, received=67, cached=89),
)

MONTH = MonthlyUsage(1_795_800_000.0, Accounts(Sum(Usage(sent=700, received=40, turns=2))), Allowance(person=9_000))


def obey(command: Command, conversation=DOG, place=THREAD, language=ENGLISH, **changes) -> tuple[Conversation, str]:
    return CommandRequest(command, replace(QUESTION, **changes), place, language, 90, MONTH).execute(conversation)


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("help", Command.HELP),
        ("Help!", Command.HELP),
        (" ヘルプ。", Command.HELP),
        ("*help*", Command.HELP),
        ("_~*`Help`*~_", Command.HELP),
        ("```\nhelp\n```", Command.HELP),
        ("&gt; help", Command.HELP),
        ("“help”", Command.HELP),
        ("「ヘルプ」", Command.HELP),
        ("help\u200b\ufeff", Command.HELP),
        ("he\u3164lp\ufe0f", Command.HELP),
        ("リセット", Command.RESET),
        ("ＲＥＳＥＴ", Command.RESET),
        ("ﾘｾｯﾄ", Command.RESET),
        ("記憶", Command.MEMORY),
        ("使用量?", Command.USAGE),
        ("書き出し", Command.EXPORT),
        ("静かにして", Command.QUIET),
        ("be  quiet.", Command.QUIET),
        ("聞いて", Command.LISTEN),
    ],
)
def test_a_command_is_a_word_alone_in_either_language(said, command):
    assert command_in(said) is command


@pytest.mark.parametrize(
    "said", ["", "?", "help me with my dog", "記憶とは何ですか", "忘れて", "resetting", "quiet dogs"]
)
def test_a_sentence_is_a_question_even_with_the_word_in_it(said):
    assert command_in(said) is None


def test_no_word_stands_for_two_commands():
    words = [word for words in WORDS.values() for word in words]
    assert len(words) == len(set(words))


def test_help_names_every_command_in_the_language_of_the_bot():
    for language in (ENGLISH, JAPANESE):
        told = obey(Command.HELP, language=language)[1]
        for words in WORDS.values():
            assert any(f"`{word}`" in told or f"`{word} 3`" in told for word in words)
        assert "90" in told


def test_resetting_says_what_was_forgotten_and_leaves_nothing_of_it():
    after, told = obey(Command.RESET)
    assert "2 recent messages" in told
    assert "25 tokens" in told
    assert (after.notes, after.buffer) == ((), ())
    assert "いい名前" not in repr(after)


def test_resetting_keeps_the_record_of_what_was_answered_and_what_it_cost():
    after, _ = obey(Command.RESET)
    assert after.reply_to("1000.000001").answered
    assert after.usage == DOG.usage


def test_a_question_from_before_a_reset_is_settled_but_not_remembered_however_late_it_comes():
    after, _ = obey(Command.RESET)
    asked, said = Message(Speaker.PERSON, "猫もいます", 5), Message(Speaker.BOT, "そうですか", 5)
    late = after.remember("1000.000002", "そうですか", asked, said)
    assert late.buffer == ()
    assert late.reply_to("1000.000002").answered
    assert after.remember("1000.000010", "そうですか", asked, said).buffer == (asked, said)


def test_with_nothing_remembered_a_reset_still_keeps_earlier_questions_out():
    after, told = obey(Command.RESET, Conversation())
    assert told == ENGLISH.nothing
    assert after.reset == QUESTION.ts


def test_the_memory_is_shown_with_who_said_what_and_how_long_it_is_kept():
    after, told = obey(Command.MEMORY)
    assert after == DOG
    for part in ("1. 私は犬を飼っている。", "- 花子: 犬はポチです…", "- AI: いい名前ですね", "25 tokens", "90 days"):
        assert part in told


NOTED = replace(
    DOG,
    notes=(
        *DOG.notes,
        Note("散歩は朝。", 5, Timestamp("1793480000.000100"), Timestamp("1793480400.000100")),
        Note("雷は苦手。\n花火も。", 8, Timestamp("1793491300.000100"), Timestamp("1793491300.000100")),
    ),
)
"""The second note is of 1 November in Japan, and of the day before in Greenwich."""


def test_the_memory_lists_the_notes_with_their_numbers_and_days_and_links_to_their_posts():
    post = NOTED.notes[1].last
    request = CommandRequest(
        Command.MEMORY, QUESTION, THREAD, JAPANESE, 90, MONTH, {post: "https://example.slack.com/p1"}
    )
    _, told = request.execute(NOTED)
    listed = "1. 私は犬を飼っている。\n2. [2026-11-01](https://example.slack.com/p1): 散歩は朝。\n"
    assert f"{listed}3. 2026-11-01: 雷は苦手。\n   花火も。" in told
    assert "2. 2026-10-31: 散歩は朝。" in obey(Command.MEMORY, NOTED)[1]  # in English, by UTC


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("forget 3", 3),
        ("Forget #12.", 12),
        ("forget note 3", 3),
        ("*FORGET* 3", None),
        ("`forget 3`", 3),
        ("忘れて 3", 3),
        ("忘れて３", 3),
        ("忘れて メモ3", 3),
        ("3を忘れて", 3),
        ("メモ 3 を忘れて。", 3),
    ],
)
def test_a_note_is_forgotten_by_its_number_in_either_language(said, number):
    assert read_command(said) == ((Command.FORGET, number) if number else None)


@pytest.mark.parametrize(
    "said",
    [
        "forget",
        "忘れて",
        "forget it",
        "3",
        "memory 3 dogs",
        "forget 3 dogs",
        "3時を忘れて",
        "forget 12345678",
        "help 3",
    ],
)
def test_without_the_number_of_a_note_alone_nothing_is_forgotten(said):
    assert command_in(said) is not Command.FORGET


def test_a_note_that_is_forgotten_is_said_once_more_and_gone():
    after, told = obey(Command.FORGET, NOTED, text="forget 2")
    assert after == replace(NOTED, notes=(NOTED.notes[0], NOTED.notes[2]))
    assert "散歩は朝。" in told


@pytest.mark.parametrize("text", ["forget 0", "forget 4", "forget 999999"])
def test_a_number_that_no_note_has_forgets_nothing(text):
    after, told = obey(Command.FORGET, NOTED, text=text)
    assert after == NOTED
    assert f"no note {text.split()[1]}" in told


def test_a_note_is_forgotten_only_where_that_is_meant_for_the_bot():
    assert obey(Command.FORGET, NOTED, text="忘れて 2", addressed=False) == (NOTED, ENGLISH.mention_to_forget)
    assert obey(Command.FORGET, Conversation(), text="忘れて 2") == (Conversation(), ENGLISH.nothing)


def test_an_empty_memory_says_so():
    assert obey(Command.MEMORY, Conversation())[1] == ENGLISH.nothing
    assert obey(Command.EXPORT, Conversation())[1] == ENGLISH.nothing


def test_in_a_channel_whose_threads_remember_by_themselves_a_slash_command_says_where_to_ask():
    assert obey(Command.MEMORY, Conversation(), CHANNEL, private=True, thread="")[1] == ENGLISH.elsewhere
    assert obey(Command.MEMORY, Conversation(), CHANNEL, direct=True, thread="")[1] == ENGLISH.nothing
    assert obey(Command.MEMORY, Conversation(), THREAD, private=True)[1] == ENGLISH.nothing


def test_the_usage_says_what_the_conversation_has_cost():
    told = obey(Command.USAGE)[1]
    for figure in ("Answers: 3;", "12,345", "67", "89"):
        assert figure in told
    assert told.startswith(MONTH.of_all(ENGLISH))


def test_where_nothing_was_answered_the_usage_is_the_months_alone():
    assert obey(Command.USAGE, Conversation(), CHANNEL, private=True, thread="")[1] == MONTH.of_all(ENGLISH)


def test_what_is_said_by_the_way_in_a_thread_resets_nothing():
    after, told = obey(Command.RESET, addressed=False)
    assert after == DOG
    assert told == ENGLISH.mention_to_reset


def test_the_mark_of_a_reset_never_moves_back():
    later = DOG.forgotten("1000.000031").forgotten("1000.000011")
    assert later.reset == "1000.000031"


def test_in_a_thread_the_bot_can_be_told_to_be_quiet_and_to_listen_again():
    quiet, told = obey(Command.QUIET)
    assert quiet.quiet
    assert told == ENGLISH.quiet
    listening, told = obey(Command.LISTEN, quiet)
    assert not listening.quiet
    assert told == ENGLISH.listening


@pytest.mark.parametrize("where", [{"place": CHANNEL}, {"direct": True}, {"place": Place("T1/C1", "1000.000001")}])
def test_where_the_bot_is_always_meant_or_never_unasked_there_is_nothing_to_quiet(where):
    after, told = obey(Command.QUIET, **where)
    assert not after.quiet
    assert told == ENGLISH.always_listening


def test_an_export_is_all_that_is_remembered_as_json_that_people_can_read():
    assert "memory-T1-C1-1000.000001.json" in obey(Command.EXPORT)[1]
    content = export(DOG)
    assert "花子" in content
    assert json.loads(content) == {
        "notes": [{"text": "私は犬を飼っている。", "tokens": 8, "first": None, "last": None, "rewrites": 0}],
        "messages": [
            {"speaker": "person", "name": "花子", "ts": None, "text": "犬はポチです\n三歳です", "tokens": 10},
            {"speaker": "bot", "name": "", "ts": None, "text": "いい名前ですね", "tokens": 7},
        ],
    }


# The settings of the channel


OWN = ChannelSettings("ポチの話だけ", language="en", budget=50_000)


def obeyed_with(settings: ChannelSettings, command: Command, conversation=DOG) -> str:
    request = CommandRequest(command, QUESTION, THREAD, ENGLISH, 90, MONTH, settings=settings)
    return request.execute(conversation)[1]


def test_settings_are_shown_with_what_follows_the_bots_own():
    assert obeyed_with(OWN, Command.SETTINGS) == (
        "**Settings of this channel**\n\n- Instructions: ポチの話だけ\n- Model: as everywhere\n- Language: English\n"
        "- Memory: as everywhere\n- Monthly budget in tokens: 50,000\n\n"
        "Whoever may change them does so with the slash command and “settings” in the channel."
    )


@pytest.mark.parametrize("conversation", [DOG, Conversation()])
def test_memory_ends_with_the_settings_that_differ(conversation):
    line = "In this channel: Instructions: ポチの話だけ · Language: English · Monthly budget in tokens: 50,000."
    assert obeyed_with(OWN, Command.MEMORY, conversation).endswith(f"\n\n{line}")
    assert "In this channel" not in obeyed_with(NO_SETTINGS, Command.MEMORY, conversation)
