"""Slack as people use it: the whole bot on one machine, and people who do in its Slack what Slack lets them do."""

import csv
import io
import json
import struct
import zlib

import pytest
from pypdf import PdfWriter

from adapters.slack.texts import JAPANESE_LABELS
from domain.texts.japanese import JAPANESE
from entrypoints.operator.command_line import main
from tests.entrypoints.office import Office


def a_png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixel + chunk(b"IEND", b"")


def an_empty_pdf() -> bytes:
    writer, file = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(file)
    return file.getvalue()


def test_in_the_direct_messages_of_a_group_a_mention_is_answered_in_its_thread(office):
    bot = office()
    group = bot.workspace.group.id
    bot.say("誰か@botに聞いて", group)
    thread = bot.say("@bot 犬は元気?", group)
    assert bot.replies(group, thread) == ["ポチは元気ですよ"]
    bot.say("散歩は?", group, thread)
    assert len(bot.replies(group, thread, 2)) == 2


def test_each_post_to_the_agent_begins_a_session_with_a_title_and_a_memory_of_its_own(office):
    bot = office()
    first = bot.say("犬の名前はポチです", bot.direct.id)
    bot.replies(bot.direct.id, first)
    second = bot.say("犬の名前は?", bot.direct.id)
    bot.replies(bot.direct.id, second)
    bot.asked()
    assert "ポチです" not in str(bot.asked()["messages"])
    bot.wait_for(lambda: all(each.status == "active" for each in bot.workspace.sessions.sessions()))
    assert [each.title for each in bot.workspace.sessions.sessions()] == ["犬の名前はポチです", "犬の名前は?"]


def test_without_the_agents_panel_direct_messages_are_one_conversation_and_answered_where_they_stand(office):
    bot = office(SLACK_AGENT_VIEW="false")
    bot.say("犬の名前はポチです", bot.direct.id)
    bot.replies(bot.direct.id)
    bot.say("犬の名前は?", bot.direct.id)
    bot.replies(bot.direct.id, number=2)
    bot.asked()
    assert "ポチです" in str(bot.asked()["messages"])


def test_opening_the_agents_panel_suggests_what_to_ask(office):
    bot = office()
    bot.stand_in.open_tab(bot.person.id, "messages")
    prompts = bot.wait_for(lambda: bot.workspace.home.prompts().get(bot.direct.id))
    assert [(each["title"], each["message"]) for each in prompts["prompts"]] == list(JAPANESE_LABELS.suggestions)


def test_without_a_model_nothing_is_suggested_that_only_a_model_can_do(office):
    bot = office(OPENAI_BASE_URL="")
    bot.stand_in.open_tab(bot.person.id, "messages")
    prompts = bot.wait_for(lambda: bot.workspace.home.prompts().get(bot.direct.id))
    assert [each["message"] for each in prompts["prompts"]] == ["ヘルプ"]


def test_the_home_tab_says_what_the_bot_can_do_and_how_long_it_remembers(office):
    bot = office()
    bot.stand_in.open_tab(bot.person.id, "home")
    shown = str(bot.wait_for(lambda: bot.workspace.home.homes().get(bot.person.id)))
    assert "リセット" in shown
    assert "90 日" in shown


def test_the_stop_button_stops_the_model_and_keeps_what_was_said(office):
    bot = office()
    bot.model.enough.clear()
    thread = bot.say("@bot 犬は元気?")
    bot.wait_for(lambda: any(each.text.startswith("ポチ") for each in bot.workspace.messages.posts()))
    bot.stand_in.press_stop(bot.person.id, bot.channel.id, thread)
    (reply,) = bot.wait_for(
        lambda: [each.text for each in bot.posts(thread=thread) if each.text.endswith(JAPANESE.stopped)]
    )
    assert reply.startswith("ポチよ")
    bot.model.enough.set()
    bot.say("どこまで話した?", thread=thread)
    bot.asked()
    assert "ポチよ" in str(bot.asked()["messages"])
    bot.wait_for(lambda: all(each.status == "active" for each in bot.workspace.sessions.sessions()))


