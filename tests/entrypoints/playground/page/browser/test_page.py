"""Talking, getting about, the memory and the looks."""

import re
import time

import pytest
from playwright.sync_api import Route, expect

from domain.commands.command_words import Command
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.notes import Note
from domain.conversations.place import Scope
from domain.errors import ModelBusy, ModelUnavailable
from domain.requests import Question
from domain.spending.ledger import Charge, Kind
from domain.spending.usage import Usage
from domain.timestamp import Timestamp
from domain.turn_events import Answered, Condensed, CondensingFailed, Failed, Finished, Obeyed
from tests.entrypoints.playground.page.browser.conftest import CONTRASTS, FEEDBACK, PHONE, Scene
from tests.entrypoints.playground.page.samples import ANSWER, SCRIPTS

# --- talking ---------------------------------------------------------------------------------------


def test_a_question_typed_on_the_keyboard_is_answered_word_by_word(scene):
    on = scene()
    on.page.keyboard.type("@bot こんにちは")  # the composer has the focus from the start
    on.page.keyboard.press("Enter")
    question = on.asked()
    assert question.text == "<@U0BOT00001> こんにちは"
    expect(on.page.locator("#posts .post .text")).to_have_text("@bot こんにちは")
    expect(on.page.locator("#composer-text")).to_have_value("")

    ts = on.begin(question)
    reply = on.thread.locator(f"[data-ts='{ts}'] .text")
    expect(reply.locator(".typing")).to_be_visible()
    shown = []
    for words in ("はい、", "こん", "にちは。"):
        on.write(question, ts, words)
        expect(reply).to_contain_text(words)
        shown.append(reply.inner_text())
    assert shown == ["はい、", "はい、こん", "はい、こんにちは。"]
    expect(reply).to_have_class(re.compile("live"))

    on.end(question, ts)
    expect(reply).not_to_have_class(re.compile("live"))
    expect(on.page.locator("#announcer")).to_have_text("bot: はい、こんにちは。")
    expect(on.page.locator("#posts .replies")).to_contain_text("1 件の返信")


def test_markdown_is_rendered(scene):
    on = scene()
    on.answer(on.say("@bot 福岡について"), ANSWER)
    text = on.thread.locator(".post").nth(1).locator(".text")

    expect(text.locator("h4")).to_have_text("福岡のおすすめ")
    expect(text.locator("em")).to_have_text("いくつか")
    expect(text.locator("s")).to_have_text("雨")
    expect(text.locator("ol > li > ul > li")).to_have_text(["ラーメン", "おでん"])
    expect(text.locator("ol > li")).to_have_count(2)
    expect(text.locator("li.task input")).to_have_count(2)
    expect(text.locator("li.task input").first).to_be_checked()
    expect(text.locator("li.task input").last).not_to_be_checked()
    expect(text.locator("th")).to_have_text(["店", "一言"])
    expect(text.locator("td")).to_have_text(["一番", "早い", "二番", "うまい"])
    expect(text.locator("blockquote")).to_have_text("山笠は7月です。")
    assert text.locator("pre code").inner_text().rstrip() == 'def 屋台(n):\n    return "<b>" * n'
    links = text.locator("a").evaluate_all("all => all.map((each) => [each.textContent, each.href, each.rel])")
    assert [link[:2] for link in links] == [
        ["市のページ", "https://example.com/fukuoka"],
        ["https://example.com/a?b=1&c=2", "https://example.com/a?b=1&c=2"],
    ]
    assert all("noopener" in link[2] for link in links)


def test_what_people_and_the_bot_write_stays_text(scene):
    on = scene()
    question = on.say("@bot " + "\n\n".join(SCRIPTS))
    ts = on.begin(question)
    for attempt in SCRIPTS:
        on.write(question, ts, f"{attempt}\n\n")
    on.end(question, ts)
    conversation = question.place(Scope.THREAD).conversation
    on.running.conversations.stored[conversation] = Conversation(
        tuple(Note(attempt, 3) for attempt in SCRIPTS),
        tuple(Message(Speaker.PERSON, attempt, 3) for attempt in SCRIPTS),
    )
    on.running.playground.report(Condensed(question, conversation, 1, 1, 1, Usage(1, 1, 0), added=len(SCRIPTS)))
    on.running.playground.report(Answered(question, conversation, Usage(1, 1, 0), cut=False))

    for shown in (".buffer li", ".notes li", ".changes li"):
        expect(on.memory.locator(shown)).to_have_count(len(SCRIPTS))
    expect(on.thread.locator(".post").nth(1).locator("pre")).to_contain_text("<script>")
    for forbidden in ("script", "img", "iframe", "svg", "object"):
        assert on.page.locator(f"body {forbidden}").count() == 0
    hrefs = on.page.locator("a:not(.skip)").evaluate_all("all => all.map((each) => each.protocol)")
    assert set(hrefs) <= {"https:", "http:"}
    assert on.page.evaluate("window.hit") is None


