"""What Slack offers besides messages: files, feedback, sessions, suggestions, the Home tab, commands and shortcuts."""

import base64
import re

import pytest
from playwright.sync_api import expect
from starlette.responses import JSONResponse

from domain.channels.channel_settings import ChannelSettings
from domain.channels.settings_requests import ChangeSettings
from domain.conversations.place import Scope
from domain.requests import Question
from domain.turn_events import SettingsChanged
from tests.entrypoints.playground.page.browser.conftest import CONTRASTS, FEEDBACK, PHONE, Scene

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
POCHI = {"name": "ポチ.png", "mimeType": "image/png", "buffer": PICTURE}
MENU = {"name": "献立.csv", "mimeType": "text/csv", "buffer": "月,カレー\n".encode()}

RESET = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "action_id": "reset",
            "style": "danger",
            "text": {"type": "plain_text", "text": "忘れる"},
            "value": "this",
            "confirm": {
                "title": {"type": "plain_text", "text": "忘れますか?"},
                "text": {"type": "plain_text", "text": "元に戻せません。"},
                "confirm": {"type": "plain_text", "text": "はい、忘れる"},
                "deny": {"type": "plain_text", "text": "やめる"},
            },
        },
        {"type": "button", "action_id": "keep", "text": {"type": "plain_text", "text": "残す"}, "value": "all"},
    ],
}
HOME = [
    {"type": "header", "text": {"type": "plain_text", "text": "ようこそ"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*ポチ*の `@bot` です。"}},
    {
        "type": "section",
        "fields": [{"type": "mrkdwn", "text": "*今月*\n1,234"}, {"type": "plain_text", "text": "上限"}],
    },
    {"type": "divider"},
    {"type": "section", "text": {"type": "plain_text", "text": "*そのまま*"}},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "_90 日_ で忘れます"}]},
    RESET,
]


def open_direct(on: Scene, tab: str = "メッセージ") -> None:
    on.page.get_by_role("button", name="bot", exact=True).click()
    on.page.get_by_role("tab", name=tab).click()


def answered(on: Scene, text: str = "はい", blocks: object = FEEDBACK) -> str:
    """A question in the channel and its answer with blocks under it; returns the answer's ts."""
    question = on.say("@bot ポチは?")
    ts = on.begin(question)
    on.write(question, ts, text)
    on.running.client.chat_stopStream(channel=question.channel, ts=ts, blocks=blocks)
    expect(on.thread.locator(f"[data-ts='{ts}'] .blocks button").first).to_be_visible()
    return ts


def working(on: Scene, question: Question, status: str = "processing", **more: str) -> None:
    on.running.client.agents_sessions_setStatus(
        channel_id=question.channel, thread_ts=question.ts, status=status, **more
    )


def says(on: Scene, question: Question, status: str) -> None:
    on.running.client.assistant_threads_setStatus(channel_id=question.channel, thread_ts=question.ts, status=status)


# --- files -----------------------------------------------------------------------------------------


def test_files_are_attached_and_shown(scene):
    on = scene()
    chosen = on.page.locator("#composer .chosen li")
    on.page.locator("#composer input[type=file]").set_input_files([POCHI, MENU, {**MENU, "name": "要らない.csv"}])
    expect(chosen.locator(".name")).to_have_text(["ポチ.png", "献立.csv", "要らない.csv"])
    on.page.get_by_role("button", name="要らない.csv を外す").click()
    expect(chosen).to_have_count(2)
    on.page.locator("#composer-text").fill("@bot 見て")
    on.page.keyboard.press("Enter")

    shown = on.page.locator("#posts .post")
    expect(shown.locator(".text")).to_have_text("@bot 見て")
    expect(chosen).to_have_count(0)
    preview = shown.get_by_role("img", name="ポチ.png")
    expect(preview).to_be_visible()
    preview.evaluate("node => node.decode()")  # fails where it is no picture
    link = shown.get_by_role("link", name=re.compile("献立.csv"))
    expect(link).to_have_attribute("download", "献立.csv")
    fetched = on.page.evaluate("async (path) => (await fetch(path)).text()", link.get_attribute("href"))
    assert fetched == "月,カレー\n"


def test_a_file_needs_no_words(scene):
    on = scene()
    on.page.locator("#composer input[type=file]").set_input_files([POCHI])
    on.page.get_by_role("button", name="送信").first.click()

    post = on.page.locator("#posts .post")
    expect(post.get_by_role("img")).to_be_visible()
    expect(post.locator(".typing")).to_have_count(0)


