"""A conversation as a value."""

from domain.conversations.conversation import (
    ANSWERS_RECORDED,
    QUESTIONS_RECORDED,
    Conversation,
    Message,
    ReplyRecord,
    Speaker,
)


def turn(number: int, asked: int, answered: int) -> tuple[Message, Message]:
    return Message(Speaker.PERSON, f"質問{number}", asked), Message(Speaker.BOT, f"答え{number}", answered)


def test_remembering_leaves_the_old_conversation_as_it_was():
    before = Conversation()
    after = before.remember("1.0", "答え", *turn(1, 3, 4))
    assert before == Conversation()
    assert [message.text for message in after.buffer] == ["質問1", "答え1"]
    assert after.buffer_tokens == 7


def test_a_turn_that_is_saved_twice_is_remembered_once():
    once = Conversation().opened("1.0", "2.0").remember("1.0", "答え", *turn(1, 3, 4))
    assert once.remember("1.0", "答え", *turn(1, 3, 4)) == once


def test_a_question_being_answered_is_known_by_its_reply():
    assert Conversation().opened("1.0", "2.0").reply_to("1.0") == ReplyRecord("1.0", "2.0", answered=False)
    assert Conversation().reply_to("1.0") is None


def test_a_settled_question_keeps_its_reply_and_its_answer():
    settled = Conversation().opened("1.0", "2.0").settled("1.0", "すみません")
    assert settled.reply_to("1.0") == ReplyRecord("1.0", "2.0", answered=True, answer="すみません")
    assert settled.buffer == ()


def test_old_answers_leave_the_record_before_old_questions_do():
    talk = Conversation()
    for n in range(QUESTIONS_RECORDED + 1):
        talk = talk.opened(f"{n}.0", f"9{n}.0").settled(f"{n}.0", "答え")
    assert talk.reply_to("0.0") is None
    assert talk.reply_to("1.0") == ReplyRecord("1.0", "91.0", answered=True, answer="")
    assert sum(bool(each.answer) for each in talk.replies) == ANSWERS_RECORDED