def test_an_example_is_sent_with_a_click(scene):
    on = scene()
    expect(on.page.locator(".example")).to_have_count(3)
    on.page.locator(".example").first.click()

    assert "<@U0BOT00001>" in on.asked().text
    expect(on.page.locator(".invitation")).to_have_count(0)
    expect(on.page.locator("#posts .post")).to_have_count(1)


def test_the_button_inserts_a_mention(scene):
    on = scene()
    on.page.locator("#composer-text").fill("ねえ")
    on.page.locator("#composer .mention").click()
    on.page.keyboard.type("元気?")

    expect(on.page.locator("#composer-text")).to_have_value("ねえ @bot 元気?")


def test_enter_that_chooses_a_candidate_does_not_send(scene):
    on = scene()
    on.page.locator("#composer-text").fill("@bot へんかん")
    press = """(area, [composing, code]) => area.dispatchEvent(new KeyboardEvent("keydown",
        { key: "Enter", isComposing: composing, keyCode: code, bubbles: true, cancelable: true }))"""
    on.page.locator("#composer-text").evaluate(press, [True, 13])
    on.page.locator("#composer-text").evaluate(press, [False, 229])
    expect(on.page.locator("#composer-text")).to_have_value("@bot へんかん")

    on.page.locator("#composer-text").evaluate(press, [False, 13])
    assert on.asked().text.endswith("へんかん")


def test_shift_and_enter_start_a_line(scene):
    on = scene()
    on.page.keyboard.type("@bot 一")
    on.page.keyboard.press("Shift+Enter")
    on.page.keyboard.type("二")
    on.page.keyboard.press("Enter")

    assert on.asked().text.endswith("一\n二")


def test_what_could_not_be_sent_is_not_lost(scene):
    on = scene(forgiven="400")
    on.page.route("**/playground/posts", lambda route: route.fulfill(status=400, json={"error": "msg_too_long"}))
    on.page.keyboard.type("@bot 大事なこと")
    on.page.keyboard.press("Enter")

    expect(on.page.locator("#composer .trouble")).to_contain_text("12,000 文字")
    expect(on.page.locator("#composer-text")).to_have_value("@bot 大事なこと")


def test_another_person_speaks(scene):
    on = scene()
    first = on.say("@bot 私です")
    on.page.get_by_role("radio", name="さくら").check(force=True)
    on.page.locator("#composer-text").fill("@bot さくらです")
    on.page.keyboard.press("Enter")
    second = on.asked()

    assert (first.person, second.person) == ("U0PERSON01", "U0PERSON02")
    expect(on.page.locator("#posts .name")).to_have_text(["私", "さくら"])


def test_everyone_has_their_own_direct_messages(scene):
    on = scene()
    on.page.get_by_role("button", name="bot", exact=True).click()
    on.page.keyboard.type("内緒の話")
    on.page.keyboard.press("Enter")
    assert on.asked().channel == "D0DIRECT01"
    expect(on.page.locator("#posts .post")).to_have_count(1)

    on.page.get_by_role("radio", name="ケン").check(force=True)
    expect(on.page.locator("#posts .post")).to_have_count(0)
    on.page.locator("#composer-text").fill("ケンの話")
    on.page.keyboard.press("Enter")
    assert on.asked().channel == "D0DIRECT03"


def test_a_reply_that_is_edited_instead_of_streamed_grows_too(scene):
    on = scene()
    on.page.get_by_role("button", name="bot", exact=True).click()
    question = on.say("こんにちは")
    client = on.running.client
    ts = client.chat_postMessage(channel=question.channel, markdown_text="…")["ts"]
    reply = on.page.locator(f"#posts [data-ts='{ts}'] .text")
    expect(reply.locator(".typing")).to_be_visible()

    client.chat_update(channel=question.channel, ts=ts, markdown_text="**はい**")
    expect(reply).to_have_text("はい")


