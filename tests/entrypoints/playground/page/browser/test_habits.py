"""What people who use Slack all day expect without thinking of it."""

import json
import re
from dataclasses import asdict

import pytest
from playwright.sync_api import Locator, expect

from entrypoints.playground.emulator.workspace.model import Post
from tests.entrypoints.playground.conftest import CHANNEL, DIRECT, NOON, OTHER, PERSON
from tests.entrypoints.playground.page.browser.conftest import CONTRASTS, FEEDBACK, PHONE, Scene
from tests.entrypoints.playground.page.browser.test_slack_features import MENU, POCHI, says, working

TABLET = {"width": 1024, "height": 768}


def bot_says(on: Scene, text: str, channel: str = CHANNEL, **more: str) -> str:
    return str(on.running.client.chat_postMessage(channel=channel, text=text, **more)["ts"])


# --- what arrives elsewhere --------------------------------------------------------------------------


def test_a_file_that_arrives_in_the_direct_messages_is_marked_everywhere_and_found_with_a_click(scene):
    on = scene()
    on.running.client.files_upload_v2(channel=DIRECT, content="ワン", filename="ポチ.json", title="ポチ.json")
    room = on.page.locator(".room", has_text="bot").first
    expect(room).to_have_accessible_name("bot 未読 1 件")
    expect(on.page).to_have_title("(1) #総務 – Playground")
    notice = on.page.locator("#arrived")
    expect(notice).to_contain_text("bot(ダイレクトメッセージ)")
    expect(notice).to_contain_text("ポチ.json")

    notice.locator(".go").click()
    expect(on.page.locator("#posts .file b")).to_have_text("ポチ.json")
    expect(room).to_have_accessible_name("bot")
    expect(on.page).to_have_title("bot – Playground")
    expect(notice).to_be_hidden()


def test_what_is_unread_stays_so_until_its_person_looks(scene):
    on = scene()
    dev = on.page.locator(".room", has_text="開発")
    bot_says(on, "ポチがいません", "C0CHANNEL2")
    expect(dev.locator(".count")).to_contain_text("1")
    on.page.reload()
    expect(dev.locator(".count")).to_contain_text("1")
    dev.click()
    expect(dev.locator(".count")).to_have_count(0)
    on.page.locator(".room", has_text="総務").click()
    expect(dev.locator(".count")).to_have_count(0)

    on.page.get_by_role("radio", name="さくら").check(force=True)
    expect(dev.locator(".count")).to_contain_text("1")


def test_replies_in_a_thread_that_is_closed_are_marked_at_it_for_those_who_take_part(scene):
    on = scene()
    question = on.say("@bot ポチは?")
    on.answer(question, "います")
    expect(on.thread).to_be_visible()
    on.page.keyboard.press("Escape")
    new = on.page.locator("#posts .replies .new")
    expect(new).to_have_count(0)
    bot_says(on, "庭です", thread_ts=question.ts)
    expect(new).to_have_text("新着 1 件")

    on.page.locator("#posts .replies").click()
    expect(new).to_have_count(0)
    on.page.get_by_role("radio", name="さくら").check(force=True)
    on.page.locator(".room", has_text="開発").click()
    bot_says(on, "寝ています", thread_ts=question.ts)
    bot_says(on, "さくらさん", "C0CHANNEL2")
    expect(on.page.locator("#posts .text")).to_have_text("さくらさん")
    expect(on.page.locator(".room", has_text="総務").locator(".count")).to_have_count(0)


# --- places ----------------------------------------------------------------------------------------