def test_thoughts_without_an_opening_tag_give_way_to_the_answer_and_are_not_shown_again(office):
    bot = office()
    bot.model.answer = "犬種は?\n\n</think>\n\nポチは柴犬です"
    bot.model.go_on.clear()
    thread = bot.say("@bot 犬種は?")
    bot.wait_for(lambda: "犬種" in [each.text for each in bot.workspace.messages.posts()])
    bot.model.go_on.set()
    bot.wait_for(lambda: bot.replies(thread=thread) == ["ポチは柴犬です"])
    bot.say("ほんとうに?", thread=thread)
    assert bot.replies(thread=thread, number=2) == ["ポチは柴犬です"] * 2
    assert "犬種は?\n" not in str(bot.model.requests.queue[-1]["messages"])


def test_the_model_knows_who_speaks_and_of_whom(office):
    bot = office()
    sakura = bot.workspace.directory.people[1]
    thread = bot.say(f"@bot 犬の散歩は@{sakura.name}がします")
    bot.replies(thread=thread)
    bot.workspace.say(sakura.id, bot.channel.id, "わかりました", thread)
    bot.replies(thread=thread, number=2)
    assert bot.question() == f"{bot.person.name}: 犬の散歩は@{sakura.name}がします"
    assert bot.question() == f"{sakura.name}: わかりました"


