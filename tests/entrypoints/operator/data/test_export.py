"""What conversations remember, printed for an operator, on both kinds of store."""

import json

import pytest

from domain.commands.command_request import export
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.saving import Stored
from domain.timestamp import Timestamp
from tests.notes import notes

POCHI = Conversation(
    notes=notes("犬の名前はポチ"),
    buffer=(
        Message(Speaker.PERSON, "散歩は\n朝です", 4, "さくら", Timestamp("1.1")),
        Message(Speaker.BOT, "いいですね", 4, ts=Timestamp("1.1")),
        Message(Speaker.THREAD, "猫も", 4, ts=Timestamp("1.2")),
    ),
    people=(("USAKURA", "さくら"),),
)
CAT = Conversation(notes=notes("猫の話"), people=(("UKENTA", "健太"),))


@pytest.fixture
def exported(whole_bot, run):
    _, conversations, _ = whole_bot
    for key, conversation in {"T1/C1/1.1": POCHI, "T1/C2/2.1": CAT, "T2/C3": CAT}.items():
        conversations.save(key, Stored(conversation, 0))
    return run


def test_a_conversation_is_printed_for_people_to_read(exported):
    code, said, complained = exported("export", "T1/C1/1.1")
    assert (code, complained) == (0, "")
    assert said == (
        "# T1/C1/1.1\n\n## Notes\n\n1. 犬の名前はポチ\n\n## Messages\n\n"
        "- **さくら**: 散歩は\n  朝です\n- **bot**: いいですね\n- **in the thread**: 猫も\n\n"
    )


def test_programs_get_what_the_command_in_slack_exports(exported):
    code, said, _ = exported("export", "T1/C1/1.1", "--json")
    assert (code, json.loads(said)) == (0, {"T1/C1/1.1": json.loads(export(POCHI))})


@pytest.mark.parametrize(
    ("of", "keys"),
    [
        (["USAKURA"], ["T1/C1/1.1"]),
        (["UKENTA"], ["T1/C2/2.1", "T2/C3"]),
        (["C2"], ["T1/C2/2.1"]),
        (["T1"], ["T1/C1/1.1", "T1/C2/2.1"]),
        (["T2/C3", "USAKURA"], ["T1/C1/1.1", "T2/C3"]),
    ],
)
def test_a_person_a_channel_or_a_team_stands_for_its_conversations(exported, of, keys):
    code, said, complained = exported("export", *of, "--json")
    assert (code, list(json.loads(said)), complained) == (0, keys, "")


def test_what_is_not_remembered_is_named_and_the_rest_is_printed(exported):
    code, said, complained = exported("export", "T1/C1/1.1", "T1/C9", "--json")
    assert (code, list(json.loads(said))) == (1, ["T1/C1/1.1"])
    assert complained.startswith("bot: nothing is remembered of T1/C9 in ")


@pytest.mark.parametrize("of", ["pochi", "T1/", "U", "B0123", "T1/C1/ポチ"])
def test_what_is_no_key_and_no_id_is_a_wrong_command(exported, of):
    code, said, complained = exported("export", of)
    assert (code, said) == (2, "")
    assert "is neither a conversation such as" in complained