def test_of_a_file_whose_content_is_gone_the_name_is_left(scene, tmp_path):
    archive = tmp_path / "posts.jsonl"
    before = scene(archive=archive)
    before.page.locator("#composer input[type=file]").set_input_files([POCHI, MENU])
    before.page.get_by_role("button", name="送信").first.click()
    expect(before.page.locator("#posts").get_by_role("img", name="ポチ.png")).to_be_visible()

    after = scene(archive=archive)  # it knows the posts, not the files
    chips = after.page.locator("#posts .file")
    expect(chips.locator("b")).to_have_text(["ポチ.png", "献立.csv"])
    expect(chips.locator("small")).to_have_text(["中身はもう残っていません"] * 2)
    expect(after.page.locator("#posts :is(img, a)")).to_have_count(0)


def test_what_is_no_picture_whatever_it_says_can_be_saved(scene):
    on = scene()
    on.page.locator("#composer input[type=file]").set_input_files([{**POCHI, "buffer": b"no picture"}])
    on.page.get_by_role("button", name="送信").first.click()

    link = on.page.locator("#posts").get_by_role("link", name=re.compile("ポチ.png"))
    expect(link).to_have_attribute("download", "ポチ.png")
    expect(on.page.locator("#posts img")).to_have_count(0)


@pytest.mark.parametrize("manner", ["paste", "drop"])
def test_files_may_be_pasted_and_dropped(scene, manner):
    on = scene()
    on.page.locator("#composer-text").evaluate(
        """(area, manner) => {
            const carried = new DataTransfer();
            carried.items.add(new File(["ワン"], "ポチ.txt", { type: "text/plain" }));
            const how = { bubbles: true, cancelable: true };
            area.dispatchEvent(manner === "paste" ? new ClipboardEvent("paste", { ...how, clipboardData: carried })
                : new DragEvent("drop", { ...how, dataTransfer: carried }));
        }""",
        manner,
    )

    expect(on.page.locator("#composer .chosen .name")).to_have_text(["ポチ.txt"])


@pytest.mark.parametrize(
    ("count", "size", "sentence"), [(6, 20, "5 個まで"), (2, 2_500_001, "5 MB まで"), (1, 0, "献立.csv は空です")]
)
def test_files_that_cannot_be_sent_are_not_taken(scene, tmp_path, count, size, sentence):
    on = scene()
    files = [tmp_path / str(n) / "献立.csv" for n in range(count)]
    for file in files:  # Chromium reads them from the disk: the driver takes a second to hand on 5 MB
        file.parent.mkdir()
        file.write_bytes(b"x" * size)
    on.page.locator("#composer input[type=file]").set_input_files(files)

    expect(on.page.locator("#composer .trouble")).to_contain_text(sentence)
    expect(on.page.locator("#composer .chosen")).to_be_hidden()


def test_files_that_could_not_be_sent_are_not_lost(scene):
    on = scene(forgiven="400")
    on.page.route("**/playground/posts", lambda route: route.fulfill(status=400, json={"error": "msg_too_long"}))
    on.page.locator("#composer input[type=file]").set_input_files([MENU])
    on.page.locator("#composer-text").fill("@bot 見て")
    on.page.keyboard.press("Enter")

    expect(on.page.locator("#composer .trouble")).to_be_visible()
    expect(on.page.locator("#composer-text")).to_have_value("@bot 見て")
    expect(on.page.locator("#composer .chosen .name")).to_have_text(["献立.csv"])


# --- buttons ---------------------------------------------------------------------------------------


def test_the_thumb_that_somebody_pressed_stays_pressed_for_them(scene):
    on = scene()
    ts = answered(on)
    good, bad = (on.thread.get_by_role("button", name=name, exact=True) for name in ("よい", "よくない"))
    expect(good).to_have_attribute("aria-pressed", "false")

    good.click()
    told = on.interaction()
    assert (told["type"], told["user"]["id"]) == ("block_actions", "U0PERSON01")
    assert (told["channel"]["id"], told["container"]["message_ts"]) == ("C0CHANNEL1", ts)
    assert (told["actions"][0]["action_id"], told["actions"][0]["value"]) == ("feedback", "good")
    expect(good).to_have_attribute("aria-pressed", "true")
    bad.click()
    assert on.interaction()["actions"][0]["value"] == "bad"
    expect(good).to_have_attribute("aria-pressed", "false")
    expect(bad).to_have_attribute("aria-pressed", "true")

    on.page.get_by_role("radio", name="さくら").check(force=True)
    expect(bad).to_have_attribute("aria-pressed", "false")
    on.page.get_by_role("radio", name="私").check(force=True)
    expect(bad).to_have_attribute("aria-pressed", "true")