def test_a_message_that_is_taken_back_leaves_the_page(scene):
    on = scene()
    question = on.say("@bot はい")
    client = on.running.client
    ts = client.chat_postMessage(channel=question.channel, text="いいえ")["ts"]
    expect(on.page.locator(f"#posts [data-ts='{ts}']")).to_be_visible()

    client.chat_delete(channel=question.channel, ts=ts)
    expect(on.page.locator(f"#posts [data-ts='{ts}']")).to_have_count(0)


def test_the_bot_may_go_by_another_name(scene):
    on = scene()
    question = on.say("@bot だれ?")
    on.running.client.chat_postMessage(channel=question.channel, text="はい", username="執事")

    expect(on.page.locator("#posts .post").nth(1).locator(".name")).to_have_text("執事")


# --- getting about ---------------------------------------------------------------------------------


def test_a_thread_is_opened_answered_and_closed_from_the_keyboard(scene):
    on = scene()
    question = on.say("会議は何時?")
    on.page.locator("#channel-name").click()
    act = on.page.get_by_role("button", name="スレッドで返信: 私")
    for _ in range(20):
        on.page.keyboard.press("Tab")
        if act.evaluate("node => node === document.activeElement"):
            break
    on.page.keyboard.press("Enter")
    expect(on.page.locator("#thread-text")).to_be_focused()
    on.page.keyboard.type("三時です")
    on.page.keyboard.press("Enter")

    assert on.asked().thread == question.ts
    expect(on.thread.locator(".post")).to_have_count(2)
    on.page.keyboard.press("Escape")
    expect(on.thread).to_be_hidden()
    expect(on.page.locator("#posts .post .act, #posts .post .replies").first).to_be_focused()


def test_focus_can_be_seen_everywhere(scene):
    on = scene()
    question = on.say("@bot はい")
    on.answer(question, "はい", FEEDBACK)
    expect(on.thread.locator(".suggestions")).to_be_visible()
    invisible = []
    for _ in range(40):
        on.page.keyboard.press("Tab")
        seen = on.page.evaluate(
            """() => {
                const shown = (node) => {
                    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(node);
                    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1 || boxShadow !== "none";
                };
                const node = document.activeElement;
                return [node.outerHTML.slice(0, 80),
                    [node, node.closest(".composer"), node.closest("label")].some((each) => each && shown(each))] }"""
        )
        invisible += [] if seen[1] else [seen[0]]
    assert [each for each in invisible if not each.startswith("<body")] == []


def test_what_can_be_done_with_a_post_hides_nothing_of_its_head(scene):
    on = scene(viewport={"width": 820, "height": 1100})
    on.answer(on.say("@bot はい"), "はい")
    post = on.page.locator("#posts .post")
    post.hover()
    expect(post.locator(".acts")).to_be_visible()
    apart = """post => post.querySelector("time").getBoundingClientRect().right
        <= post.querySelector(".acts").getBoundingClientRect().left"""

    on.becomes(True, lambda: post.evaluate(apart))


def test_short_code_stays_on_one_line(scene):
    on = scene()
    on.answer(on.say("@bot はい"), " ".join(f"`/bot reset {n}`" for n in range(100, 120)))
    code = on.thread.locator("code")
    expect(code).to_have_count(20)

    lines = "all => all.map((each) => each.getClientRects().length)"
    on.becomes([1] * 20, lambda: code.evaluate_all(lines))


def test_a_second_page_sees_the_same(scene):
    on = scene()
    other = on.page.context.new_page()
    other.goto(on.running.url)
    expect(other.locator(".invitation")).to_be_visible()
    on.answer(on.say("@bot はい"), "**はい**")

    expect(other.locator("#posts .text")).to_have_text("@bot はい")
    other.locator("#posts .replies").click()
    expect(other.locator("#thread .text strong")).to_have_text("はい")


def test_a_page_that_lost_the_server_says_so_and_catches_up(scene):
    on = scene()
    on.running.playground.stop()
    expect(on.page.locator("#lost")).to_be_visible()
    on.running.client.chat_postMessage(channel="C0CHANNEL1", text="その間に")
    on.running.playground.start()

    expect(on.page.locator("#posts .text")).to_have_text("その間に")
    expect(on.page.locator("#lost")).to_be_hidden()