def test_a_reload_keeps_room_thread_speaker_and_draft(scene):
    on = scene()
    on.page.locator(".room", has_text="開発").click()
    on.page.get_by_role("radio", name="さくら").check(force=True)
    on.page.locator("#composer-text").fill("@bot ポチは?")
    on.page.keyboard.press("Enter")
    on.answer(on.asked(), "います")
    expect(on.thread).to_be_visible()
    on.page.locator("#thread-text").fill("どこに")
    on.page.locator("#composer-text").fill("ところで")

    on.page.reload()
    expect(on.page.locator(".room[aria-current]")).to_contain_text("開発")
    expect(on.page.get_by_role("radio", name="さくら")).to_be_checked()
    expect(on.thread.locator(".post").last).to_contain_text("います")
    expect(on.page.locator("#thread-text")).to_have_value("どこに")
    expect(on.page.locator("#composer-text")).to_have_value("ところで")


def test_everyone_has_a_draft_in_each_place(scene):
    on = scene()
    on.page.locator("#composer-text").fill("総務で私が")
    on.page.locator(".room", has_text="開発").click()
    expect(on.page.locator("#composer-text")).to_have_value("")
    on.page.locator(".room", has_text="総務").click()
    expect(on.page.locator("#composer-text")).to_have_value("総務で私が")
    on.page.get_by_role("radio", name="さくら").check(force=True)
    expect(on.page.locator("#composer-text")).to_have_value("")


def test_a_place_can_be_linked_and_back_leads_back(scene):
    on = scene()
    question = on.say("@bot ポチは?")
    on.answer(question, "います")
    expect(on.thread).to_be_visible()
    expect(on.page).to_have_url(re.compile(f"#{CHANNEL}/{question.ts}$"))
    link = on.page.url
    on.page.get_by_role("button", name="bot", exact=True).click()
    on.page.get_by_role("tab", name="ホーム").click()
    expect(on.page).to_have_url(re.compile(f"#{DIRECT}/home$"))

    on.page.go_back()
    expect(on.page.get_by_role("tab", name="メッセージ")).to_have_attribute("aria-selected", "true")
    on.page.go_back()
    expect(on.thread.locator(".post").last).to_contain_text("います")
    on.page.go_back()
    expect(on.thread).to_be_hidden()
    on.page.go_forward()
    expect(on.thread).to_be_visible()

    other = on.page.context.new_page()
    other.goto(link)
    expect(other.locator("#thread .post").last).to_contain_text("います")
    other.goto(f"{on.running.url}/#D0DIRECT02")
    expect(other.get_by_role("radio", name="さくら")).to_be_checked()
    expect(other.locator("#channel-name")).to_have_text("bot")


@pytest.mark.parametrize("address", ["#C0NOWHERE", "#", "#%E0%A4%A", "#C0CHANNEL1/9.9"])
def test_an_address_that_names_nothing_leads_somewhere_all_the_same(scene, address):
    on = scene()
    other = on.page.context.new_page()
    other.goto(f"{on.running.url}/{address}")

    expect(other.locator(".room[aria-current]")).to_contain_text("総務")


def test_a_new_question_opens_its_own_thread(scene):
    on = scene()
    on.answer(on.say("@bot ポチは?"), "います")
    expect(on.thread.locator(".post").last).to_contain_text("います")
    on.answer(on.say("@bot タマは?"), "寝ています")

    expect(on.thread.locator(".post").first).to_contain_text("タマは?")
    expect(on.thread.locator(".post").last).to_contain_text("寝ています")


def test_who_writes_a_reply_is_not_taken_to_another_thread(scene):
    on = scene()
    on.answer(on.say("@bot ポチは?"), "います")
    second = on.say("@bot タマは?")
    on.page.locator("#thread-text").fill("ポチのことですが")
    on.answer(second, "寝ています")

    expect(on.page.locator("#posts .replies")).to_have_count(2)
    expect(on.thread.locator(".post").first).to_contain_text("ポチは?")


# --- writing ---------------------------------------------------------------------------------------