def test_a_thumb_that_did_not_arrive_is_not_shown_as_pressed(scene):
    on = scene(forgiven="500")
    answered(on)
    on.page.route("**/playground/actions", lambda route: route.fulfill(status=500, json={"error": "down"}))
    on.thread.get_by_role("button", name="よい", exact=True).click()

    expect(on.page.locator("#refused")).to_contain_text("できませんでした")
    expect(on.thread.locator(".thumb[aria-pressed=true]")).to_have_count(0)


def test_a_button_asks_before_it_does_what_cannot_be_undone(scene):
    on = scene()
    answered(on, blocks=[RESET])
    asked = on.page.locator("#confirm")
    on.thread.get_by_role("button", name="忘れる").click()
    expect(asked).to_contain_text("元に戻せません")
    asked.get_by_role("button", name="やめる").click()
    expect(asked).to_be_hidden()
    on.thread.get_by_role("button", name="残す").click()
    assert on.interaction()["actions"][0]["action_id"] == "keep"  # and nothing before

    on.thread.get_by_role("button", name="忘れる").click()
    asked.get_by_role("button", name="はい、忘れる").click()
    assert on.interaction()["actions"][0]["action_id"] == "reset"


def test_blocks_stay_text(scene):
    on = scene()
    attempt = "<img src=x onerror='window.hit = 1'> <https://e.example/|<script>window.hit=1</script>>"
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": attempt}},
        {"type": "section", "text": {"type": "mrkdwn", "text": attempt}},
        {"type": "context", "elements": [{"type": "plain_text", "text": attempt}]},
        {"type": "image", "image_url": "https://evil.example/x.png", "alt_text": "ポチの写真"},
    ]
    on.running.client.chat_postMessage(channel="C0CHANNEL1", text="ポチ", blocks=blocks)
    post = on.page.locator("#posts .post")

    expect(post.locator(".block-header")).to_have_text(attempt)
    expect(post).to_contain_text("ポチの写真")
    expect(post.locator("img, script")).to_have_count(0)
    assert on.page.evaluate("window.hit") is None


# --- the bot at work -------------------------------------------------------------------------------


def test_a_status_is_shown_until_it_is_taken_away(scene):
    on = scene()
    question = on.say("@bot ポチは?")
    on.page.get_by_role("button", name="スレッドで返信").click()
    status = on.thread.get_by_role("status")
    expect(status).to_be_empty()
    says(on, question, "ポチを探しています…")
    expect(status).to_have_text("bot ポチを探しています…")
    says(on, question, "")

    expect(status).to_be_empty()


def test_a_status_goes_away_by_itself(scene):
    on = scene()
    on.page.clock.install()
    on.page.reload()
    expect(on.page.locator(".room[aria-current]")).to_be_attached()  # before that, nobody has sat down to write
    question = on.say("@bot ポチは?")
    says(on, question, "ポチを探しています…")
    expect(on.page.locator("#progress")).to_contain_text("探しています")
    on.page.clock.fast_forward(100_000)
    expect(on.page.locator("#progress")).to_contain_text("探しています")
    on.page.clock.fast_forward(30_000)

    expect(on.page.locator("#progress .status")).to_be_empty()


def test_a_status_is_shown_below_the_channel_while_the_thread_is_closed(scene):
    on = scene()
    question = on.say("@bot ポチは?")
    says(on, question, "ポチを探しています…")
    expect(on.page.locator("#progress")).to_contain_text("ポチを探しています…")
    on.answer(question, "いました")

    expect(on.thread).to_be_visible()
    expect(on.page.locator("#progress .status")).to_be_empty()


def test_another_threads_status_is_not_shown(scene):
    on = scene()
    first, second = on.say("@bot ポチは?"), on.say("@bot タマは?")
    expect(on.page.locator("#posts .post")).to_have_count(2)
    on.page.get_by_role("button", name="スレッドで返信").last.click()
    says(on, second, "タマを探しています…")
    says(on, first, "ポチを探しています…")
    on.running.client.chat_postMessage(channel="C0CHANNEL1", text="それはさておき")
    expect(on.page.locator("#posts")).to_contain_text("それはさておき")  # and all that was said before

    expect(on.thread.get_by_role("status")).to_have_text("bot タマを探しています…")
    expect(on.page.locator("#progress .status")).to_be_empty()


def test_the_bot_can_be_stopped_while_it_works(scene):
    on = scene()
    question = on.say("@bot 長い話をして")
    working(on, question)
    ts = on.begin(question)
    on.write(question, ts, "むかしむかし")
    stop = on.thread.get_by_role("button", name="停止")
    expect(stop).to_be_visible()
    expect(on.thread.get_by_role("status")).to_contain_text("取りかかっています")

    stop.click()
    stopped = on.event("agent_session_stopped")
    assert (stopped["thread_ts"], stopped["user"]) == (question.ts, question.person)
    expect(on.thread.locator(f"[data-ts='{ts}'] .text")).not_to_have_class(re.compile("live"))
    expect(on.thread.get_by_role("status")).to_have_text("bot を停止しています…")
    expect(stop).to_have_attribute("aria-disabled", "true")
    expect(stop).to_be_focused()
    working(on, question, "active")
    expect(stop).to_have_count(0)
    expect(on.thread.get_by_role("status")).to_be_empty()


