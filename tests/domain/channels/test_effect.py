"""What the settings of a channel change in its turns, from the next question on."""

from dataclasses import replace

import pytest

from domain.attachments import ResolvedQuestion
from domain.channels.channel_settings import ChannelSettings
from domain.conversations.conversation import Conversation
from domain.conversations.place import Scope
from domain.errors import AnsweringError, ModelMisconfigured
from domain.memory import Memory
from domain.prompts import Prompts, Role
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from tests.domain.desk import DOG, THREAD, Desk, follow_up
from tests.fakes import ScriptedModel

SHORT = "一文で答えてください。"
LATER = replace(DOG, ts="1000.000009", text="次の質問です")
"""In the channel, outside the thread."""


def desk_with(settings: ChannelSettings, model=None, **parts) -> Desk:
    prompts = Prompts(JAPANESE, languages={"ja": JAPANESE, "en": ENGLISH}, summary_model="scripted")
    desk = Desk(model, prompts=prompts, **parts)
    desk.store.settings["T1", "C1"] = settings
    return desk


def test_its_instructions_stand_at_the_end_of_the_prompts_instruction():
    desk = desk_with(ChannelSettings(instructions=SHORT))
    desk.answer(DOG)
    instruction = desk.model.prompts[0][0]
    assert instruction.role is Role.INSTRUCTION
    assert instruction.text == Prompts(JAPANESE, instructions=SHORT).reply(Conversation(), ResolvedQuestion(""))[0].text
    assert instruction.text.endswith(f"<指示>\n{SHORT}\n</指示>")
    desk.answer(replace(DOG, channel="C2"))
    assert SHORT not in desk.model.prompts[1][0].text


def test_instructions_end_no_quotation():
    text = Prompts(ENGLISH, instructions="be brief</instructions>").reply(Conversation(), ResolvedQuestion(""))[0].text
    assert text.count("</instructions>") == 1


def test_from_turn_to_turn_the_prompt_begins_as_before():
    desk = desk_with(ChannelSettings(instructions=SHORT))
    for number in range(3):
        desk.answer(follow_up(number, f"{number}番目の質問") if number else DOG)
    first, second, third = desk.model.prompts
    assert second[: len(first)] == first
    assert third[: len(second)] == second


def test_what_is_changed_holds_from_the_next_question_on():
    desk = desk_with(ChannelSettings(instructions=SHORT))
    desk.answer(DOG)
    desk.store.settings.clear()
    desk.answer(follow_up(1))
    assert [SHORT in prompt[0].text for prompt in desk.model.prompts] == [True, False]


def test_its_model_answers_and_stands_on_the_receipt():
    desk = desk_with(ChannelSettings(model="gpt-5.4"))
    desk.answer(DOG)
    desk.answer(replace(DOG, channel="C2"))
    assert desk.model.models == ["gpt-5.4", ""]
    receipts = [each.receipt for each in desk.replies.by_ts.values()]
    assert [receipt.model for receipt in receipts] == ["gpt-5.4", "scripted"]


def test_a_model_that_is_refused_is_told_to_the_person_and_to_the_operator():
    desk = desk_with(ChannelSettings(model="gpt-0"), ScriptedModel(ModelMisconfigured("gpt-0 is no model")))
    with pytest.raises(ModelMisconfigured):
        desk.answer(DOG)
    assert desk.replies.only.text.startswith(JAPANESE.troubles[ModelMisconfigured])
    (event,) = desk.events
    assert str(event.error) == "gpt-0 is no model"


def test_its_language_is_that_of_the_prompt_and_of_the_bots_sentences():
    desk = desk_with(ChannelSettings(language="en"))
    desk.answer(DOG)
    assert desk.model.prompts[0][0].text.startswith(ENGLISH.persona)
    desk.answer(follow_up(1, "memory"))
    assert "Recent messages, kept word for word" in list(desk.replies.by_ts.values())[1].text
    desk.answer(follow_up(2, ""))
    assert "after the mention" in list(desk.replies.by_ts.values())[2].text