def test_what_is_said_while_the_page_loads_is_not_lost(scene):
    on = scene()

    def answer_late(route: Route) -> None:
        before = route.fetch()
        on.running.client.chat_postMessage(channel="C0CHANNEL1", text="その間に")
        route.fulfill(response=before)

    on.page.route("**/playground/state", answer_late)
    on.page.reload()

    expect(on.page.locator("#posts .text")).to_have_text("その間に")


# --- the memory ------------------------------------------------------------------------------------


def test_the_memory_panel_follows_the_conversation(scene):
    on = scene()
    expect(on.memory).to_contain_text("スレッドを開くと")
    question = on.say("@bot 山田です")
    on.answer(question, "はじめまして")
    expect(on.memory).to_contain_text("まだ何も覚えていません")

    conversation = question.place(Scope.THREAD).conversation
    stored = on.running.conversations.stored
    report = on.running.playground.report
    messages = (Message(Speaker.PERSON, "山田です", 60), Message(Speaker.BOT, "はじめまして", 90))
    stored[conversation] = Conversation(buffer=messages)
    report(Answered(question, conversation, Usage(1200, 90, 1024), cut=False))
    expect(on.memory.locator(".buffer li")).to_have_text(
        [re.compile("人.*60 トークン.*山田です", re.DOTALL), re.compile("90")]
    )
    buffer = on.memory.get_by_role("meter", name="直近の会話の量")
    expect(buffer).to_have_attribute("aria-valuenow", "150")
    expect(buffer).to_have_attribute("aria-valuemax", "200")
    expect(on.memory.locator(".legend").last).to_have_text(re.compile("100.*200"))
    width = "node => node.offsetWidth / node.parentElement.offsetWidth"
    on.becomes(pytest.approx(150 / (200 * 1.12), abs=0.02), lambda: buffer.locator(".bar").evaluate(width))
    expect(on.memory.locator("tr.answered td")).to_have_text(["1,200", "90", "1,024 (85%)"])

    old = (Note("山田という人", 10), Note("犬を飼う", 8), Note("福岡へ行く", 9))
    stored[conversation] = Conversation(old, messages)
    report(Obeyed(question, conversation, Command.MEMORY))
    post = Timestamp("1790000000.000100")
    notes = (old[2], Note("福岡の山田", 13, post, post, rewrites=2), Note("犬はポチ", 8, post, post))
    stored[conversation] = Conversation(notes, messages[1:])
    edits = {"added": 2, "merged": (1,), "dropped": (2,), "gone": ()}
    report(Condensed(question, conversation, 1, 160, 40, Usage(300, 40, 0), cut=True, **edits))
    expect(on.memory.locator("ol.notes > li")).to_have_text(
        [
            re.compile("^1.*9 トークン.*福岡へ行く", re.DOTALL),
            re.compile("^2.*2026年9月21日.*統合 2 回.*13 トークン.*福岡の山田", re.DOTALL),
            re.compile("^3.*2026年9月21日.*犬はポチ", re.DOTALL),
        ]
    )
    expect(on.memory.locator(".changes li")).to_have_text(
        ["追加 犬はポチ", "統合 1 山田という人", "→ 福岡の山田", "削除 2 犬を飼う"]
    )
    expect(on.memory.get_by_role("meter", name="要約の量")).to_have_attribute("aria-valuenow", "30")
    expect(on.memory.locator(".condensations > li")).to_have_text(
        re.compile("1 件の発言.160 トークン.を要約.40 トークン.へ.*250 → 90.*除きました", re.DOTALL)
    )
    expect(on.memory.locator("tr.condensed td")).to_have_text(["300", "40", "0 (0%)"])


def test_the_memory_panel_tells_of_failures(scene):
    on = scene()
    question = on.say("@bot はい")
    on.answer(question, "だめでした")
    conversation = question.place(Scope.THREAD).conversation
    report = on.running.playground.report
    report(Failed(question, conversation, ModelUnavailable("secret"), notified=True))
    report(CondensingFailed(question, conversation, ModelBusy("secret")))
    report(Finished(question, conversation))

    expect(on.memory.locator("tr.failed")).to_contain_text(question.reference)
    expect(on.memory.locator(".condensations .failed")).to_contain_text("ModelBusy")
    expect(on.memory.locator("tr.finished")).to_contain_text("届け直し")
    expect(on.memory).not_to_contain_text("secret")