def test_the_next_question_can_be_stopped_too(scene):
    on = scene()
    question = on.say("@bot 長い話をして")
    working(on, question)
    stop = on.page.locator("#progress").get_by_role("button", name="停止")
    stop.click()
    expect(stop).to_have_attribute("aria-disabled", "true")
    working(on, question, "active")
    working(on, question)

    expect(stop).not_to_have_attribute("aria-disabled", "true")
    expect(on.page.locator("#progress")).to_contain_text("取りかかっています")


def test_a_stop_that_did_not_arrive_can_be_tried_again(scene):
    on = scene(forgiven="500")
    working(on, on.say("@bot 長い話をして"))
    on.page.route("**/playground/actions", lambda route: route.fulfill(status=500, json={"error": "down"}))
    stop = on.page.locator("#progress").get_by_role("button", name="停止")
    stop.click()

    expect(on.page.locator("#refused")).to_be_visible()
    expect(stop).not_to_have_attribute("aria-disabled", "true")


def test_the_title_of_a_session_heads_its_thread(scene):
    on = scene()
    question = on.say("@bot *ポチ* は?\n散歩は?")
    on.page.get_by_role("button", name="スレッドで返信").click()
    heading = on.thread.get_by_role("heading", level=2)
    expect(heading).to_have_text("ポチ は? #総務")
    working(on, question, title="ポチの行方")
    expect(heading).to_have_text("ポチの行方 #総務")
    on.running.client.agents_sessions_rename(channel_id=question.channel, thread_ts=question.ts, title="ポチ、帰る")
    expect(heading).to_have_text("ポチ、帰る #総務")

    on.page.reload()
    on.page.get_by_role("button", name="スレッドで返信").click()
    expect(heading).to_have_text("ポチ、帰る #総務")


def test_a_thread_that_begins_without_words_is_called_one(scene):
    on = scene()
    on.running.client.chat_postMessage(channel="C0CHANNEL1", text="<@U0BOT00001>")
    on.page.get_by_role("button", name="スレッドで返信").click()

    expect(on.thread.get_by_role("heading", level=2)).to_have_text("スレッド #総務")


def test_what_to_say_next_is_suggested_under_answers_only(scene):
    on = scene()
    question = on.say("@bot ポチは?")
    suggestions = on.thread.locator(".suggestions")
    ts = on.begin(question)
    on.write(question, ts, "います")
    on.end(question, ts)
    expect(on.thread.locator(f"[data-ts='{ts}'] .text")).not_to_have_class(re.compile("live"))
    expect(suggestions).to_have_count(0)  # a command's answer looks like this

    on.answer(question, "います", FEEDBACK)
    expect(suggestions).to_be_visible()
    reply = {"channel": question.channel, "thread_ts": question.ts}
    on.running.client.chat_postEphemeral(**reply, user=question.person, text="ひみつ")
    expect(on.thread.locator(".post.only")).to_be_visible()
    expect(on.thread.locator(".post:has(.thumbs) + .suggestions")).to_be_visible()
    waiting = on.running.client.chat_postMessage(**reply, markdown_text="…")["ts"]
    expect(on.thread.locator(f"[data-ts='{waiting}']")).to_be_visible()
    expect(suggestions).to_have_count(0)
    on.running.client.chat_delete(channel=question.channel, ts=waiting)
    expect(suggestions).to_be_visible()


# --- direct messages -------------------------------------------------------------------------------


def test_the_bot_is_told_which_of_its_tabs_somebody_opens(scene):
    on = scene()
    on.page.get_by_role("button", name="bot", exact=True).click()
    opened = on.event("app_home_opened")
    assert (opened["tab"], opened["user"]) == ("messages", "U0PERSON01")

    on.page.get_by_role("tab", name="ホーム").click()
    assert on.event("app_home_opened")["tab"] == "home"


def test_a_suggested_prompt_is_sent_with_a_click(scene):
    on = scene()
    open_direct(on)
    prompts = [{"title": "何ができますか?", "message": "help"}, {"title": "下書き", "message": "返信を考えて"}]
    on.running.client.assistant_threads_setSuggestedPrompts(channel_id="D0DIRECT01", title="試す", prompts=prompts)
    suggested = on.page.get_by_role("group", name="試す").get_by_role("button")
    expect(suggested).to_have_text(["何ができますか?", "下書き"])
    suggested.last.click()

    assert on.asked().text == "返信を考えて"
    expect(on.page.locator("#posts .post .text")).to_have_text("返信を考えて")
    on.page.locator(".room", has_text="総務").click()
    expect(suggested).to_have_count(0)


