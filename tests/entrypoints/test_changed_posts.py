"""What the bot makes of posts that people edit and delete, from Slack's event to the model, on one machine."""

import pytest

from domain.conversations.conversation import Conversation
from domain.conversations.place import conversation_key
from entrypoints.playground.emulator.workspace.model import TEAM
from tests.entrypoints.office import Office


def memory(bot: Office, thread: str) -> Conversation:
    return bot.container.conversations().load(conversation_key(TEAM, bot.channel.id, thread)).conversation


def texts(bot: Office, thread: str) -> list[str]:
    return [each.text for each in memory(bot, thread).buffer]


def test_an_edited_question_is_remembered_as_edited_and_the_model_reads_it_so(office):
    bot = office()
    thread = bot.say("@bot 犬の名前はポチです")
    bot.replies(thread=thread)
    bot.workspace.edit(bot.person.id, bot.channel.id, thread, "@bot 犬の名前はハチです")
    bot.wait_for(lambda: texts(bot, thread)[0] == "犬の名前はハチです")
    bot.say("犬の名前は?", thread=thread)
    bot.asked()
    shown = str(bot.asked()["messages"])
    assert "ハチです" in shown
    assert "ポチです" not in shown


def test_a_deleted_question_is_forgotten_with_its_answer(office):
    bot = office()
    thread = bot.say("@bot 犬は元気?")
    bot.replies(thread=thread)
    second = bot.say("内緒です", thread=thread)
    bot.replies(thread=thread, number=2)
    bot.workspace.delete(bot.person.id, bot.channel.id, second)
    bot.wait_for(lambda: len(texts(bot, thread)) == 2)
    assert texts(bot, thread)[0] == "犬は元気?"


def test_a_deleted_first_post_of_a_thread_is_forgotten_too(office):
    bot = office()
    thread = bot.say("@bot 内緒です")
    bot.replies(thread=thread)
    bot.wait_for(lambda: len(texts(bot, thread)) == 2)
    bot.workspace.delete(bot.person.id, bot.channel.id, thread)
    bot.wait_for(lambda: len(texts(bot, thread)) < 2)
    assert texts(bot, thread) == []


def test_a_turn_whose_reply_is_deleted_is_forgotten(office):
    bot = office()
    thread = bot.say("@bot 犬は元気?")
    bot.replies(thread=thread)
    (reply,) = bot.posts(thread=thread)
    bot.wait_for(lambda: len(texts(bot, thread)) == 2)
    bot.workspace.delete(bot.person.id, bot.channel.id, reply.ts)
    bot.wait_for(lambda: len(texts(bot, thread)) < 2)
    assert texts(bot, thread) == []


def test_a_question_that_is_edited_while_another_is_answered_is_answered_as_edited(office):
    bot = office()
    bot.model.enough.clear()
    thread = bot.say("@bot 犬は元気?")
    bot.asked()
    waiting = bot.say("猫は?", thread=thread)
    gone = bot.say("内緒です", thread=thread)
    bot.workspace.edit(bot.person.id, bot.channel.id, waiting, "ハチは?")
    bot.workspace.delete(bot.person.id, bot.channel.id, gone)
    bot.wait_for(lambda: len(memory(bot, thread).changes) == 2)
    bot.model.enough.set()
    assert len(bot.replies(thread=thread, number=2)) == 2
    assert bot.question().endswith(": ハチは?")
    last = bot.say("それで?", thread=thread)
    bot.wait_for(lambda: memory(bot, thread).reply_to(last))
    assert "内緒" not in str(bot.asked()["messages"])


def test_a_post_that_was_read_above_a_mention_is_forgotten_when_it_is_deleted(office):
    bot = office()
    sakura = bot.workspace.directory.people[1]
    thread = bot.say("散歩は?")
    secret = bot.workspace.say(sakura.id, bot.channel.id, "内緒です", thread).ts
    bot.say("@bot まとめて", thread=thread)
    bot.replies(thread=thread)
    bot.workspace.delete(sakura.id, bot.channel.id, secret)
    bot.wait_for(lambda: "内緒です" not in texts(bot, thread))
    assert "散歩は?" in texts(bot, thread)


@pytest.mark.parametrize("answer", ["DROP 1", "MERGE 1: 犬は元気"])
def test_what_notes_say_of_a_deleted_post_is_taken_out_by_the_model(office, answer):
    bot = office(MEMORY_TOKEN_LIMIT="30", MEMORY_KEEP_TOKENS="15")
    bot.model.summary = "ADD 合言葉はわんわん"
    thread = bot.say("@bot 合言葉はわんわんです。覚えておいてくださいね。")
    bot.replies(thread=thread)
    bot.say("犬は元気ですか。散歩には行きましたか。", thread=thread)
    bot.wait_for(lambda: memory(bot, thread).notes)
    bot.model.summary = answer
    bot.workspace.delete(bot.person.id, bot.channel.id, thread)
    bot.wait_for(lambda: "わんわん" not in str(memory(bot, thread).notes) and not memory(bot, thread).redactions)
    assert "わんわん" not in str(memory(bot, thread))


def test_the_posts_that_a_note_came_from_are_quoted_and_a_deleted_one_is_said_to_be_gone(office):
    bot = office(MEMORY_TOKEN_LIMIT="30", MEMORY_KEEP_TOKENS="15")
    bot.model.summary = "ADD 散歩は七時になりました"
    thread = bot.say("@bot 散歩は七時にしましょう。雨の日は八時にしましょう。")
    bot.replies(thread=thread)
    bot.say("犬は元気ですか。散歩には行きましたか。", thread=thread)
    bot.wait_for(lambda: memory(bot, thread).notes)
    bot.replies(thread=thread, number=2)
    bot.say("記憶 1", thread=thread)
    quoted = bot.replies(thread=thread, number=3)[2]
    assert "散歩は七時になりました" in quoted
    assert f"[{bot.person.name}]({bot.workspace.address}/archives/{bot.channel.id}/p{thread.replace('.', '')}" in quoted
    assert "> @bot 散歩は七時にしましょう。雨の日は八時にしましょう。" in quoted
    assert "> ポチは元気ですよ" in quoted
    assert "なくなりました" not in quoted

    bot.model.summary = "KEEP"
    bot.workspace.delete(bot.person.id, bot.channel.id, thread)
    bot.wait_for(lambda: not memory(bot, thread).redactions and not memory(bot, thread).notes[0].withheld)
    bot.say("記憶 1", thread=thread)
    assert "1 件の投稿は、その後 Slack からなくなりました" in bot.replies(thread=thread, number=4)[3]