def test_the_memory_panel_tells_of_commands_and_of_answers_that_were_stopped(scene):
    on = scene()
    question = on.say("@bot 使い方")
    on.answer(question, "こうします")
    conversation = question.place(Scope.THREAD).conversation
    on.running.playground.report(Obeyed(question, conversation, Command.HELP))
    on.running.playground.report(Answered(question, conversation, Usage(0, 0, 0), cut=True, stopped=True))
    on.running.playground.report(Answered(question, conversation, Usage(9, 8, 7), cut=True))

    expect(on.memory.locator("tr.obeyed")).to_contain_text("help")
    expect(on.memory.locator("tr.answered")).to_have_count(2)
    expect(on.memory.locator("tr.answered small")).to_have_text(["上限で区切り", "停止"])
    expect(on.memory.locator("tr.answered").last.locator("td")).to_have_text(["トークン数は分かりません"])


def test_a_store_that_cannot_be_read_is_said(scene):
    on = scene(scope=Scope.CHANNEL, forgiven="503")
    expect(on.memory).to_contain_text("まだ何も覚えていません")
    on.page.route("**/playground/memory?*", lambda route: route.fulfill(status=503, json={"error": "StoreCorrupt"}))
    on.page.locator(".room").nth(1).click()

    expect(on.memory).to_contain_text("読み込めませんでした")


def test_a_shared_channel_shows_its_memory_without_a_thread(scene):
    on = scene(scope=Scope.CHANNEL)

    expect(on.page.locator("#memory-of")).to_have_text("このチャンネル")
    expect(on.memory).to_contain_text("まだ何も覚えていません")
    expect(on.page.locator(".invitation")).to_contain_text("チャンネル全体でひとつの記憶")


# --- looks -----------------------------------------------------------------------------------------


def test_who_answers_is_said(scene):
    offline = scene().page
    expect(offline.locator("#offline")).to_contain_text("OPENAI_API_KEY がないため")
    expect(offline.locator("#offline")).to_be_visible()

    online = scene(model_name="gpt-5-mini").page
    expect(online.locator("#model")).to_have_text("モデル: gpt-5-mini")
    expect(online.locator("#offline")).to_be_hidden()


def test_the_page_speaks_english(scene):
    on = scene(language="en")
    page = on.page

    expect(page.locator("#offline")).to_contain_text("There is no OPENAI_API_KEY")
    expect(page.locator(".room[aria-current]")).to_contain_text("office")
    on.becomes([], lambda: re.findall(r"[ぁ-んァ-ヶ一-龠]", page.locator("body").inner_text()))