def test_the_home_tab_shows_what_the_bot_published(scene):
    on = scene()
    open_direct(on, "ホーム")
    home = on.page.get_by_role("tabpanel", name="ホーム")
    expect(home).to_contain_text("まだ何もありません")
    expect(on.page.locator("#composer")).to_be_hidden()
    publish(on)

    expect(home.get_by_role("heading", name="ようこそ")).to_be_visible()
    expect(home.locator("strong")).to_have_text(["ポチ", "今月"])
    expect(home.locator("code")).to_have_text("@bot")
    expect(home.locator(".plain", has_text="*そのまま*")).to_be_visible()
    expect(home.locator("hr")).to_have_count(1)
    expect(home.locator(".block-context em")).to_have_text("90 日")
    home.get_by_role("button", name="残す").click()
    told = on.interaction()
    assert (told["container"]["type"], told["user"]["id"]) == ("view", "U0PERSON01")
    assert (told["actions"][0]["action_id"], told["actions"][0]["value"]) == ("keep", "all")

    on.page.get_by_role("tab", name="メッセージ").click()
    expect(home).to_be_hidden()
    expect(on.page.locator("#composer")).to_be_visible()


def test_no_thread_stays_beside_the_home_tab(scene):
    on = scene()
    open_direct(on)
    on.answer(on.say("ポチは?"), "います")
    expect(on.thread).to_be_visible()
    on.page.get_by_role("tab", name="ホーム").click()
    expect(on.thread).to_be_hidden()
    expect(on.page.get_by_role("tab", name="ホーム")).to_be_focused()

    on.page.get_by_role("tab", name="メッセージ").click()
    expect(on.page.locator("#posts .replies")).to_be_visible()
    expect(on.thread).to_be_hidden()


def test_the_tabs_are_changed_with_arrow_keys(scene):
    on = scene()
    open_direct(on)
    on.page.get_by_role("tab", name="メッセージ").focus()
    on.page.keyboard.press("ArrowLeft")

    expect(on.page.get_by_role("tab", name="ホーム")).to_be_focused()
    expect(on.page.get_by_role("tab", name="ホーム")).to_have_attribute("aria-selected", "true")
    expect(on.page.get_by_role("tabpanel", name="ホーム")).to_be_visible()


def test_a_home_tab_is_its_persons_own(scene):
    on = scene()
    publish(on)
    on.page.get_by_role("radio", name="さくら").check(force=True)
    open_direct(on, "ホーム")

    expect(on.page.get_by_role("tabpanel", name="ホーム")).to_contain_text("まだ何もありません")


def publish(on: Scene) -> None:
    on.running.client.views_publish(user_id="U0PERSON01", view={"type": "home", "blocks": HOME})


def test_a_group_talks_to_the_bot_in_direct_messages(scene):
    on = scene()
    on.page.locator("#direct .room").nth(1).click()
    expect(on.page.locator("#channel-name")).to_contain_text("さくら")
    expect(on.page.locator("#tabs")).to_be_hidden()
    expect(on.page.locator("#composer .mention")).to_be_visible()
    on.page.locator("#composer-text").fill("@bot みんなです")
    on.page.keyboard.press("Enter")
    mine = on.event("message", user="U0PERSON01")
    assert mine["channel_type"] == "mpim"

    on.page.get_by_role("radio", name="ケン").check(force=True)
    expect(on.page.locator("#posts .text")).to_have_text("@bot みんなです")
    on.page.locator("#composer-text").fill("ケンもです")
    on.page.keyboard.press("Enter")
    assert on.event("message", user="U0PERSON03")["channel"] == mine["channel"]


# --- commands and shortcuts ------------------------------------------------------------------------


def test_a_slash_command_goes_to_the_bot_which_answers_its_person(scene):
    on = scene()
    on.running.listener.answers = [JSONResponse({"text": "今月は 12 トークン"})]
    on.page.locator("#composer-text").fill("/bot usage now")
    on.page.keyboard.press("Enter")
    told = on.interaction()

    assert (told["command"], told["text"]) == ("/bot", "usage now")
    assert (told["channel_id"], told["user_id"]) == ("C0CHANNEL1", "U0PERSON01")
    expect(on.page.locator("#composer-text")).to_have_value("")
    expect(on.page.locator("#posts .text")).to_have_text("今月は 12 トークン")
    expect(on.page.locator("#posts .post")).to_contain_text("あなただけに表示されています")