def test_a_picture_reaches_the_model_and_is_not_stored(office):
    bot = office()
    thread = bot.say("@bot この犬は?", files=[("pochi.png", "image/png", a_png())])
    bot.replies(thread=thread)
    text, picture = bot.question()
    assert "この犬は?" in text["text"]
    assert picture["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    bot.say("名前は?", thread=thread)
    assert "iVBOR" not in str(bot.asked()["messages"])


def test_a_text_file_is_read_and_remembered(office):
    bot = office()
    thread = bot.say("@bot これは?", files=[("shots.txt", "text/plain", "狂犬病の注射は12月5日".encode())])
    bot.replies(thread=thread)
    assert "狂犬病の注射は12月5日" in bot.question()
    bot.say("いつ?", thread=thread)
    assert "12月5日" in str(bot.asked()["messages"])


def test_what_cannot_be_read_is_said_under_the_answer(office):
    bot = office()
    files = [("song.mp3", "audio/mpeg", b"ID3"), ("scan.pdf", "application/pdf", an_empty_pdf())]
    thread = bot.say("@bot これは?", files=files)
    (reply,) = bot.replies(thread=thread)
    assert reply.startswith("ポチは元気ですよ")
    assert "song.mp3 は読みませんでした" in reply
    assert "scan.pdf は読みませんでした" in reply


def test_files_of_which_none_can_be_read_cost_no_model_call(office):
    bot = office()
    thread = bot.say("@bot", files=[("song.mp3", "audio/mpeg", b"ID3")])
    assert "どのファイルも読めませんでした" in bot.replies(thread=thread)[0]
    assert bot.model.requests.empty()


def private(bot: Office) -> list[str]:
    """What only the person sees."""
    return [each.text for each in bot.workspace.messages.ephemerals() if each.only_for == bot.person.id]


def test_a_slash_command_is_answered_for_its_person_alone(office):
    bot = office()
    bot.stand_in.slash(bot.person.id, bot.channel.id, "記憶")
    (told,) = bot.wait_for(lambda: private(bot))
    assert told == JAPANESE.elsewhere
    assert bot.posts() == []


def test_a_person_is_told_alone_what_they_have_used_and_the_home_tab_says_so_too(office):
    bot = office(MONTHLY_TOKEN_BUDGET_PER_USER="1000")  # an answer takes 84
    thread = bot.say("@bot 犬は元気?", bot.channel.id)
    bot.replies(bot.channel.id, thread)
    bot.stand_in.slash(bot.person.id, bot.channel.id, "使用量")
    (told,) = bot.wait_for(lambda: private(bot))
    mine = "あなた: 課金換算で上限 1,000 トークンのうち 84(8 %)"
    assert mine in told
    assert "このチャンネル: 課金換算で 84 トークン(上限なし)" in told
    bot.stand_in.open_tab(bot.person.id, "home")
    bot.wait_for(lambda: mine in str(bot.workspace.home.homes().get(bot.person.id)))


def test_a_budget_is_told_of_below_the_answer_and_once_it_is_used_up_its_person_reads_so_alone(office):
    bot = office(MONTHLY_TOKEN_BUDGET_PER_USER="100")  # an answer takes 84
    thread = bot.say("@bot 犬の名前は?")
    assert bot.replies(thread=thread)[0].startswith(
        "ポチは元気ですよ\n\n(あなたの今月のトークン予算の 84 % を使いました。"
    )
    bot.say("散歩は?", thread=thread)
    assert bot.replies(thread=thread, number=2)[1] == "ポチは元気ですよ"
    bot.say("ごはんは?", thread=thread)
    (refusal,) = bot.wait_for(lambda: [each for each in bot.workspace.messages.ephemerals() if "予算" in each.text])
    assert refusal.text.startswith("あなたの今月のトークン予算を使い切りました。")
    assert refusal.only_for == bot.person.id
    bot.say("@bot 使用量", thread=thread)
    bot.wait_for(lambda: [each for each in bot.workspace.messages.ephemerals() if "168" in each.text])
    assert bot.model.requests.qsize() == 2


def test_a_slash_command_that_is_none_gets_the_help(office):
    bot = office()
    bot.stand_in.slash(bot.person.id, bot.channel.id, "犬は元気?")
    (told,) = bot.wait_for(lambda: private(bot))
    assert "`リセット`" in told


def test_the_menu_of_a_message_shows_and_forgets_the_memory_of_its_thread(office):
    bot = office()
    thread = bot.say("@bot 犬の名前はポチです")
    bot.replies(thread=thread)
    bot.stand_in.shortcut(bot.person.id, bot.channel.id, thread, "memory")
    (shown,) = bot.wait_for(lambda: private(bot))
    assert "犬の名前はポチです" in shown
    bot.stand_in.shortcut(bot.person.id, bot.channel.id, thread, "reset")
    bot.wait_for(lambda: len(private(bot)) > 1)
    assert "2 件" in private(bot)[1]
    bot.say("犬の名前は?", thread=thread)
    bot.asked()
    assert "犬の名前はポチです" not in str(bot.asked()["messages"])


def test_an_export_comes_as_a_file_in_a_direct_message(office):
    bot = office()
    thread = bot.say("@bot 犬の名前はポチです")
    bot.replies(thread=thread)
    bot.say("@bot エクスポート", thread=thread)
    assert "ダイレクトメッセージで送りました" in bot.replies(thread=thread, number=2)[1]
    (file,) = [file for post in bot.workspace.messages.posts() if post.channel == bot.direct.id for file in post.files]
    assert file.name.endswith(".json")
    assert "犬の名前はポチです" in bot.workspace.files.content(file.id)[1].decode()


def test_a_bot_told_to_be_quiet_waits_for_a_mention(office):
    bot = office()
    thread = bot.say("@bot 犬は元気?")
    bot.replies(thread=thread)
    bot.say("静かに", thread=thread)
    bot.replies(thread=thread, number=2)
    bot.say("二人で話そう", thread=thread)
    bot.say("@bot 猫は?", thread=thread)
    bot.replies(thread=thread, number=3)
    bot.asked()
    asked = bot.asked()["messages"][-1]["content"]
    assert "猫は?" in asked
    assert "二人で話そう" in asked  # what was said meanwhile is read then


@pytest.mark.parametrize(("text", "told"), [("@bot", "はい、何でしょうか"), (f"@bot {'犬' * 9_000}", "長すぎて")])
def test_what_cannot_be_asked_is_told_to_its_person_alone(office, text, told):
    bot = office()
    bot.say(text)
    (sentence,) = bot.wait_for(lambda: private(bot))
    assert told in sentence
    assert "受付番号" in sentence


def test_a_thumb_is_kept_with_what_the_answer_took(office, capsys, monkeypatch):
    bot = office()
    thread = bot.say("@bot 犬は元気?")
    bot.replies(thread=thread)
    (reply,) = bot.posts(thread=thread)
    (thumbs,) = [block for block in reply.blocks if block["type"] == "context_actions"]
    (buttons,) = thumbs["elements"]
    for value in (buttons["positive_button"]["value"], buttons["negative_button"]["value"]):
        bot.stand_in.click(bot.person.id, bot.channel.id, reply.ts, buttons["action_id"], value)
    bot.wait_for(lambda: [vote for vote in bot.container.feedback().votes() if not vote.good])
    monkeypatch.setenv("DATABASE_PATH", str(bot.settings.database_path))
    assert main(["feedback", "--csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["good"], row["person"]) == ("no", bot.person.id)
    assert row["question_ts"] == thread
    assert (row["model"], row["sent"], row["received"]) == ("gpt-5.4-mini", "20", "8")


def test_asked_for_the_first_time_in_a_thread_the_bot_has_read_what_stands_above(office):
    bot = office()
    sakura = bot.workspace.directory.people[1]
    thread = bot.say("散歩は何時がいい?")
    bot.workspace.say(sakura.id, bot.channel.id, "七時がいいです", thread)
    bot.say("@bot まとめて", thread=thread)
    assert bot.replies(thread=thread) == ["ポチは元気ですよ"]
    shown = str(bot.asked()["messages"])
    assert f"{bot.person.name}: 散歩は何時がいい?" in shown
    assert f"{sakura.name}: 七時がいいです" in shown
    bot.say("それで?", thread=thread)
    assert "七時がいいです" in str(bot.asked()["messages"])


def test_with_no_tokens_for_it_a_thread_is_not_read(office):
    bot = office(THREAD_HISTORY_TOKENS="0")
    thread = bot.say("散歩は何時がいい?")
    bot.say("@bot まとめて", thread=thread)
    bot.replies(thread=thread)
    assert "散歩" not in str(bot.asked()["messages"])


def test_settings_of_a_channel_are_made_in_its_form_and_hold_from_the_next_question_on(office, monkeypatch):
    monkeypatch.setattr("entrypoints.playground.emulator.workspace.modals.TRIGGER_SECONDS", 600)
    monkeypatch.setattr("entrypoints.playground.emulator.signed_requests.SECONDS_TO_ANSWER", 60)
    bot = office(SETTINGS_PEOPLE="U0PERSON01")
    bot.stand_in.slash(bot.person.id, bot.channel.id, "設定")
    view = bot.wait_for(lambda: bot.workspace.modals.views().get(bot.person.id))
    values = {
        "instructions": "一文で答えてください。",
        "model": "gpt-5.4",
        "language": "en",
        "scope": "-",
        "budget": "",
    }
    bot.stand_in.submit(bot.person.id, view["id"], json.dumps(values))
    bot.wait_for(bot.workspace.messages.ephemerals)
    bot.wait_for(lambda: not bot.workspace.modals.views())
    (told,) = bot.workspace.messages.ephemerals()
    assert "Saved." in told.text

    bot.say("@bot 犬は元気?")
    asked = bot.asked()
    assert asked["model"] == "gpt-5.4"
    assert asked["messages"][0]["content"].endswith("<instructions>\n一文で答えてください。\n</instructions>")
    bot.stand_in.slash(bot.person.id, bot.channel.id, "memory")
    bot.wait_for(lambda: len(bot.workspace.messages.ephemerals()) == 2)
    assert "In this channel: Instructions: 一文で答えてください。" in bot.workspace.messages.ephemerals()[-1].text


def test_whom_nobody_has_named_sees_the_settings_and_changes_none(office):
    bot = office()
    bot.stand_in.slash(bot.person.id, bot.channel.id, "settings")
    bot.wait_for(bot.workspace.messages.ephemerals)
    (told,) = bot.workspace.messages.ephemerals()
    assert told.text.endswith(JAPANESE.settings_of_others)
    assert bot.workspace.modals.views() == {}
