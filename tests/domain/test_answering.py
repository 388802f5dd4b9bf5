"""The story of a turn, told with stand-ins on every side."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.attachments import Document, Picture, ResolvedQuestion, Unread, Unreadable
from domain.commands.command_words import Command
from domain.conversations.place import Scope
from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.deliveries.delivery import Delivery
from domain.errors import (
    Conflict,
    ContextTooSmall,
    MemoryFull,
    ModelBusy,
    ModelMisconfigured,
    ModelTooSlow,
    ModelUnavailable,
    SlackUnavailable,
    StoreUnavailable,
)
from domain.memory import CEILING, Memory
from domain.ports.model import Completed, Retraction
from domain.prompts import Prompts
from domain.spending.usage import Usage
from domain.texts.japanese import JAPANESE
from domain.turn_events import Answered, Condensed, CondensingFailed, Finished, Obeyed
from tests.domain.desk import DOG, THREAD, Desk, follow_up, raising
from tests.fakes import (
    InMemoryReplies,
    PlainResolver,
    PostedReply,
    ScriptedModel,
)
from tests.notes import texts


def test_the_answer_appears_word_by_word_in_a_thread_and_is_closed():
    desk = Desk(ScriptedModel("ポチ|ですか、|いいですね"))
    desk.answer(DOG)
    reply = desk.replies.only
    assert reply.seen == ["ポチ", "ポチですか、", "ポチですか、いいですね"]
    assert reply.closed
    assert reply.thread == DOG.ts


def test_thoughts_that_were_shown_for_an_answer_are_replaced_by_it_and_not_remembered():
    desk, thinking = Desk(), ["犬種?", Retraction(), "ポチは", "柴犬です", Completed(Usage(), cut=True)]
    desk.model.reply = lambda *_: (each for each in thinking)
    desk.answer(DOG)
    reply = desk.replies.only
    assert reply.seen == ["犬種?"]
    assert reply.text == f"ポチは柴犬です\n\n{JAPANESE.cut_short}"
    assert reply.closed
    assert reply.receipt
    assert [each.text for each in desk.memory_of().buffer] == ["犬の名前はポチです", "ポチは柴犬です"]


def test_both_messages_of_a_turn_are_remembered_with_their_tokens():
    desk = Desk(ScriptedModel("いいですね"))
    desk.answer(DOG)
    assert [(each.speaker, each.text, each.tokens) for each in desk.memory_of().buffer] == [
        ("person", "犬の名前はポチです", 9),
        ("bot", "いいですね", 5),
    ]


def test_a_follow_up_is_asked_with_what_was_said_before():
    desk = Desk()
    desk.answer(DOG)
    desk.answer(follow_up(1, "犬の名前は?", addressed=False))
    said = [part.text for part in desk.model.prompts[-1]]
    assert said[-3:] == ["犬の名前はポチです", "『犬の名前はポチです』ですね。", "犬の名前は?"]


def test_a_turn_costs_one_read_and_two_writes():
    desk = Desk()
    desk.answer(DOG)
    assert (desk.store.loads, desk.store.saves) == (1, 2)


def test_the_reply_is_known_to_the_store_before_the_first_word_is_shown():
    desk = Desk()
    known_when_asked = []
    speak = desk.model.reply
    desk.model.reply = lambda prompt, deadline, conversation, model: (
        known_when_asked.append(desk.memory_of().replies) or speak(prompt, deadline)
    )
    desk.answer(DOG)
    ((record,),) = known_when_asked
    assert (record.question, record.reply, record.answered) == (DOG.ts, desk.replies.only.ts, False)


def test_nothing_is_counted_before_the_answer_is_out():
    desk = Desk(count=lambda text: counted.append(desk.replies.only.text) or len(text))
    counted = []
    desk.answer(DOG)
    assert set(counted) == {"『犬の名前はポチです』ですね。"}


def test_talk_in_a_thread_in_which_nobody_has_asked_the_bot_is_left_alone():
    desk = Desk()
    desk.answer(follow_up(1, addressed=False))
    assert desk.replies.by_ts == {}
    assert desk.store.saves == 0


def test_a_whole_channel_can_share_one_memory():
    desk = Desk(scope=Scope.CHANNEL)
    desk.answer(DOG)
    desk.answer(replace(DOG, ts="1001.000001", text="犬の名前は?"))
    assert len(desk.memory_of("T1/C1").buffer) == 4
    assert {reply.thread for reply in desk.replies.by_ts.values()} == {""}


def test_a_repeated_delivery_of_an_answered_question_finishes_its_reply_without_asking_again():
    desk = Desk()
    desk.answer(DOG)
    desk.replies.only.text, desk.replies.only.closed = "『犬の", False
    desk.answer(DOG, Delivery(2))
    assert desk.replies.only.text == "『犬の名前はポチです』ですね。"
    assert desk.replies.only.closed
    assert len(desk.model.prompts) == 1
    assert len(desk.memory_of().buffer) == 2
    assert isinstance(desk.events[-1], Finished)


def test_a_repeated_delivery_long_after_leaves_the_reply_as_it_is():
    desk = Desk(memory=Memory(100_000, 50, 40))
    for n in range(6):
        desk.answer(follow_up(n))
    first = next(iter(desk.replies.by_ts.values()))
    first.text = "人が読んだあと"
    desk.answer(follow_up(0), Delivery(2))
    assert first.text == "人が読んだあと"
    assert len(desk.replies.by_ts) == 6


def test_a_delivery_after_a_failure_goes_on_in_the_same_reply():
    desk = Desk(ScriptedModel(ModelUnavailable("down"), "お待たせしました"))
    with pytest.raises(ModelUnavailable):
        desk.answer(DOG)
    desk.answer(DOG, Delivery(2))
    assert desk.replies.only.text == "お待たせしました"
    assert len(desk.memory_of().buffer) == 2


def test_a_model_that_breaks_off_has_not_answered():
    desk = Desk()
    desk.model.reply = lambda *_: (piece for piece in ["途中まで"])
    with pytest.raises(ModelUnavailable, match="broke off"):
        desk.answer(DOG)
    assert desk.memory_of().buffer == ()


def test_a_model_that_says_nothing_has_refused():
    desk = Desk(ScriptedModel(" "))
    desk.answer(DOG)
    assert "言い方を変えて" in desk.replies.only.text


def test_an_answer_cut_at_its_limit_says_so_but_remembers_only_the_models_words():
    desk = Desk(ScriptedModel("長い話の途中", cut=True))
    desk.answer(DOG)
    assert desk.replies.only.text.startswith("長い話の途中\n\n(長さの上限")
    assert desk.memory_of().buffer[-1].text == "長い話の途中"
    shown = desk.replies.only.text
    desk.answer(DOG, Delivery(2))
    assert desk.replies.only.text == shown


def test_a_worker_whose_time_is_up_ends_the_answer_says_so_and_saves_what_was_said():
    desk = Desk(ScriptedModel("長い|話の|途中で|時間が|来る"))
    write = PostedReply.write
    desk.replies.on_open = lambda reply: setattr(
        reply, "write", lambda words: (desk.clock.pass_by(10), write(reply, words))
    )
    desk.answer(DOG, Delivery(deadline=Deadline(desk.clock).within(30)))
    assert desk.replies.only.text.startswith("長い話の途中で\n\n(時間の上限")
    assert desk.replies.only.closed
    assert desk.memory_of().buffer[-1].text == "長い話の途中で"
    assert desk.events[-1].cut


def test_condensing_is_handed_over_to_the_queue_and_the_next_question_does_not_wait_for_it():
    desk = Desk(ScriptedModel("あ" * 60, "い" * 60))
    desk.queue.handle = lambda request: None
    desk.answer(DOG)
    assert desk.queue.requests == []
    desk.answer(second := follow_up(1))
    ((request, group),) = desk.queue.requests
    assert (request.conversation, request.reference) == (THREAD, second.reference)
    assert group not in (THREAD, second.group(Scope.THREAD))
    assert desk.model.condensations == []
    desk.answer(follow_up(2, "犬の名前は?"))
    assert DOG.text in [part.text for part in desk.model.prompts[-1]]


def test_where_the_queue_is_down_the_answer_stands_and_the_next_turn_asks_for_condensing_again():
    desk = Desk(ScriptedModel("あ" * 60, "い" * 60, "はい", summaries=("犬の名前はポチ。",)))
    desk.answer(DOG)
    desk.queue.on_put = raising(StoreUnavailable("down"))
    desk.answer(follow_up(1))
    assert isinstance(desk.events[-1], CondensingFailed)
    desk.queue.on_put = lambda: None
    desk.answer(follow_up(2))
    assert texts(desk.memory_of().notes) == ["犬の名前はポチ。"]


def test_the_usage_of_a_turn_is_reported():
    desk = Desk(ScriptedModel("はい"))
    desk.answer(DOG)
    (event,) = desk.events
    assert isinstance(event, Answered)
    assert event.conversation == THREAD
    assert event.usage.received == 2


def test_a_buffer_over_its_limit_is_condensed_after_the_answer_is_out():
    desk = Desk(ScriptedModel("あ" * 60, "い" * 60, summaries=("犬の名前はポチ。",)))
    seen_closed = []
    summarise = desk.model.summarise
    desk.model.summarise = lambda *asked: (
        seen_closed.append([reply.closed for reply in desk.replies.by_ts.values()]) or summarise(*asked)
    )
    desk.answer(DOG)
    desk.answer(follow_up(1))
    assert seen_closed == [[True, True]]
    assert texts(desk.memory_of().notes) == ["犬の名前はポチ。"]
    assert desk.memory_of().notes_tokens == len("1. 1970-01-01 犬の名前はポチ。\n")
    assert [each.text for each in desk.memory_of().buffer] == ["それで?", "い" * 60]
    event = desk.events[-1]
    assert isinstance(event, Condensed)
    assert (event.messages, event.folded_tokens, event.summary_tokens, event.trimmed) == (2, 69, 23, False)


def test_the_next_prompt_quotes_the_summary_as_a_record():
    desk = Desk(ScriptedModel("あ" * 60, "い" * 60, "ポチです", summaries=("犬の名前はポチ。",)))
    for n in range(3):
        desk.answer(follow_up(n))
    (record,) = desk.model.records
    assert "犬の名前はポチ。" in record


def test_when_summarising_fails_the_answer_stands_the_buffer_is_kept_and_the_next_turn_tries_again():
    desk = Desk(ScriptedModel("あ" * 60, "い" * 60, "はい", summaries=(ModelBusy("429"), "犬の名前はポチ。")))
    desk.answer(DOG)
    desk.answer(follow_up(1))
    assert list(desk.replies.by_ts.values())[-1].text == "い" * 60
    assert len(desk.memory_of().buffer) == 4
    assert isinstance(desk.events[-1], CondensingFailed)
    desk.answer(follow_up(2))
    assert texts(desk.memory_of().notes) == ["犬の名前はポチ。"]
    assert [len(each.folded) for each in desk.model.condensations] == [4 - 2, 4]


def test_an_empty_summary_is_no_summary():
    desk = Desk(ScriptedModel("あ" * 60, "い" * 60, summaries=(" \n",)))
    desk.answer(DOG)
    desk.answer(follow_up(1))
    assert isinstance(desk.events[-1], CondensingFailed)
    assert len(desk.memory_of().buffer) == 4


def test_a_summary_longer_than_it_may_be_is_trimmed_and_that_is_reported():
    rambling = "犬の名前はポチ。三歳の柴犬で、毎朝早くから川沿いの道を散歩しています。"
    desk = Desk(ScriptedModel("あ" * 60, "い" * 60, summaries=(rambling, rambling)))
    desk.answer(DOG)
    desk.answer(follow_up(1))
    assert texts(desk.memory_of().notes) == ["犬の名前はポチ。"]
    assert desk.events[-1].trimmed


def test_a_buffer_at_its_ceiling_is_condensed_before_the_next_question_is_asked():
    desk = full_desk()
    desk.model.summaries = ["犬の名前はポチ。"]
    desk.answer(follow_up(90, "まだ?"))
    assert [type(each) for each in desk.events[-2:]] == [Condensed, Answered]
    assert "犬の名前はポチ。" in desk.model.records[0]


def test_a_buffer_at_its_ceiling_that_cannot_be_condensed_makes_the_next_question_wait():
    desk = full_desk()
    asked = len(desk.model.prompts)
    with pytest.raises(Exception, match="ceiling"):
        desk.answer(follow_up(90, "まだ?"), Delivery(3, last=True))
    assert len(desk.model.prompts) == asked
    assert "記憶を整理" in list(desk.replies.by_ts.values())[-1].text


def test_a_memory_that_only_the_operator_can_mend_is_told_as_such():
    desk = full_desk()
    desk.model.summaries = [ModelMisconfigured("404")]
    with pytest.raises(ModelMisconfigured):
        desk.answer(follow_up(90, "まだ?"))
    assert "管理者" in list(desk.replies.by_ts.values())[-1].text


def full_desk() -> Desk:
    """A desk whose summariser has failed for so long that the buffer is at its ceiling."""
    desk = Desk(ScriptedModel(summaries=(ModelBusy("429"),) * 99), memory=Memory(limit=60, keep=30, summary=40))
    desk.answer(DOG)
    while not desk.memory.is_full(desk.memory_of()):
        desk.answer(follow_up(len(desk.replies.by_ts)))
    return desk


def test_a_conflict_is_resolved_on_the_fresh_conversation_and_nobodys_turn_is_lost():
    desk = Desk()

    def another_worker_saves_once():
        desk.store.interfere = lambda: None
        fresh = desk.store.load(THREAD)
        desk.store.save(THREAD, replace(fresh, conversation=fresh.conversation.settled("999.000001", "別の答え")))

    desk.store.interfere = another_worker_saves_once
    desk.answer(DOG)
    assert desk.memory_of().reply_to("999.000001").answered
    assert desk.memory_of().reply_to(DOG.ts).answered
    assert len(desk.memory_of().buffer) == 2


def test_a_conflict_that_does_not_end_is_handed_back_to_the_queue():
    desk = Desk()

    def another_worker_always_saves():
        desk.store.kept[THREAD] = replace(desk.store.load(THREAD), version=desk.store.load(THREAD).version + 1)

    desk.store.interfere = another_worker_always_saves
    with pytest.raises(Conflict, match="3 times"):
        desk.answer(DOG)


def test_the_answer_is_saved_before_the_reply_is_closed_and_not_paid_for_again():
    desk = Desk()
    desk.replies.on_open = lambda reply: setattr(reply, "fail_to_close", True)
    with pytest.raises(SlackUnavailable):
        desk.answer(DOG)
    assert len(desk.memory_of().buffer) == 2
    desk.answer(DOG, Delivery(2))
    assert desk.replies.only.closed
    assert len(desk.model.prompts) == 1


@pytest.mark.parametrize("again", [Delivery(2), Delivery(1, replayed=True)])
def test_a_reply_that_was_opened_but_never_saved_is_found_again(again):
    desk = Desk()
    save, desk.store.save = desk.store.save, raising(StoreUnavailable("locked"))
    with pytest.raises(StoreUnavailable):
        desk.answer(DOG)
    desk.store.save = save
    desk.answer(DOG, again)
    assert desk.replies.only.text == "『犬の名前はポチです』ですね。"


def test_two_deliveries_at_once_remember_one_turn_and_the_later_one_goes_back_to_the_queue():
    desk = Desk()

    def the_other_delivery_runs_whole(reply):
        desk.replies.on_open = lambda reply: None
        desk.answer(DOG, Delivery(2))

    desk.replies.on_open = the_other_delivery_runs_whole
    with pytest.raises(Conflict, match="another delivery"):
        desk.answer(DOG)
    assert len(desk.memory_of().buffer) == 2
    assert len(desk.model.prompts) == 1
    assert desk.memory_of().reply_to(DOG.ts).answered


def test_a_bug_while_condensing_does_not_undo_the_turn():
    desk = Desk(ScriptedModel("あ" * 60, "い" * 60, summaries=(ZeroDivisionError("a bug"),)))
    desk.answer(DOG)
    desk.answer(follow_up(1))
    assert isinstance(desk.events[-1], CondensingFailed)
    assert len(desk.memory_of().buffer) == 4


def rambling(number: int, length: int) -> str:
    """A summary in prose of about so many characters, in sentences that differ."""
    return "".join(f"{chr(0x5000 + number)}{chr(0x6000 + n)}犬。" for n in range(length // 4 + 1))


@settings(deadline=None)
@given(
    turns=st.lists(st.tuples(st.integers(1, 90), st.integers(1, 200), st.booleans()), min_size=1, max_size=40),
    keep=st.integers(1, 99),
    written=st.integers(1, 90),
)
def test_for_any_sequence_of_turns_prompts_stay_bounded_and_nothing_is_forgotten(turns, keep, written):
    """Promises 4 and 5: sizes are in characters, and a summariser that fails leaves everything in the buffer."""
    memory = Memory(limit=100, keep=keep, summary=80)
    desk = Desk(memory=memory)
    said, succeeded = [], []
    for n, (asked, answered, summarising_works) in enumerate(turns):
        question = follow_up(n, chr(0x4E00 + 2 * n) * asked)
        answer = chr(0x4E01 + 2 * n) * answered
        desk.model.answers = [answer]
        summary = rambling(n, written)
        desk.model.summaries = [summary, summary] if summarising_works else [ModelBusy("429"), ModelBusy("429")]
        tried = len(desk.model.condensations)
        with suppress(MemoryFull):
            desk.answer(question, Delivery(3, last=True))
            said += [question.text, answer]
        if summarising_works:
            requests = desk.model.condensations[tried:]
            prompts = [each.prompt for each in requests]
            first = [each for each in requests if each.prompt[:-1] not in prompts]  # not asked once more
            succeeded += [each.text for request in first for each in request.folded]
        kept = desk.memory_of()
        assert succeeded + [message.text for message in kept.buffer] == said
        assert kept.notes_tokens <= memory.summary
        assert kept.buffer_tokens <= CEILING * memory.limit + 290
        # The worst prompt: a buffer at its ceiling and the turn that took it there, a summary in its frame, a question.
        assert sum(len(part.text) for part in desk.model.prompts[-1][1:]) <= CEILING * memory.limit + 290 + 80 + 30 + 90


def test_the_person_is_named_to_the_model_and_remembered_by_name():
    desk = Desk(resolver=PlainResolver(**{DOG.text: ResolvedQuestion(DOG.text, "花子")}))
    desk.answer(DOG)
    assert desk.model.prompts[0][-1].text_with_name == "花子: 犬の名前はポチです"
    (asked, _) = desk.memory_of().buffer
    assert (asked.name, asked.text, asked.tokens) == ("花子", "犬の名前はポチです", 13)


def test_the_memory_is_shown_with_links_to_what_its_notes_came_from():
    desk = Desk(ScriptedModel("あ" * 60, "い" * 60, summaries=("ADD 犬の名前はポチ。",)))
    desk.answer(DOG)
    desk.answer(follow_up(1))
    desk.answer(follow_up(2, "記憶"))
    day = f"[1970-01-01](https://example.slack.com/archives/C1/{DOG.ts})"
    assert f"1. {day}: 犬の名前はポチ。" in list(desk.replies.by_ts.values())[-1].text


def test_a_message_is_remembered_with_the_ts_of_the_question():
    desk = Desk()
    desk.answer(DOG)
    assert [message.ts for message in desk.memory_of().buffer] == [DOG.ts, DOG.ts]


def test_a_document_is_read_whole_and_remembered_as_far_as_half_the_buffer_holds():
    letters = Document("letters.txt", "あ" * 200), Document("more.txt", "い" * 200)
    memory = Memory(limit=200, keep=50, summary=40)
    resolver = PlainResolver(**{DOG.text: ResolvedQuestion(DOG.text, documents=letters)})
    desk = Desk(ScriptedModel("はい"), resolver=resolver, memory=memory)
    desk.answer(DOG)
    assert desk.model.prompts[0][-1].text.count("あ") == 200
    remembered = desk.memory_of().buffer[0].text
    assert (remembered.count("あ"), remembered.count("い")) == (100, 0)


def test_whoever_reads_a_question_knows_until_when_there_is_time():
    resolver = PlainResolver()
    resolver.read = lambda question, deadline: ResolvedQuestion(question.text, f"{deadline.seconds_left:.0f}")
    desk = Desk(resolver=resolver)
    desk.answer(DOG, Delivery(deadline=Deadline(desk.clock).within(30)))
    desk.answer(follow_up(1))
    assert [each.name for each in desk.memory_of().buffer[::2]] == ["30", "240"]


def test_a_picture_is_shown_once_and_remembered_by_its_name_alone():
    dog = Picture("pochi.png", "image/png", b"\x89PNG")
    desk = Desk(resolver=PlainResolver(**{DOG.text: ResolvedQuestion(DOG.text, pictures=(dog,))}))
    desk.answer(DOG)
    desk.answer(follow_up(1))
    first, second = desk.model.prompts
    assert first[-1].pictures == (dog,)
    assert all(not part.pictures for part in second)
    assert "[画像: pochi.png]" in desk.memory_of().buffer[0].text


def test_files_that_were_not_read_are_named_under_the_answer_and_not_remembered():
    unread = Unread("song.mp3", Unreadable.KIND)
    desk = Desk(
        ScriptedModel("いいですね"), resolver=PlainResolver(**{DOG.text: ResolvedQuestion(DOG.text, unread=(unread,))})
    )
    desk.answer(DOG)
    assert "song.mp3 は読みませんでした" in desk.replies.only.text
    assert desk.memory_of().buffer[1].text == "いいですね"


def test_what_an_answer_took_stands_under_it_and_in_the_record():
    desk = Desk(ScriptedModel("いいですね"))
    desk.answer(DOG)
    receipt = desk.replies.only.receipt
    assert (receipt.model, receipt.prompts, receipt.usage.received) == ("scripted", Prompts(JAPANESE).version, 5)
    assert desk.memory_of().reply_to(DOG.ts).receipt == receipt


class Thoughtful(ScriptedModel):
    """A model that takes two seconds to its first word and three more to its end."""

    def reply(self, prompt, deadline=NO_DEADLINE, conversation="", model=""):
        yield ""
        deadline.clock.pass_by(2)
        yield "ポチ"
        deadline.clock.pass_by(3)
        yield Completed(Usage(sent=9, received=2))


def test_of_a_turn_is_reported_who_answered_whom_and_how_long_it_took():
    desk = Desk(Thoughtful())
    desk.answer(DOG)
    (answered,) = desk.events
    assert (answered.request.person, answered.conversation, answered.model) == ("USAKURA", THREAD, "scripted")
    assert (answered.first_word, answered.seconds, answered.usage) == (2.0, 5.0, Usage(9, 2, turns=1))


def test_what_conversations_cost_adds_up_with_their_condensations():
    desk = Desk(ScriptedModel("あ" * 60, "い" * 60, summaries=("犬の話",)))
    desk.answer(DOG)
    desk.answer(follow_up(1))
    usage = desk.memory_of().usage
    assert (usage.turns, usage.received) == (2, 60 + 60 + 3)


def test_a_finished_reply_gets_its_receipt_too():
    desk = Desk(replies=InMemoryReplies())
    desk.replies.on_open = lambda reply: setattr(reply, "fail_to_close", True)
    with suppress(SlackUnavailable):
        desk.answer(DOG)
    desk.answer(DOG, Delivery(2))
    assert desk.replies.only.receipt.model == "scripted"


class Impatient(PostedReply):
    """A reply whose person presses the stop button at the second word."""

    def write(self, words):
        super().write(words)
        self.stopped = len(self.seen) > 1


def test_the_stop_button_stops_the_model_keeps_what_was_said_and_says_so():
    desk = Desk(ScriptedModel("ポチ|ですか、|いいですね"))
    desk.replies.open = lambda question, place: desk.replies.by_ts.setdefault("9", Impatient("9", place.thread))
    desk.answer(DOG)
    assert desk.replies.only.text == f"ポチですか、\n\n{JAPANESE.stopped}"
    assert desk.replies.only.closed
    assert desk.memory_of().buffer[1].text == "ポチですか、"
    (answered,) = [each for each in desk.events if isinstance(each, Answered)]
    assert answered.stopped


def test_a_bot_told_to_be_quiet_waits_for_mentions_until_it_is_told_to_listen():
    desk = Desk()
    desk.answer(DOG)
    desk.answer(follow_up(1, "静かに", addressed=False))
    desk.answer(follow_up(2, "犬は元気?", addressed=False))
    desk.answer(follow_up(3, "犬は元気?"))
    desk.answer(follow_up(4, "聞いて", addressed=False))
    desk.answer(follow_up(5, "猫は?", addressed=False))
    assert [prompt[-1].text for prompt in desk.model.prompts] == [DOG.text, "犬は元気?", "猫は?"]


def test_a_command_is_answered_without_the_model_and_not_remembered():
    desk = Desk()
    desk.answer(DOG)
    desk.answer(follow_up(1, "記憶"))
    assert len(desk.model.prompts) == 1
    assert len(desk.memory_of().buffer) == 2
    assert "犬の名前はポチです" in desk.replies.by_ts["2000.000002"].text
    assert desk.replies.by_ts["2000.000002"].receipt is None
    assert Obeyed(follow_up(1, "記憶"), THREAD, Command.MEMORY) in desk.events


def test_a_reset_that_is_delivered_again_forgets_nothing_that_was_said_after_it():
    desk = Desk()
    desk.answer(DOG)
    desk.answer(reset := follow_up(1, "リセット"))
    desk.answer(follow_up(2, "猫はタマです"))
    desk.answer(reset, Delivery(2))
    assert desk.memory_of().buffer[0].text == "猫はタマです"
    assert "2 件" in desk.replies.by_ts["2000.000002"].text


def test_a_reset_made_anew_after_a_conflict_says_what_it_then_forgot():
    desk = Desk()
    desk.answer(DOG)
    others = iter([follow_up(1, "猫はタマです")])

    def interfere():
        if desk.store.saves == 3 and (other := next(others, None)):
            desk.answer(other)

    desk.store.interfere = interfere
    desk.answer(follow_up(5, "リセット"))
    assert desk.memory_of().buffer == ()
    assert "4 件" in desk.replies.of[follow_up(5).identity].text


def test_a_reset_that_comes_too_late_takes_nothing_that_was_said_since_and_says_so():
    desk = Desk()
    desk.answer(DOG)
    desk.answer(follow_up(5, "猫はタマです"))
    desk.answer(follow_up(1, "リセット"))
    assert len(desk.memory_of().buffer) == 4
    assert desk.replies.of[follow_up(1).identity].text == JAPANESE.gone_on


def test_long_answers_are_recorded_while_there_is_room_and_the_newest_always():
    desk = Desk(ScriptedModel("あ" * 30_000, "い" * 10_000, "う" * 10_000), memory=Memory(100_000, 50_000, 1_000))
    for question in (DOG, follow_up(1), follow_up(2)):
        desk.answer(question)
    assert [record.answer[:1] for record in desk.memory_of().replies] == ["", "い", "う"]


def test_an_export_goes_to_the_person_who_asked_and_to_nobody_else():
    desk = Desk()
    desk.answer(DOG)
    desk.answer(follow_up(1, "エクスポート", person="UTARO"))
    ((person, name, content),) = desk.replies.sent
    assert (person, name) == ("UTARO", "memory-T1-C1-1000.000001.json")
    assert "ポチ" in content
    assert name in desk.replies.by_ts["2000.000002"].text


def test_with_nothing_remembered_no_file_is_sent():
    desk = Desk()
    desk.answer(replace(DOG, text="export"))
    assert desk.replies.sent == []
    assert desk.replies.only.text == JAPANESE.nothing


def test_a_slash_command_is_answered_once_for_its_person():
    desk = Desk()
    command = replace(DOG, text="help", private=True)
    desk.answer(command)
    assert desk.replies.only.private
    assert "リセット" in desk.replies.only.text
    assert desk.memory_of("T1/C1").reply_to(DOG.ts).answered


def test_what_one_person_was_told_alone_does_not_make_the_bot_join_the_thread():
    desk = Desk()
    desk.answer(replace(DOG, text="記憶", thread="1000.000000", private=True))
    desk.answer(replace(DOG, ts="1000.000002", thread="1000.000000", addressed=False))
    assert desk.model.prompts == []


def test_after_a_reset_the_bot_still_takes_part_in_its_thread():
    desk = Desk()
    desk.answer(DOG)
    desk.answer(follow_up(1, "リセット"))
    desk.answer(follow_up(2, "猫は?", addressed=False))
    assert desk.model.prompts[-1][-1].text == "猫は?"


@pytest.mark.parametrize(
    ("said", "closing"),
    [
        ("```py|\nx = 1", "\n```\n\n"),
        ("~~~~|\n~~~\n", "\n~~~~\n\n"),
        ("```|\nx\n```\n", "\n\n"),
        ("```|\n```py\n", "\n```\n\n"),
        ("a ``` b|", "\n\n"),
    ],
)
def test_what_is_said_after_an_answer_that_was_cut_short_is_no_code(said, closing):
    desk = Desk(ScriptedModel(said, cut=True))
    desk.answer(DOG)
    assert desk.replies.only.text == said.replace("|", "") + closing + JAPANESE.cut_short


class SmallModel(ScriptedModel):
    """A model whose context holds so many characters."""

    def __init__(self, context: int) -> None:
        super().__init__()
        self.context = context

    def reply(self, prompt, deadline=NO_DEADLINE, conversation="", model=""):
        self._require_room(prompt)
        return super().reply(prompt, deadline)

    def summarise(self, condensation, deadline=NO_DEADLINE):
        self._require_room(condensation.prompt)
        return super().summarise(condensation, deadline)

    def _require_room(self, prompt):
        if sum(len(part.text) for part in prompt) > self.context:
            raise ContextTooSmall("the prompt is larger than the context")


def test_a_thread_outgrows_no_models_context():
    desk = Desk(SmallModel(context=900), memory=Memory(limit=4000, keep=2000, summary=100))
    for n in range(30):
        desk.answer(follow_up(n, f"{n}日目の散歩は公園まで行きました。"))
    answers = [reply.text for reply in desk.replies.by_ts.values()]
    assert all(f"{n}日目" in answer for n, answer in enumerate(answers))
    assert any(isinstance(each, Condensed) for each in desk.events)


def test_a_question_that_fits_no_context_is_told_what_helps():
    desk = Desk(SmallModel(context=300), memory=Memory(limit=4000, keep=2000, summary=100))
    with pytest.raises(ContextTooSmall):
        desk.answer(replace(DOG, text="長" * 300))
    assert "リセット" in desk.replies.only.text
    assert "管理者" in desk.replies.only.text


def test_a_silent_model_is_told_of_at_once_and_can_be_asked_again_by_the_operator():
    desk = Desk(reply_seconds=60)
    speak = desk.model.reply
    desk.model.reply = lambda prompt, deadline, conversation, model: iter_of_nothing(desk.clock.pass_by(61))
    with pytest.raises(ModelTooSlow):
        desk.answer(DOG)
    assert "時間内に" in desk.replies.only.text
    desk.model.reply = speak
    desk.answer(DOG, Delivery(1, replayed=True))
    assert desk.replies.only.text == "『犬の名前はポチです』ですね。"


def iter_of_nothing(_):
    yield from ()


def test_an_answer_stopped_before_its_first_word_is_said_to_be_and_not_remembered():
    desk = Desk()
    desk.replies.on_open = lambda reply: setattr(reply, "stopped", True)
    desk.model.reply = lambda *_: iter_of_nothing(None)
    desk.answer(DOG)
    assert "止めました" in desk.replies.only.text
    assert desk.memory_of().buffer == ()


def test_a_server_that_ignores_the_limit_of_an_answer_is_ended_with_a_note():
    desk = Desk(ScriptedModel("犬" * 1_000), reply_token_limit=10)
    desk.answer(DOG)
    assert desk.memory_of().buffer[-1].text == "犬" * 33
    assert "長さの上限" in desk.replies.only.text


class Directory(PlainResolver):
    """Knows people by their ids."""

    def __init__(self, **names):
        super().__init__()
        self.names = names

    def read(self, question, deadline=NO_DEADLINE):
        return ResolvedQuestion(question.text, self.names.get(question.person, ""))


def test_two_people_of_one_name_are_told_apart_and_keep_their_names():
    desk = Desk(resolver=Directory(U1="花子", U2="花子", U3="АI"), memory=Memory(4000, 2000, 1000))
    for n, person in enumerate(["U1", "U2", "U1", "U3", "U4"]):
        desk.answer(follow_up(n, "犬は?", person=person))
    assert [each.name for each in desk.memory_of().buffer[::2]] == ["花子", "花子 (U2)", "花子", "АI (U3)", "U4"]


def test_after_a_reset_nobody_is_known_by_name():
    desk = Desk(resolver=Directory(U1="花子", U2="花子"))
    desk.answer(follow_up(0, person="U1"))
    desk.answer(follow_up(1, "リセット", person="U1"))
    desk.answer(follow_up(2, "猫は?", person="U2"))
    assert [each.name for each in desk.memory_of().buffer[::2]] == ["花子"]