def test_slack_says_when_a_command_failed(scene):
    on = scene()
    on.running.listener.statuses = [500]
    on.page.locator("#composer-text").fill("/bot usage")
    on.page.keyboard.press("Enter")

    expect(on.page.locator("#posts .name")).to_have_text("Slackbot")
    expect(on.page.locator("#posts .text")).to_contain_text("/bot failed")


def test_the_command_can_be_inserted_with_a_click(scene):
    on = scene()
    on.page.locator("#composer-text").fill("help")
    on.page.get_by_role("button", name="コマンドを入れる").click()
    expect(on.page.locator("#composer-text")).to_have_value("/bot help")
    on.page.keyboard.press("Enter")

    assert on.interaction()["text"] == "help"


@pytest.mark.parametrize("text", ["/botany とは", "これは /bot です"])
def test_what_only_looks_like_the_command_is_said(scene, text):
    on = scene()

    assert on.say(text).text == text


def test_slack_takes_no_slash_command_in_a_thread(scene):
    on = scene()
    on.say("@bot ポチは?")
    on.page.get_by_role("button", name="スレッドで返信").click()
    on.page.locator("#thread-text").fill("/bot usage")
    on.page.keyboard.press("Enter")

    expect(on.thread.get_by_role("alert")).to_contain_text("スレッドの中で /bot は使えません")
    expect(on.page.locator("#thread-text")).to_have_value("/bot usage")
    expect(on.thread.locator(".post")).to_have_count(1)


def test_a_command_that_could_not_be_sent_is_not_lost(scene):
    on = scene(forgiven="500")
    on.page.route("**/playground/actions", lambda route: route.fulfill(status=500, json={"error": "down"}))
    on.page.locator("#composer-text").fill("/bot usage")
    on.page.keyboard.press("Enter")

    expect(on.page.locator("#refused")).to_be_visible()
    expect(on.page.locator("#composer-text")).to_have_value("/bot usage")


def test_a_messages_shortcut_is_chosen_from_the_keyboard(scene):
    on = scene()
    question = on.say("@bot ポチは?")
    more = on.page.get_by_role("button", name="その他の操作: 私")
    more.focus()
    on.page.keyboard.press("Enter")
    items = on.page.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "true")
    on.page.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    on.page.keyboard.press("ArrowDown")
    expect(items.nth(2)).to_be_focused()
    chosen = on.page.evaluate("async () => (await (await fetch('/playground/state')).json()).shortcuts[2]")
    expect(items.nth(2)).to_have_text(chosen["name"])

    on.page.keyboard.press("Enter")
    told = on.interaction()
    assert (told["type"], told["callback_id"]) == ("message_action", chosen["callback_id"])
    assert (told["channel"]["id"], told["message"]["ts"]) == (question.channel, question.ts)
    expect(items.first).to_be_hidden()
    expect(more).to_be_focused()


def test_the_page_asks_before_a_shortcut_has_the_bot_forget(scene):
    on = scene()
    on.say("@bot ポチは?")
    more = on.page.get_by_role("button", name="その他の操作: 私")
    reset, other = (on.page.get_by_role("menuitem", name=name) for name in ("記憶を消す", "使い方"))
    asked = on.page.locator("#confirm")
    more.click()
    reset.click()
    expect(asked).to_contain_text("元には戻せません")
    asked.get_by_role("button", name="キャンセル").click()
    expect(more).to_be_focused()
    more.click()
    other.click()
    assert on.interaction()["callback_id"] == "help"  # and nothing before

    more.click()
    reset.click()
    asked.get_by_role("button", name="記憶を消す").click()
    assert on.interaction()["callback_id"] == "reset"


def test_escape_closes_the_menu_and_leaves_the_thread_open(scene):
    on = scene()
    answered(on)
    more = on.thread.get_by_role("button", name="その他の操作: bot")
    more.click()
    expect(on.page.get_by_role("menu")).to_be_visible()
    on.page.keyboard.press("Escape")

    expect(on.page.get_by_role("menu")).to_be_hidden()
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(on.thread).to_be_visible()


# --- ephemeral posts -------------------------------------------------------------------------------


def test_an_ephemeral_post_is_seen_by_its_person_only(scene):
    on = scene()
    on.say("@bot ポチは?")
    on.running.client.chat_postEphemeral(channel="C0CHANNEL1", user="U0PERSON01", text="ひみつ")
    post = on.page.locator("#posts .post", has_text="ひみつ")
    expect(post).to_contain_text("あなただけに表示されています")
    expect(post.locator(".acts")).to_have_count(0)

    on.page.get_by_role("radio", name="さくら").check(force=True)
    expect(post).to_have_count(0)
    on.running.client.chat_postEphemeral(channel="C0CHANNEL1", user="U0PERSON01", text="ひみつ、その二")
    on.running.client.chat_postMessage(channel="C0CHANNEL1", text="みんなに")
    expect(on.page.locator("#posts .text")).to_have_text(["@bot ポチは?", "みんなに"])

    on.page.get_by_role("radio", name="私").check(force=True)
    expect(post).to_have_count(2)