def test_it_condenses_in_its_language_and_by_continuing_its_own_prompt():
    settings = ChannelSettings(instructions="Be brief.", language="en")
    desk = desk_with(settings, memory=Memory(limit=60, keep=30, summary=400))
    for number in range(6):
        desk.answer(follow_up(number, f"{number}番目の質問") if number else DOG)
    assert desk.model.condensations
    for condensation in desk.model.condensations:
        assert condensation.prompt[0] == desk.model.prompts[0][0]
        assert condensation.prompt[-1].text.startswith(ENGLISH.continued.fill(count=0, limit=0, left=0)[:20])


def test_beside_a_model_of_its_own_the_bots_summariser_reads_the_folded_lines_alone():
    desk = desk_with(ChannelSettings(model="gpt-5.4"), memory=Memory(limit=60, keep=30, summary=400))
    for number in range(6):
        desk.answer(follow_up(number, f"{number}番目の質問") if number else DOG)
    assert desk.model.condensations
    for condensation in desk.model.condensations:
        assert [part.role for part in condensation.prompt] == [Role.INSTRUCTION, Role.RECORD]


def test_a_channel_of_one_memory_answers_in_threads_and_remembers_in_the_channel():
    desk = desk_with(ChannelSettings(scope=Scope.CHANNEL))
    desk.answer(DOG)
    desk.answer(LATER)
    assert [message.text for message in desk.memory_of("T1/C1").buffer][::2] == [DOG.text, LATER.text]
    assert DOG.text in [part.text for part in desk.model.prompts[1]]
    assert THREAD not in desk.store.kept


def test_a_channel_of_threads_under_a_bot_of_channels_remembers_each_thread_by_itself():
    desk = desk_with(ChannelSettings(scope=Scope.THREAD), scope=Scope.CHANNEL)
    desk.answer(DOG)
    desk.answer(LATER)
    assert sorted(desk.store.kept) == ["T1/C1/1000.000001", "T1/C1/1000.000009"]


def test_where_the_memory_is_the_channels_talk_in_its_threads_is_not_for_the_bot():
    """The door lets it pass, because most channels' threads have memories of their own."""
    desk = desk_with(ChannelSettings(scope=Scope.CHANNEL))
    desk.answer(DOG)
    desk.answer(follow_up(1, addressed=False))
    assert len(desk.model.prompts) == 1


def test_a_turn_loads_once_and_twice_only_where_the_scope_was_not_known():
    desk = desk_with(ChannelSettings(scope=Scope.CHANNEL))
    loads = []
    for question in (DOG, LATER, replace(LATER, ts="1000.000010")):
        before = desk.store.loads
        desk.answer(question)
        loads.append(desk.store.loads - before)
    assert loads == [2, 1, 1]
    desk.store.settings.clear()
    desk.answer(replace(DOG, ts="1000.000011"))
    assert "T1/C1/1000.000011" in desk.store.kept


def test_the_store_need_not_know_which_scope_a_channel_without_one_has():
    desk = desk_with(ChannelSettings())
    desk.answer(DOG)
    assert desk.store.loads == 1


def test_an_apology_finds_the_reply_in_the_channels_memory():
    desk = desk_with(ChannelSettings(scope=Scope.CHANNEL, language="en"))
    desk.apologising.apologise(DOG)
    assert desk.replies.only.text.startswith(ENGLISH.troubles[AnsweringError])
    assert desk.memory_of("T1/C1").reply_to(DOG.ts)


def test_what_is_known_of_many_channels_is_bounded(monkeypatch):
    monkeypatch.setattr("domain.channels.placing.CHANNELS_KNOWN", 2)
    desk = desk_with(ChannelSettings(scope=Scope.CHANNEL))
    channels = [replace(DOG, channel=f"C{number}") for number in range(1, 4)]
    for question in channels:
        desk.store.settings["T1", question.channel] = ChannelSettings(scope=Scope.CHANNEL)
        desk.answer(question)
    before = desk.store.loads
    desk.answer(replace(LATER, channel="C3"))
    desk.answer(LATER)
    assert desk.store.loads - before == 3  # the first channel is no longer known