def test_a_mention_is_completed_from_the_keyboard(scene):
    on = scene()
    options = on.page.get_by_role("option")
    on.page.keyboard.type("ねえ@")
    expect(options).to_have_text(["@botアプリ", "@私", "@さくら", "@ケン"])
    on.page.keyboard.press("ArrowDown")
    on.page.keyboard.press("ArrowDown")
    expect(on.page.get_by_role("option", selected=True)).to_have_text("@さくら")
    on.page.keyboard.press("Enter")
    expect(on.page.locator("#composer-text")).to_have_value("ねえ@さくら ")
    expect(options).to_have_count(0)

    on.page.keyboard.type("@b")
    expect(options).to_have_text(["@botアプリ"])
    on.page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    on.page.keyboard.press("Enter")
    assert on.asked().text.endswith("@b")


def test_a_command_is_completed_with_a_click_and_never_in_a_thread(scene):
    on = scene()
    on.page.keyboard.type("/")
    expect(on.page.get_by_role("option")).to_have_count(8)
    on.page.keyboard.type("bot us")
    on.page.get_by_role("option", name="/bot usage").click()
    expect(on.page.locator("#composer-text")).to_have_value("/bot usage ")
    expect(on.page.locator("#composer-text")).to_be_focused()
    on.page.keyboard.press("Enter")
    assert on.interaction()["text"] == "usage"

    on.answer(on.say("@bot ポチは?"), "います")
    on.page.locator("#thread-text").click()
    on.page.keyboard.type("/b")
    expect(on.page.get_by_role("option")).to_have_count(0)


def test_a_post_that_the_bot_passes_over_says_so(scene):
    on = scene()
    hint = on.page.locator("#posts .unanswered")
    question = on.say("ポチは?")
    expect(hint).to_have_text("@bot とメンションしていないので、bot は答えません。")
    on.running.client.chat_postMessage(channel=CHANNEL, thread_ts=question.ts, text="います")
    expect(hint).to_have_count(0)

    on.say("@bot ポチは?")
    expect(hint).to_have_count(0)
    on.page.get_by_role("button", name="bot", exact=True).click()
    on.say("ポチは?")
    expect(on.page.locator("#posts .post")).to_have_count(1)
    expect(hint).to_have_count(0)


def test_one_good_file_among_empty_ones_is_kept(scene):
    on = scene()
    empty = [{**MENU, "name": name, "buffer": b""} for name in ("空.csv", "からっぽ.csv")]
    on.page.locator("#composer input[type=file]").set_input_files([empty[0], POCHI, empty[1]])

    expect(on.page.locator("#composer .trouble")).to_have_text("空.csv、からっぽ.csv は空です。")
    expect(on.page.locator("#composer .chosen .name")).to_have_text(["ポチ.png"])


# --- reading ---------------------------------------------------------------------------------------


def test_posts_that_follow_one_another_stand_under_one_name(scene):
    on = scene()
    posts = on.page.locator("#posts .post")
    on.say("@bot ポチは?")
    on.say("@bot タマは?")
    bot_says(on, "います")
    expect(posts).to_have_count(3)
    grouped = "all => all.map((post) => post.classList.contains('grouped'))"

    on.becomes([False, True, False], lambda: posts.evaluate_all(grouped))
    expect(posts.nth(1).locator(".avatar")).to_have_css("visibility", "hidden")
    expect(posts.nth(1).locator(".name")).to_have_text("私")  # it is still read out


def test_days_are_parted(scene, tmp_path):
    archive = tmp_path / "posts.jsonl"
    old = [Post(CHANNEL, f"{NOON + hours * 3600:.6f}", PERSON, f"ポチ {hours}") for hours in (0, 0.01, 48)]
    archive.write_text("".join(f"{json.dumps(asdict(post))}\n" for post in old))
    on = scene(archive=archive)
    on.say("@bot ポチは?")

    expect(on.page.locator("#posts .day")).to_have_text(
        [re.compile("2026年9月2.日"), re.compile("2026年9月2.日"), "今日"]
    )


def test_code_is_copied_with_a_click(scene):
    on = scene()
    on.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    on.answer(on.say("@bot ポチは?"), "```python\nprint('ワン')\n```")
    on.thread.locator(".code").hover()
    on.thread.get_by_role("button", name="コピー").click()

    expect(on.thread.locator(".copy")).to_have_text("コピーしました")
    on.becomes("print('ワン')", lambda: on.page.evaluate("navigator.clipboard.readText()"))