def test_an_ephemeral_post_can_be_dismissed(scene):
    on = scene()
    for text in ("ひみつ", "ひみつ、その二"):
        on.running.client.chat_postEphemeral(channel="C0CHANNEL1", user="U0PERSON01", text=text)
    post = on.page.locator("#posts .post")
    expect(post).to_have_count(2)
    apart = "all => all[1].getBoundingClientRect().top > all[0].getBoundingClientRect().bottom"
    on.becomes(True, lambda: post.evaluate_all(apart))

    post.first.get_by_role("button", name="非表示にする").click()
    expect(post.locator(".text")).to_have_text(["ひみつ、その二"])
    expect(on.page.locator("#composer-text")).to_be_focused()
    post.get_by_role("button", name="非表示にする").click()
    expect(on.page.locator(".invitation")).to_be_visible()
    on.page.locator(".room", has_text="開発").click()
    on.page.locator(".room", has_text="総務").click()
    expect(on.page.locator(".invitation")).to_contain_text("総務")
    expect(post).to_have_count(0)


def test_an_ephemeral_reply_does_not_count(scene):
    on = scene()
    question = on.say("@bot ポチは?")
    on.answer(question, "います")
    on.running.client.chat_postEphemeral(
        channel=question.channel, thread_ts=question.ts, user=question.person, text="ひみつ"
    )

    expect(on.thread.locator(".post.only")).to_contain_text("ひみつ")
    expect(on.thread.locator(".divider")).to_have_text("1 件の返信")
    expect(on.page.locator("#posts .replies .count")).to_have_text("1 件の返信")


# --- looks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("viewport", "dark", "language"),
    [
        ({"width": 1280, "height": 800}, False, "ja"),
        ({"width": 1280, "height": 800}, True, "en"),
        ({"width": 390, "height": 780}, False, "ja"),
        (PHONE, True, "ja"),
        ({"width": 320, "height": 640}, False, "en"),
    ],
)
def test_all_of_it_fits_and_can_be_read(scene, viewport, dark, language, tmp_path):
    on = scene(viewport=viewport, dark=dark, language=language)
    long = {**MENU, "name": "とても長い名前の" * 8 + ".csv"}
    on.page.locator("#composer input[type=file]").set_input_files([POCHI, long])
    fits(on)
    on.page.locator("#composer-text").fill("@bot 見て")
    on.page.get_by_role("button", name=re.compile("送信|Send")).first.click()
    question = on.asked()
    on.running.client.chat_postEphemeral(channel=question.channel, user=question.person, text="h", blocks=HOME)
    working(on, question, title="とても長い題名" * 9)
    says(on, question, "とても長いあいだ、ポチを探しています…" * 3)
    expect(on.page.locator("#progress")).to_contain_text("ポチ")
    fits(on)
    on.page.screenshot(path=tmp_path / "channel.png")
    ts = on.begin(question)
    on.write(question, ts, "はい")
    on.running.client.chat_stopStream(channel=question.channel, ts=ts, blocks=FEEDBACK)
    on.open_thread()
    on.thread.get_by_role("button", name="よい", exact=True).click()
    expect(on.thread.locator("[aria-pressed=true]")).to_be_visible()
    fits(on)
    on.page.screenshot(path=tmp_path / "thread.png")
    on.page.keyboard.press("Escape")
    publish(on)
    on.running.client.assistant_threads_setSuggestedPrompts(
        channel_id="D0DIRECT01", prompts=[{"title": "とても長い題名" * 3, "message": "help"}] * 4
    )
    if on.is_narrow:
        on.page.locator("#open-side").click()
    on.page.get_by_role("button", name="bot", exact=True).click()
    expect(on.page.locator("#prompts .example").first).to_be_visible()
    fits(on)
    on.page.screenshot(path=tmp_path / "direct.png")
    on.page.locator("#tab-home").click()
    expect(on.page.locator("#home .block-actions")).to_be_visible()
    fits(on)
    on.page.screenshot(path=tmp_path / "home.png")


def fits(on: Scene) -> None:
    """Nothing that can be seen is wider than its place, and all of it can be read."""
    on.page.mouse.move(1, 1)
    wider = """() => [document.documentElement, ...document.querySelectorAll(
            ".posts, .composer, .tools, .bar, .home, .prompts, .said, .chosen li")].filter((node) =>
            node.checkVisibility({ visibilityProperty: true }) && node.scrollWidth > node.clientWidth + 1)
            .map((node) => node.id || node.className || node.tagName)"""
    on.becomes([], lambda: on.page.evaluate(wider))
    on.becomes([], lambda: on.page.evaluate(CONTRASTS))