@pytest.mark.parametrize("width", [320, 360, 480, 760, 900, 1199, 1920])
def test_nothing_is_wider_than_the_screen(scene, width):
    on = scene(viewport={"width": width, "height": 640})
    question = on.say("@bot " + "長い" * 200 + "a" * 300)
    wide = f"`{'b' * 300}`\n\n```\n{'c' * 300}\n```\n\n| {'d' * 300} | e |\n| --- | --- |\n"
    on.answer(question, f"{ANSWER}\n\n{wide}")
    on.open_thread()
    expect(on.thread.locator("table").first).to_be_visible()

    on.becomes(True, lambda: on.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
    parts = ", ".join(("#posts", "#thread-posts", "#memory-body", "#channel", "#thread", "#memory"))
    wider = "all => all.filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.id)"
    expect(on.page.locator(parts)).to_have_count(6)
    on.becomes([], lambda: on.page.locator(parts).evaluate_all(wider))


def test_a_phone_shows_one_thing_at_a_time(scene):
    on = scene(viewport=PHONE)
    side, memory = on.page.locator("#side"), on.page.locator("#memory")
    expect(side).to_be_hidden()
    expect(memory).to_be_hidden()
    on.page.get_by_role("button", name="チャンネルと人を開く").tap()
    expect(side).to_be_visible()
    on.page.get_by_role("button", name="開発").tap()
    expect(side).to_be_hidden()

    question = on.say("@bot はい")
    ts = on.begin(question)
    expect(on.page.locator("#posts .replies")).to_contain_text("入力中")
    expect(on.thread).to_be_hidden()
    on.write(question, ts, "はい")
    on.end(question, ts)
    on.page.locator("#posts .replies").tap()
    expect(on.thread).to_be_visible()
    expect(on.page.locator("#composer")).to_be_hidden()
    on.page.locator("#thread-memory").tap()
    expect(memory).to_be_visible()
    on.page.locator("#close-memory").tap()
    expect(on.thread).to_be_visible()
    on.page.keyboard.press("Escape")
    expect(on.page.locator("#composer")).to_be_visible()


@pytest.mark.parametrize(("dark", "language"), [(False, "ja"), (True, "ja"), (False, "en")])
def test_a_full_page_can_be_read(scene, dark, language, tmp_path):
    on = scene(dark=dark, language=language)
    full_scene(on)
    on.page.screenshot(path=tmp_path / f"desktop-{'dark' if dark else 'light'}-{language}.png")

    background = on.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", background)[0]) < 60) is dark
    on.becomes(True, lambda: on.memory.locator(".table").evaluate("node => node.scrollWidth <= node.clientWidth"))
    on.becomes([], lambda: on.page.evaluate(CONTRASTS))


def test_pictures_of_a_phone(scene, tmp_path):
    on = scene(viewport=PHONE)
    on.page.screenshot(path=tmp_path / "phone-channel.png")
    full_scene(on)
    on.page.screenshot(path=tmp_path / "phone-thread.png")
    on.page.locator("#thread-memory").tap()
    on.page.screenshot(path=tmp_path / "phone-memory.png")

    on.becomes([], lambda: on.page.evaluate(CONTRASTS))


def full_scene(on: Scene) -> None:
    """A conversation with everything that the page can show."""
    question = on.say("@bot はじめまして、山田です。来週、福岡へ出張します。おすすめはありますか?")
    on.answer(question, ANSWER)
    conversation = question.place(Scope.THREAD).conversation
    report = on.running.playground.report
    for n in range(3):
        report(Answered(question, conversation, Usage(900 + 120 * n, 80 + n, 512 * n), cut=False))
    post = Timestamp("1790000000.000100")
    old = Note("「私」は福岡へ行くことがある。", 18), Note("屋台の話をした。", 11)
    on.running.conversations.stored[conversation] = Conversation(old)
    report(Obeyed(question, conversation, Command.MEMORY))
    on.running.conversations.stored[conversation] = Conversation(
        (
            Note("「私」は山田という人で、来週福岡へ出張する。", 26, post, post, rewrites=3),
            Note("AI は屋台と明太子をすすめた。", 16, post, post),
        ),
        (
            Message(Speaker.PERSON, "はじめまして、山田です。来週、福岡へ出張します。", 38),
            Message(Speaker.BOT, ANSWER, 92),
        ),
    )
    report(Condensed(question, conversation, 4, 220, 42, Usage(640, 42, 384), added=2, merged=(1,), dropped=(2,)))
    on.running.charges.append(charge_of(question, Usage(50_000, 2_000, 40_000, turns=1)))
    report(Failed(question, conversation, ModelUnavailable("down"), notified=True))
    on.open_thread()
    expect(on.memory.locator("tr")).to_have_count(7)
    expect(on.thread.locator("table")).to_be_visible()


def test_the_memory_panel_says_what_was_used(scene):
    on = scene()
    question = on.say("@bot 犬の名前はポチです")
    on.answer(question, "ポチですか、いい名前ですね")
    conversation = question.place(Scope.THREAD).conversation
    on.running.conversations.stored[conversation] = Conversation(usage=Usage(3_000, 90, 1_024, turns=3, estimated=1))
    on.running.charges.append(charge_of(question, Usage(50_000, 2_000, 40_000, turns=1)))
    on.running.playground.report(Answered(question, conversation, Usage(1200, 90, 1024), cut=False))
    on.open_thread()
    expect(on.memory.locator(".usage > div")).to_have_text(
        [
            "最後の答え送信 1,200(キャッシュ 85%)・受信 90",
            "この会話送信 3,000(キャッシュ 34%)・受信 90答え 3 回 · うち 1 回は概算",
            "今月(全員)送信 50,000(キャッシュ 80%)・受信 2,000答え 1 回 · 値段表で 0.0213",
        ]
    )


def charge_of(question: Question, usage: Usage) -> Charge:
    return Charge(
        request=question.identity,
        kind=Kind.ANSWER,
        team=question.team,
        channel=question.channel,
        person=question.person,
        model="gpt-5.4-mini",
        usage=usage,
        at=time.time(),
        money=21_300,
    )


def test_a_reader_who_wants_no_motion_gets_none(browser, run_playground):
    running = run_playground()
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(running.url)
    running.client.chat_postMessage(channel="C0CHANNEL1", markdown_text="…")

    expect(page.locator(".typing i").first).to_have_css("animation-name", "none")
    context.close()