def test_what_is_wider_than_its_place_shows_that_there_is_more(scene):
    on = scene()
    on.answer(on.say("@bot 表"), f"| {'x' * 200} | b |\n| --- | --- |\n| 1 | 2 |\n\n```\n{'c' * 300}\n```")
    for wide in (on.thread.locator(".table"), on.thread.locator("pre")):
        expect(wide).to_have_css("background-attachment", re.compile("scroll"))
        on.becomes(True, lambda wide=wide: wide.evaluate("node => node.scrollWidth > node.clientWidth"))
        wide.focus()
        expect(wide).to_be_focused()


@pytest.mark.parametrize("viewport", [TABLET, PHONE])
def test_a_wide_table_scrolls_before_its_words_break(scene, viewport):
    on = scene(viewport=viewport)
    days = "| 曜日 | 散歩 | ごはん | 病院 | 備考 | 担当 |\n| --- | --- | --- | --- | --- | --- |\n"
    on.answer(on.say("@bot ポチの一週間"), f"{days}| 水 | 30分 | 鶏肉なし! | みどり動物病院 | アレルギー | さくら |")
    on.open_thread()
    row = on.thread.locator("tr").last
    expect(row).to_be_visible()
    lines = (
        "cells => cells.map((cell) => { const range = document.createRange(); range.selectNodeContents(cell);"
        " return range.getClientRects().length })"
    )
    on.becomes([1] * 6, lambda: row.locator("td").evaluate_all(lines))


def test_a_reader_who_went_back_is_led_to_the_latest(scene):
    on = scene()
    for n in range(40):
        bot_says(on, f"ポチ {n}")
    expect(on.page.locator("#posts .post")).to_have_count(40)
    latest = on.page.locator("#channel .latest")
    expect(latest).to_be_hidden()
    on.page.locator("#posts").evaluate("node => (node.scrollTop = 0)")
    expect(latest).to_be_visible()
    bot_says(on, "ポチ、帰る")
    expect(latest).to_have_class(re.compile("more"))
    expect(on.page.locator("#posts .post").first).to_be_in_viewport()

    latest.click()
    expect(on.page.locator("#posts .post").last).to_be_in_viewport()
    expect(latest).to_be_hidden()


def test_a_reader_of_the_latest_stays_there_when_the_page_becomes_narrower(scene):
    on = scene()
    for n in range(20):
        bot_says(on, f"ポチ {n}: " + "ワン " * 60)
    posts, latest = on.page.locator("#posts"), on.page.locator("#channel .latest")
    expect(posts.locator(".post")).to_have_count(20)
    at_end = "node => node.scrollHeight - node.scrollTop - node.clientHeight < 2"
    on.becomes(True, lambda: posts.evaluate(at_end))
    before = posts.evaluate("node => node.scrollHeight")
    on.page.set_viewport_size(PHONE)
    on.becomes(True, lambda: posts.evaluate("node => node.scrollHeight") > before)
    on.becomes(True, lambda: posts.evaluate(at_end))
    expect(latest).to_be_hidden()

    posts.evaluate("node => (node.scrollTop = 0)")
    expect(latest).to_be_visible()
    on.page.set_viewport_size(TABLET)
    expect(posts.locator(".post").first).to_be_in_viewport()
    expect(latest).to_be_visible()


def test_the_menu_of_a_phone_lies_over_what_leads_to_the_latest(scene):
    on = scene(viewport=PHONE)
    for n in range(40):
        bot_says(on, f"ポチ {n}")
    expect(on.page.locator("#posts .post")).to_have_count(40)
    on.page.locator("#posts").evaluate("node => (node.scrollTop = 0)")
    latest = on.page.locator("#channel .latest")
    expect(latest).to_be_visible()
    on.page.locator("#open-side").tap()
    over = (
        "node => { const { left, top } = node.getBoundingClientRect();"
        " return document.elementFromPoint(left + 5, top + 20).closest('#side') !== null }"
    )
    on.becomes(True, lambda: latest.evaluate(over))