# --- modals ----------------------------------------------------------------------------------------


def an_input(name: str, **element: object) -> dict:
    label = {"type": "plain_text", "text": name}
    return {
        "type": "input",
        "block_id": name,
        "label": label,
        "optional": True,
        "element": {"action_id": "value", **element},
    }


CHOICES = [{"text": {"type": "plain_text", "text": each}, "value": each} for each in ("-", "ja", "en")]
FORM = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "チャンネルの設定"},
    "submit": {"type": "plain_text", "text": "保存"},
    "close": {"type": "plain_text", "text": "やめる"},
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "<#C0CHANNEL1> での*ポチ*の設定です。"}},
        an_input("指示", type="plain_text_input", multiline=True, max_length=20, initial_value="短く。"),
        an_input("言語", type="static_select", options=CHOICES, initial_option=CHOICES[1]),
        an_input("上限", type="number_input", is_decimal_allowed=False, min_value="0", max_value="99"),
    ],
}


@pytest.fixture
def opened_form(scene, monkeypatch):
    """The form that the app opens after a command; the page, and the dialog."""
    monkeypatch.setattr("entrypoints.playground.emulator.workspace.modals.TRIGGER_SECONDS", 600)
    monkeypatch.setattr("entrypoints.playground.emulator.signed_requests.SECONDS_TO_ANSWER", 60)

    def open_form(**options):
        on = scene(**options)
        on.page.locator("#composer-text").fill("/bot settings")
        on.page.keyboard.press("Enter")
        on.running.client.views_open(trigger_id=on.interaction()["trigger_id"], view=FORM)
        dialog = on.page.locator("#modal")
        expect(dialog).to_be_visible()
        return on, dialog

    return open_form


def test_a_form_is_filled_in_and_submitted(opened_form):
    on, dialog = opened_form()
    expect(dialog.get_by_role("heading")).to_have_text("チャンネルの設定")
    expect(dialog.locator("strong")).to_have_text("ポチ")
    expect(dialog.locator(".mention")).to_have_text("#総務")
    expect(dialog.get_by_label("指示")).to_have_value("短く。")
    dialog.get_by_label("指示").fill("一文で。")
    dialog.get_by_label("言語").select_option("en")
    dialog.get_by_label("上限").fill("7")
    dialog.get_by_role("button", name="保存").click()
    values = on.interaction()["view"]["state"]["values"]
    assert values["指示"]["value"]["value"] == "一文で。"
    assert values["言語"]["value"]["selected_option"]["value"] == "en"
    assert values["上限"]["value"]["value"] == "7"
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("way", ["やめる", "Escape"])
def test_a_form_can_be_left_without_submitting_it(opened_form, way):
    on, dialog = opened_form()
    if way == "Escape":
        on.page.keyboard.press("Escape")
    else:
        dialog.get_by_role("button", name=way).click()
    expect(dialog).to_be_hidden()
    on.page.reload()
    expect(on.page.locator(".room[aria-current]")).to_be_attached()
    expect(dialog).to_be_hidden()


def test_a_form_is_there_again_when_the_page_is_loaded_anew_and_for_nobody_else(opened_form):
    on, dialog = opened_form()
    on.page.reload()
    expect(dialog.get_by_label("指示")).to_have_value("短く。")
    dialog.get_by_role("button", name="やめる").click()
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True])
def test_a_form_can_be_read_on_a_phone(opened_form, dark):
    on, dialog = opened_form(viewport=PHONE, dark=dark)
    on.becomes([], lambda: on.page.evaluate(CONTRASTS))
    box = dialog.bounding_box()
    assert 0 <= box["x"] <= box["x"] + box["width"] <= PHONE["width"]


def test_the_page_knows_when_a_channel_gets_a_memory_of_its_own(scene):
    on = scene()
    expect(on.page.locator(".invitation")).not_to_contain_text("チャンネル全体")
    on.running.settings.own["C0CHANNEL1"] = ChannelSettings(scope=Scope.CHANNEL)
    request = ChangeSettings("T0PLAYGRND", "C0CHANNEL1", "1000.000001", "U0PERSON01")
    on.running.playground.report(SettingsChanged(request, "T0PLAYGRND/C0CHANNEL1", ("scope",)))
    expect(on.page.locator(".invitation")).to_contain_text("チャンネル全体")
    on.page.reload()
    expect(on.page.locator(".invitation")).to_contain_text("チャンネル全体")
