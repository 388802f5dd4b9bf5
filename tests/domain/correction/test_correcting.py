"""What becomes of the memory, and of questions that wait, when people edit and delete their posts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attachments import Document, ResolvedQuestion
from domain.channels.channel_settings import ChannelSettings
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.notes import Note
from domain.conversations.place import Scope
from domain.conversations.saving import Stored
from domain.conversations.thread_posts import Post, ThreadPosts
from domain.correction.correcting import Correcting
from domain.correction.edits_and_deletions import Deletion, Edit, Redact
from domain.correction.waiting_changes import CHANGES_BYTES, CHANGES_KEPT, REDACTIONS_KEPT, PostChange, Redaction
from domain.deliveries.delivery import Delivery
from domain.deliveries.retries import DELAYS, Attempts, Cause
from domain.errors import Conflict, ModelUnavailable, SlackUnavailable, StillAnswering
from domain.memory import Memory
from domain.prompts import Prompts
from domain.requests import Apology, File, Question
from domain.texts.japanese import JAPANESE
from domain.timestamp import Timestamp
from domain.turn.remembering import Remembering
from tests.domain.desk import DOG, THREAD, Desk, follow_up
from tests.fakes import PlainResolver, ScriptedModel


class Talk(Desk):
    """A desk at which posts can be edited and deleted. Time passes with each change."""

    def __init__(self, model=None, **settings) -> None:
        self.resolver = settings.pop("resolver", PlainResolver())
        limits = settings.pop("limits", Memory(4000, 2000, 1000))
        super().__init__(model, resolver=self.resolver, memory=limits, **settings)
        self.now = 2000
        self.correcting = Correcting(
            conversations=self.store,
            resolver=self.resolver,
            queue=self.queue,
            remembering=Remembering(self.memory, Prompts(JAPANESE), len),
            scope=settings.get("scope", Scope.THREAD),
            report=self.events.append,
        )

    def edit(self, question: Question, text: str, **changes) -> Edit:
        self.now += 1
        post = replace(question, text=text)
        request = Edit("T1", "C1", Timestamp(f"{self.now}.1"), question.person, post, was=question.text, **changes)
        self.correcting.correct(request)
        return request

    def delete(self, question: Question, **changes) -> Deletion:
        self.now += 1
        request = Deletion(
            "T1", "C1", Timestamp(f"{self.now}.1"), question.person, question, was=question.text, **changes
        )
        self.correcting.correct(request)
        return request

    def delete_reply(self, ts: str) -> None:
        self.delete(replace(DOG, ts=Timestamp(ts), thread=DOG.ts, person="UBOT", text="答え"), own=True)

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.memory_of().buffer]

    def asked(self) -> list[str]:
        return [prompt[-1].text for prompt in self.model.prompts]


# A question that waits


def test_an_edited_question_that_waits_is_answered_as_edited():
    talk = Talk()
    talk.edit(DOG, "犬の名前はハチです")
    talk.answer(DOG)
    assert talk.asked() == ["犬の名前はハチです"]
    assert talk.texts[0] == "犬の名前はハチです"
    assert talk.memory_of().changes == ()


def test_the_last_edit_counts_in_whatever_order_they_are_delivered():
    talk = Talk()
    newest = talk.edit(DOG, "三")
    talk.correcting.correct(replace(newest, ts=Timestamp("1999.1"), post=replace(DOG, text="二")))
    talk.answer(DOG)
    assert talk.asked() == ["三"]


def test_a_deleted_question_that_waits_is_not_answered():
    talk = Talk()
    talk.delete(DOG)
    talk.answer(DOG)
    assert talk.replies.by_ts == {}
    assert talk.model.prompts == []


def test_a_question_is_edited_into_a_command_and_out_of_one():
    talk = Talk()
    talk.edit(DOG, "ヘルプ")
    talk.answer(DOG)
    assert talk.model.prompts == []
    talk.edit(follow_up(1, "リセット"), "リセットとは?")
    talk.answer(follow_up(1, "リセット"))
    assert talk.asked() == ["リセットとは?"]


def test_a_follow_up_that_waits_is_answered_as_edited_where_the_bot_takes_part():
    talk = Talk()
    talk.answer(DOG)
    talk.edit(follow_up(1, addressed=False), "猫は?")
    talk.answer(follow_up(1, addressed=False))
    assert talk.asked()[1] == "猫は?"


def test_what_people_say_to_one_another_is_not_kept_for_an_edit():
    talk = Talk()
    talk.edit(follow_up(1, addressed=False), "猫は?")
    assert talk.store.kept == {}
    talk.answer(DOG)
    talk.answer(follow_up(1, "静かに"))
    talk.edit(follow_up(2, addressed=False), "内緒です")
    assert talk.memory_of().changes == ()


def test_in_a_channel_with_one_memory_only_mentions_wait_for_an_answer():
    talk = Talk(scope=Scope.CHANNEL)
    talk.answer(DOG)
    talk.edit(follow_up(1, addressed=False), "内緒です")
    assert talk.memory_of("T1/C1").changes == ()
    talk.edit(follow_up(2), "猫は?")
    assert len(talk.memory_of("T1/C1").changes) == 1


def test_an_edit_while_the_reply_is_being_opened_is_answered_too():
    talk = Talk()
    talk.replies.on_open = lambda _: talk.edit(DOG, "猫は?")
    talk.answer(DOG)
    assert talk.asked() == ["猫は?"]


def test_a_question_deleted_while_its_reply_is_being_opened_gets_a_sentence_and_is_not_remembered():
    talk = Talk()
    talk.replies.on_open = lambda _: talk.delete(DOG)
    talk.answer(DOG)
    assert "削除された" in talk.replies.only.text
    assert talk.memory_of().is_empty
    assert talk.model.prompts == []


def test_an_edit_during_the_answer_waits_for_it_and_is_remembered_then():
    talk = Talk()
    edits = []

    def edited(*_):
        with pytest.raises(StillAnswering):
            talk.edit(DOG, "猫は?")
        edits.append(talk.memory_of())
        return ResolvedQuestion(DOG.text)

    talk.resolver.read = edited
    talk.answer(DOG)
    talk.resolver.read = PlainResolver().read
    assert talk.texts[0] == DOG.text
    talk.edit(DOG, "猫は?")
    assert talk.texts[0] == "猫は?"


def test_a_question_whose_answer_failed_is_answered_as_edited_by_the_next_delivery():
    talk = Talk(ScriptedModel(ModelUnavailable("away"), "はい"))
    with pytest.raises(ModelUnavailable):
        talk.answer(DOG)
    with pytest.raises(StillAnswering):
        talk.edit(DOG, "猫は?")
    talk.answer(DOG)
    assert talk.asked() == [DOG.text, "猫は?"]


def test_a_change_does_not_wait_for_ever_for_a_question_that_has_failed_and_whoever_replays_it_finds_the_change():
    talk = Talk(ScriptedModel(ModelUnavailable("away"), "はい"))
    with pytest.raises(ModelUnavailable):
        talk.answer(follow_up(1))
    last = Delivery(attempts=Attempts(outage=len(DELAYS[Cause.OUTAGE])))
    for post in (DOG, follow_up(1)):
        with pytest.raises(StillAnswering):
            talk.edit(post, "猫は?")
        talk.correcting.correct(Edit("T1", "C1", Timestamp("2009.1"), DOG.person, replace(post, text="鳥は?")), last)
    talk.answer(follow_up(1))
    assert talk.asked() == ["それで?", "鳥は?"]


def test_the_reply_of_a_deleted_question_is_ended_by_the_next_delivery():
    talk = Talk(ScriptedModel(ModelUnavailable("away"), "はい"))
    with pytest.raises(ModelUnavailable):
        talk.answer(DOG)
    with pytest.raises(StillAnswering):
        talk.delete(DOG)
    talk.answer(DOG)
    assert "削除された" in talk.replies.only.text
    assert talk.memory_of().is_empty


def test_nobody_is_told_late_of_a_question_that_they_deleted():
    talk = Talk()
    talk.delete(DOG)
    talk.apologising.apologise(Apology.to(DOG).question)
    assert talk.replies.by_ts == {}


def test_so_many_changes_wait_at_most():
    talk = Talk()
    for number in range(CHANGES_KEPT + 2):
        talk.edit(follow_up(number), f"{number}番")
    assert len(talk.memory_of().changes) == CHANGES_KEPT
    talk.edit(follow_up(50), "あ" * (CHANGES_BYTES // 3))
    assert [len(each.text) for each in talk.memory_of().changes] == [CHANGES_BYTES // 3]


def test_an_edit_of_any_length_waits_and_costs_no_deletion_that_waits():
    talk = Talk()
    talk.answer(DOG)
    talk.delete(follow_up(1))
    talk.edit(follow_up(2), "犬" * CHANGES_BYTES)
    assert [each.text for each in talk.memory_of().changes] == [None, "犬" * CHANGES_BYTES]
    talk.answer(follow_up(1))
    assert len(talk.model.prompts) == 1


def test_a_reset_forgets_changes_of_what_was_said_before():
    before = Conversation(changes=tuple(PostChange(Timestamp(each), Timestamp("9"), "") for each in ("1", "3")))
    assert [each.post for each in before.forgotten(Timestamp("2")).changes] == ["3"]


@pytest.mark.parametrize(("change", "remembered"), [("edit", ["ポチは四歳です"]), ("delete", [])])
def test_what_is_changed_above_a_question_while_its_thread_is_read_is_changed_once_it_is_remembered(change, remembered):
    talk = Talk()
    above = replace(DOG, person="UKEN", text="ポチは三歳です", addressed=False)
    arguments = (above, "ポチは四歳です")[: 2 if change == "edit" else 1]
    talk.resolver.posts = ThreadPosts((Post(Timestamp(above.ts), "UKEN", above.text, "ケン"),))
    read = talk.resolver.thread

    def changed(*arguments_of_read):
        posts = read(*arguments_of_read)
        with pytest.raises(StillAnswering):
            getattr(talk, change)(*arguments)
        return posts

    talk.resolver.thread = changed
    talk.answer(follow_up(1))
    assert talk.texts[0] == above.text
    getattr(talk, change)(*arguments)  # another delivery
    assert talk.texts[:-2] == remembered


# A question that is remembered


def test_an_edited_question_is_remembered_as_edited_with_its_tokens():
    talk = Talk(resolver=PlainResolver("さくら"))
    talk.answer(DOG)
    talk.answer(follow_up(1))
    before = talk.memory_of().buffer
    talk.edit(DOG, "ハチです")
    message = Message(Speaker.PERSON, "ハチです", len("さくら: ハチです"), "さくら", DOG.ts)
    assert talk.memory_of().buffer == (message, *before[1:])
    talk.answer(follow_up(2))
    assert "ハチです" in [part.text for part in talk.model.prompts[-1]]


def test_an_edit_that_is_delivered_late_does_not_undo_a_newer_one():
    talk = Talk()
    talk.answer(DOG)
    newest = talk.edit(DOG, "三")
    talk.correcting.correct(replace(newest, ts=Timestamp("1999.1"), post=replace(DOG, text="二")))
    assert talk.texts[0] == "三"
    talk.edit(DOG, "四")
    assert talk.texts[0] == "四"


def test_an_edited_question_keeps_what_is_read_of_its_files():
    notes = Document("犬.txt", "ポチは三歳です")
    talk = Talk(resolver=PlainResolver(ハチ=ResolvedQuestion("ハチ", documents=(notes,))))
    talk.answer(DOG)
    talk.edit(DOG, "ハチ")
    assert "ポチは三歳です" in talk.texts[0]


def test_an_edit_that_is_too_long_is_remembered_up_to_the_limit():
    talk = Talk()
    talk.answer(DOG)
    talk.edit(DOG, "あ" * 5_000)
    assert talk.texts[0] == "あ" * 4_000


def test_a_deleted_question_leaves_the_buffer_with_its_answer():
    talk = Talk(ScriptedModel("ポチですね", "はい", "いいえ"))
    talk.answer(DOG)
    talk.answer(follow_up(1))
    talk.delete(DOG)
    assert talk.texts == ["それで?", "はい"]
    talk.answer(DOG)  # a late delivery
    assert talk.texts == ["それで?", "はい"]
    assert talk.replies.by_ts["2000.000001"].text == "ポチですね"
    assert "ポチ" not in str(talk.memory_of())


def test_a_turn_whose_reply_somebody_deletes_is_forgotten():
    talk = Talk(ScriptedModel("ポチですね", "はい"))
    talk.answer(DOG)
    talk.answer(follow_up(1))
    talk.delete_reply("2000.000001")
    assert talk.texts == ["それで?", "はい"]
    talk.delete_reply("2000.000009")  # none that is known
    assert talk.texts == ["それで?", "はい"]


def test_of_a_conversation_that_is_emptied_by_deletions_nothing_is_read_again():
    talk = Talk()
    question = follow_up(1)
    talk.answer(question)
    talk.delete(question)
    talk.resolver.posts = ThreadPosts((Post(DOG.ts, "UKEN", "内緒です", "ケン"),))
    talk.answer(follow_up(2))
    assert talk.resolver.asked == [None]
    assert "内緒です" not in str(talk.memory_of())


def test_posts_that_were_read_above_a_question_are_edited_and_deleted_too():
    talk = Talk()
    above = [Post(Timestamp("999.1"), "UKEN", "七時です", "ケン"), Post(Timestamp("999.2"), "UKEN", "内緒です", "ケン")]
    talk.resolver.posts = ThreadPosts(tuple(above))
    talk.answer(follow_up(1))
    talk.resolver.readings["八時です"] = ResolvedQuestion(
        "八時です", documents=(Document("花子", "雨です\n傘を", quoted=True),)
    )
    file = File("地図.png", "image/png", 1, "")
    talk.edit(replace(DOG, ts=Timestamp("999.1"), thread=DOG.ts, text="七時です", files=(file,)), "八時です")
    talk.delete(replace(DOG, ts=Timestamp("999.2"), thread=DOG.ts))
    (quoted,) = [each for each in talk.memory_of().buffer if each.speaker is Speaker.THREAD]
    assert quoted.text == "八時です\n> 花子: 雨です\n> 傘を\n[地図.png]"
    assert (quoted.name, quoted.tokens) == ("ケン", len(f"ケン: {quoted.text}"))


def test_a_change_is_saved_once_however_often_it_is_delivered():
    talk = Talk()
    talk.answer(DOG)
    request = talk.edit(DOG, "ハチです")
    saves = talk.store.saves
    talk.correcting.correct(request)
    assert talk.store.saves == saves


def test_an_edit_that_meets_its_question_on_the_way_into_the_memory_is_delivered_again():
    talk = Talk()

    def answered():
        talk.store.interfere = lambda: None
        talk.answer(DOG)

    talk.store.interfere = answered
    with pytest.raises(Conflict):
        talk.edit(DOG, "ハチです")
    talk.edit(DOG, "ハチです")
    assert talk.texts[0] == "ハチです"


# What notes were made of


def folded(talk: Talk, *notes: Note, **more) -> None:
    record = Conversation().settled(Timestamp("5.0"), "").settled(Timestamp("1500.0"), "").replies
    talk.store.kept[THREAD] = Stored(Conversation(notes=notes, replies=record, **more), 1)


def note(text: str, first: str = "", last: str = "") -> Note:
    return Note(text, len(text), Timestamp(first) if first else None, Timestamp(last) if last else None)


def test_notes_that_may_rest_on_a_deleted_post_are_withheld_at_once_and_a_request_to_redact_them_is_queued():
    talk = Talk()
    folded(talk, note("ポチは三歳", "900.0", "1000.5"), note("猫もいる", "1100.0", "1200.0"))
    deletion = talk.delete(DOG)
    assert [each.withheld for each in talk.memory_of().notes] == [True, False]
    assert talk.memory_of().redactions == (Redaction(DOG.ts, deletion.ts, DOG.text),)
    redact = Redact("T1", "C1", deletion.ts, DOG.person, THREAD)
    assert talk.queue.requests == [(redact, f"redact/{THREAD}")]
    talk.answer(follow_up(600_000))
    assert "ポチは三歳" not in str(talk.model.prompts)
    assert "2. " in talk.model.prompts[0][1].text  # a note keeps its number


def test_an_edit_of_what_notes_were_made_of_says_what_it_reads_now():
    talk = Talk()
    folded(talk, note("ポチは三歳", "900.0", "1000.5"))
    edit = talk.edit(DOG, "ハチです")
    assert talk.memory_of().redactions == (Redaction(DOG.ts, edit.ts, DOG.text, "ハチです"),)


def test_what_an_edited_post_said_and_says_has_names_as_notes_have_them():
    readings = {"<@UKEN>の犬": ResolvedQuestion("@ケンの犬"), "<@UKEN>の猫": ResolvedQuestion("@ケンの猫")}
    talk = Talk(resolver=PlainResolver(**readings))
    folded(talk, note("ケンの犬", "900.0", "1000.5"))
    edit = talk.edit(replace(DOG, text="<@UKEN>の犬"), "<@UKEN>の猫")
    assert talk.memory_of().redactions == (Redaction(DOG.ts, edit.ts, "@ケンの犬", "@ケンの猫"),)


def test_a_summary_of_an_earlier_release_may_rest_on_any_post():
    talk = Talk()
    folded(talk, note("ポチは三歳"))
    talk.delete(DOG)
    assert talk.memory_of().notes[0].withheld


def test_a_redelivered_deletion_withholds_once_and_queues_the_request_again():
    talk = Talk()
    folded(talk, note("ポチは三歳", "900.0", "1000.5"))
    deletion = talk.delete(DOG)
    before = talk.memory_of()
    talk.correcting.correct(deletion)  # as after a kill between saving and queueing
    assert talk.memory_of() == before
    assert len(talk.queue.requests) == 2


def test_a_deleted_post_on_which_no_note_rests_changes_nothing():
    talk = Talk()
    folded(talk, note("猫もいる", "1100.0", "1200.0"))
    before = talk.store.kept[THREAD]
    talk.delete(DOG)
    assert talk.store.kept[THREAD] == before
    assert talk.queue.requests == []


def test_a_note_of_which_too_much_was_deleted_to_tell_the_model_of_it_goes_and_is_never_shown_again():
    talk = Talk()
    folded(talk, note("ポチの話", "900.0", "900.9"), note("猫の話", "901.0", "999.0"))
    for number in range(REDACTIONS_KEPT + 1):
        post = Timestamp(f"{900 + min(number, 1)}.{number:06}")
        talk.delete(replace(DOG, ts=post, thread=DOG.ts, text=f"{number}番"))
    assert [each.text for each in talk.memory_of().notes] == ["猫の話"]
    assert [each.said for each in talk.memory_of().redactions] == [f"{n}番" for n in range(1, REDACTIONS_KEPT + 1)]


def test_what_waits_to_be_redacted_has_a_bound_and_the_newest_waits_in_any_case():
    talk = Talk()
    folded(talk, note("ポチの話", "900.0", "2000.0"))
    for size in (1, CHANGES_BYTES // 3, 1, CHANGES_BYTES):
        talk.store.kept[THREAD] = Stored(replace(talk.memory_of(), notes=(note("ポチの話"),)), 1)
        talk.delete(replace(DOG, text="あ" * size))
    assert [len(each.said) for each in talk.memory_of().redactions] == [CHANGES_BYTES]


def test_a_reset_ends_redactions():
    redaction = Redaction(DOG.ts, DOG.ts, "")
    assert Conversation(redactions=(redaction,)).forgotten(Timestamp("9")).redactions == ()


def test_a_change_of_a_whole_channels_memory_finds_its_conversation():
    talk = Talk(scope=Scope.CHANNEL)
    talk.answer(DOG)
    talk.edit(DOG, "ハチです")
    assert talk.memory_of("T1/C1").buffer[0].text == "ハチです"


def test_what_was_saved_is_redacted_later_though_the_queue_is_away():
    talk = Talk()
    folded(talk, note("ポチは三歳", "900.0", "1000.5"))
    talk.queue.on_put = lambda: (_ for _ in ()).throw(SlackUnavailable("away"))
    with pytest.raises(SlackUnavailable):
        talk.delete(DOG)
    assert talk.memory_of().notes[0].withheld


def test_what_could_not_be_redacted_is_asked_for_again_after_each_turn():
    talk = Talk()
    folded(talk, note("ポチは三歳", "900.0", "1000.5"))
    talk.delete(DOG)
    later = follow_up(600_000)
    talk.answer(later)
    assert talk.queue.requests[-1] == (Redact("T1", "C1", later.ts, later.person, THREAD), f"redact/{THREAD}")


class Laconic(ScriptedModel):
    """Answers everything alike, and keeps the beginning of each folded message as a note."""

    def reply(self, prompt, deadline=None, conversation="", model=""):
        self.answers = ["はい"]
        return super().reply(prompt)


changes = st.lists(
    st.tuples(st.sampled_from(["ask", "edit", "delete", "delete reply"]), st.integers(0, 9)), max_size=25
)


@given(changes)
def test_whatever_people_change_the_model_is_shown_nothing_that_they_took_back_and_all_else_stays(steps):
    talk = Talk(Laconic(), limits=Memory(20, 8, 400))
    said: dict[Timestamp, str] = {}
    taken_back: list[str] = []
    for number, (what, which) in enumerate(steps):
        if what == "ask":
            question = follow_up(number, f"第{number:02}問です")
            talk.answer(question)
            said[question.ts] = question.text
        elif said:
            ts = list(said)[which % len(said)]
            taken_back.append(said[ts])
            question = replace(DOG, ts=ts, thread=DOG.ts, text=said[ts])
            if what == "edit":
                said[ts] = f"改{number:02}問です"
                talk.edit(question, said[ts])
            elif what == "delete":
                talk.delete(question)
                del said[ts]
            else:
                talk.delete_reply(talk.memory_of().reply_to(ts).reply)
                del said[ts]
    talk.answer(follow_up(99, "それで?"))
    shown = "\n".join(part.text for part in talk.model.prompts[-1])
    assert [each for each in taken_back if each[:4] in shown] == []
    buffered = {each.ts: each.text for each in talk.memory_of().buffer if each.speaker is Speaker.PERSON}
    noted = "".join(each.text for each in talk.memory_of().notes)
    for ts, text in said.items():
        was_edited_in_notes = text.startswith("改") and ts not in buffered
        assert was_edited_in_notes or buffered.get(ts) == text or text[:4] in noted


# A channel with settings of its own


def test_in_a_channel_of_one_memory_an_edit_is_applied_there():
    talk = Talk()
    talk.store.settings["T1", "C1"] = ChannelSettings(scope=Scope.CHANNEL)
    talk.answer(DOG)
    talk.edit(DOG, "犬の名前はコロです")
    assert talk.memory_of("T1/C1").buffer[0].text == "犬の名前はコロです"


def test_in_a_channel_of_one_memory_an_edit_of_talk_in_a_thread_waits_for_no_answer():
    talk = Talk()
    talk.store.settings["T1", "C1"] = ChannelSettings(scope=Scope.CHANNEL)
    talk.answer(DOG)
    talk.edit(follow_up(8, "独り言です", addressed=False), "別の独り言です")
    assert not talk.memory_of("T1/C1").changes