def test_one_sign_says_that_the_bot_is_at_work(scene):
    on = scene()
    question = on.say("@bot ポチは?")
    ts = on.begin(question)
    empty = on.thread.locator(f".post[data-ts='{ts}']")
    expect(empty.locator(".typing")).to_be_visible()
    expect(on.page.locator("#posts .replies .last")).to_be_hidden()
    says(on, question, "ポチを探しています…")
    expect(on.thread.get_by_role("status").first).to_contain_text("ポチを探しています…")
    expect(empty).to_be_hidden()
    on.write(question, ts, "います")

    expect(empty).to_be_visible()
    expect(on.thread.locator(".typing:visible")).to_have_count(1)


# --- the frame -------------------------------------------------------------------------------------


def test_the_memory_panel_stays_closed_until_it_is_opened_again(scene):
    on = scene()
    memory = on.page.locator("#memory")
    expect(memory).to_be_visible()
    on.page.locator("#close-memory").click()
    expect(memory).to_be_hidden()
    expect(on.page.locator("#open-memory")).to_be_focused()
    on.page.reload()
    expect(on.page.locator("#open-memory")).to_have_attribute("aria-expanded", "false")
    expect(memory).to_be_hidden()
    on.page.locator("#open-memory").click()

    expect(memory).to_be_visible()
    expect(on.page.locator("#open-memory")).to_have_attribute("aria-expanded", "true")


def test_the_memory_panel_is_made_wider_by_mouse_and_keyboard(scene):
    on = scene()
    edge = on.page.get_by_role("separator", name="記憶パネルの幅")
    memory = on.page.locator("#memory")
    expect(memory).to_be_visible()
    before = width_of(memory)
    box = edge.bounding_box()
    on.page.mouse.move(box["x"] + 4, 300)
    on.page.mouse.down()
    on.page.mouse.move(box["x"] - 96, 300)
    on.page.mouse.up()
    on.becomes(pytest.approx(before + 98, abs=6), lambda: width_of(memory))
    wider = width_of(memory)
    on.page.keyboard.press("ArrowRight")
    on.becomes(pytest.approx(wider - 24, abs=2), lambda: width_of(memory))

    on.page.reload()
    expect(edge).to_have_attribute("aria-valuenow", str(round(wider - 24)))


def width_of(part: Locator) -> float:
    """Pixels."""
    return float(part.evaluate("node => node.getBoundingClientRect().width"))


def test_beside_a_thread_the_memory_takes_none_of_its_room(scene):
    on = scene(viewport=TABLET)
    expect(on.page.locator("#memory")).to_be_hidden()
    on.answer(on.say("@bot ポチは?"), "います")
    expect(on.thread).to_be_visible()
    on.becomes(TABLET["height"], lambda: on.thread.bounding_box()["height"])
    alone = on.thread.bounding_box()
    assert alone["width"] > 400
    on.page.locator("#open-memory").click()

    expect(on.page.locator("#memory")).to_be_visible()
    on.becomes(alone, on.thread.bounding_box)
    right = "node => node.getBoundingClientRect().right"
    on.becomes(True, lambda: on.page.locator("#memory").evaluate(right) <= alone["x"] + 1)


