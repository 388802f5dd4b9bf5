"""Editing and deleting posts on the page."""

from playwright.sync_api import expect

from entrypoints.playground.emulator.workspace.model import BOT_USER


def test_a_person_edits_and_deletes_their_own_post(scene):
    on = scene()
    on.say("@bot 1 < 2 ですか")
    more = on.page.get_by_role("button", name="その他の操作: 私")
    more.click()
    on.page.get_by_role("menuitem", name="投稿を編集").click()
    field = on.page.get_by_role("textbox", name="投稿を編集")
    expect(field).to_have_value("@bot 1 < 2 ですか")
    share = "node => node.offsetWidth > 0.85 * document.getElementById('confirm').offsetWidth"
    on.becomes(True, lambda: field.evaluate(share))
    field.fill("@bot ポチは?")
    on.page.locator("#confirm").get_by_role("button", name="保存").click()
    expect(on.page.locator("#posts .post")).to_contain_text("ポチは?")
    (post,) = on.running.client.conversations_history(channel="C0CHANNEL1")["messages"]
    assert post["text"] == f"<@{BOT_USER}> ポチは?"

    more.click()
    on.page.get_by_role("menuitem", name="投稿を削除").click()
    on.page.locator("#confirm").get_by_role("button", name="投稿を削除").click()
    expect(on.page.locator("#posts .post")).to_have_count(0)


def test_of_a_deleted_first_post_of_a_thread_the_page_shows_what_slack_shows(scene):
    on = scene()
    question = on.say("@bot ポチは?")
    on.running.client.chat_postMessage(channel="C0CHANNEL1", thread_ts=question.ts, text="元気です")
    on.page.locator("#posts").get_by_role("button", name="その他の操作: 私").click()
    on.page.get_by_role("menuitem", name="投稿を削除").click()
    on.page.locator("#confirm").get_by_role("button", name="投稿を削除").click()
    expect(on.page.locator("#posts .post").first).to_contain_text("This message was deleted.")


def test_another_persons_post_can_be_neither_edited_nor_deleted(scene):
    on = scene()
    on.say("@bot ポチは?")
    on.page.get_by_role("radio", name="さくら").check()
    on.page.get_by_role("button", name="その他の操作: 私").click()
    expect(on.page.get_by_role("menuitem", name="使い方")).to_be_visible()
    expect(on.page.get_by_role("menuitem", name="投稿を編集")).to_have_count(0)
    expect(on.page.get_by_role("menuitem", name="投稿を削除")).to_have_count(0)