def test_fingers_find_everything(scene):
    on = scene(viewport=PHONE)
    small = """() => [...document.querySelectorAll("button, .person, textarea, a:not(.skip)")]
        .filter((node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        .map((node) => [node.id || node.className || node.textContent, node.getBoundingClientRect()])
        .filter(([, box]) => box.width < 44 || box.height < 44).map(([name, box]) => [name, box.width, box.height])"""
    on.page.locator("#open-side").tap()
    expect(on.page.locator("#side")).to_be_visible()
    on.becomes([], lambda: on.page.evaluate(small))
    on.page.locator("#close-side").tap()
    on.page.locator("#composer input[type=file]").set_input_files([POCHI])
    expect(on.page.locator("#composer .chosen li")).to_be_visible()
    on.becomes([], lambda: on.page.evaluate(small))
    on.page.keyboard.type("@bot ポチは?")
    on.page.get_by_role("button", name="送信").first.tap()
    question = on.asked()
    working(on, question)
    on.answer(question, "```\nワン\n```", FEEDBACK)
    expect(on.page.locator("#posts .replies")).to_be_visible()
    on.becomes([], lambda: on.page.evaluate(small))
    on.page.locator("#posts .replies").tap()
    expect(on.thread.locator(".copy")).to_be_visible()
    on.becomes([], lambda: on.page.evaluate(small))


def test_a_finger_finds_the_edge_of_the_memory_panel(scene):
    on = scene(touch=True)
    edge = on.page.get_by_role("separator", name="記憶パネルの幅")
    expect(edge).to_be_visible()
    on.becomes(True, lambda: width_of(edge) >= 44)


def test_the_page_changes_its_language_with_a_click_and_says_that_the_bot_does_not(scene):
    on = scene()
    expect(on.page.locator("#bot-language")).to_be_hidden()
    on.page.get_by_role("button", name="English").click()
    expect(on.page.get_by_role("button", name="Send").first).to_be_visible()
    expect(on.page.locator("html")).to_have_attribute("lang", "en")
    expect(on.page.locator("#bot-language")).to_contain_text("bot answers in Japanese")
    on.page.reload()
    expect(on.page.get_by_role("button", name="Send").first).to_be_visible()

    on.page.get_by_role("button", name="日本語").click()
    expect(on.page.get_by_role("button", name="送信").first).to_be_visible()


def test_the_stand_in_is_told_a_story_and_then_asked_about_it(scene):
    on = scene()
    first = on.page.locator(".example").first
    expect(first).to_contain_text("うちの犬はポチ")
    first.click()
    on.answer(on.asked(), "覚えました", FEEDBACK)
    next_lines = on.thread.locator(".suggestions .example")
    expect(next_lines).to_have_text([re.compile("散歩"), re.compile("予防接種は12月5日")])
    next_lines.first.click()
    on.answer(on.asked(), "覚えました", FEEDBACK)

    expect(next_lines).to_have_text([re.compile("予防接種は12月5日"), re.compile("どこでしたか")])


def test_a_model_is_asked_what_only_a_model_can_do(scene):
    on = scene(model_name="gpt-5-mini")

    expect(on.page.locator(".example").nth(1)).to_contain_text("献立")
    expect(on.page.locator(".example", has_text="ポチ")).to_have_count(0)


def test_somebody_elses_private_words_are_no_news(scene):
    on = scene()
    on.running.client.chat_postEphemeral(channel="C0CHANNEL2", user=OTHER, text="ひみつ")
    bot_says(on, "ポチは元気です")

    expect(on.page.locator("#posts .text")).to_have_text("ポチは元気です")
    expect(on.page.locator(".room .count")).to_have_count(0)
    expect(on.page.locator("#arrived")).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("viewport", [{"width": 1400, "height": 900}, TABLET, {"width": 390, "height": 844}])
def test_all_that_is_marked_can_be_read(scene, viewport, dark):
    on = scene(viewport=viewport, dark=dark)
    on.say("ポチは?")
    on.answer(on.say("@bot ポチは?"), "```\nワン\n```", FEEDBACK)
    expect(on.page.locator("#posts .replies")).to_be_visible()
    bot_says(on, "ひみつ", DIRECT)
    expect(on.page.locator("#arrived")).to_be_visible()
    on.say("だれか")
    on.page.keyboard.type("@")
    expect(on.page.get_by_role("option")).to_have_count(4)

    on.becomes([], lambda: on.page.evaluate(CONTRASTS))
    on.becomes(True, lambda: on.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
