"""What Slack sends, in the shapes that it documents, with what a test changes."""

import json

from adapters.slack.feedback import feedback_buttons
from adapters.slack.texts import JAPANESE_LABELS
from domain.spending.usage import Receipt, Usage

BOT = [{"team_id": "T061EG9R6", "user_id": "U0LAN0Z89", "is_bot": True, "is_enterprise_install": False}]


def event_callback(authorizations=BOT, **event) -> dict:
    """The shape Slack documents for the Events API, with what a test changes."""
    return {
        "token": "ZZZZZZWSxiZZZ2yIvs3peJ",
        "team_id": "T061EG9R6",
        "api_app_id": "A0MDYCDME",
        "event": {
            "type": "app_mention",
            "user": "U061F7AUR",
            "text": "<@U0LAN0Z89> 犬の名前は?",
            "ts": "1515449522.000016",
            "channel": "C0LAN2Q65",
            "event_ts": "1515449522000016",
        }
        | event,
        "type": "event_callback",
        "event_id": "Ev0MDYGDKJ",
        "event_time": 1515449522,
        "authorizations": authorizations,
    }


def message(**event) -> dict:
    return event_callback(**{"type": "message", "channel_type": "channel", "text": "犬の名前は?"} | event)


def opened(**event) -> dict:
    """A person opens one of the app's pages."""
    page = {
        "type": "app_home_opened",
        "user": "U061F7AUR",
        "channel": "D0LAN2Q65",
        "event_ts": "1515449522.000016",
        "tab": "home",
    }
    return event_callback() | {"event": page | event}


STOPPED = event_callback() | {
    "event": {
        "type": "agent_session_stopped",
        "user": "U061F7AUR",
        "channel": "C0LAN2Q65",
        "thread_ts": "1515449522.000016",
        "streaming_message_ts": ["1515449523.000001"],
        "event_ts": "1515449524.000001",
    }
}
HOSTED = {
    "id": "F0S43PZDF",
    "created": 1531763342,
    "timestamp": 1531763342,
    "name": "ポチ.gif",
    "title": "ポチ.gif",
    "mimetype": "image/gif",
    "filetype": "gif",
    "pretty_type": "GIF",
    "user": "U061F7AUR",
    "editable": False,
    "size": 137531,
    "mode": "hosted",
    "is_external": False,
    "external_type": "",
    "is_public": True,
    "url_private": "https://files.slack.com/files-pri/T061EG9R6-F0S43PZDF/pochi.gif",
    "url_private_download": "https://files.slack.com/files-pri/T061EG9R6-F0S43PZDF/download/pochi.gif",
    "permalink": "https://example.slack.com/files/U061F7AUR/F0S43PZDF/pochi.gif",
    "file_access": "visible",
}


def shared(*files: object, **event) -> dict:
    return message(**{"subtype": "file_share", "files": list(files), "upload": False} | event)


RESPOND_TO = "https://hooks.slack.com/commands/T061EG9R6/1234/5678"


def slash(**form) -> dict:
    """The fields Slack documents for a slash command, with what a test changes."""
    return {
        "token": "gIkuvaNzQIHg97ATvDxqgjtO",
        "team_id": "T061EG9R6",
        "team_domain": "example",
        "channel_id": "C0LAN2Q65",
        "channel_name": "dogs",
        "user_id": "U061F7AUR",
        "user_name": "sakura",
        "command": "/bot",
        "text": "memory",
        "api_app_id": "A0MDYCDME",
        "is_enterprise_install": "false",
        "response_url": RESPOND_TO,
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
    } | form


PERSON = {"id": "U061F7AUR", "username": "sakura", "name": "sakura", "team_id": "T061EG9R6"}


def shortcut(**payload) -> dict:
    return {
        "type": "message_action",
        "token": "Nj2rfC2hU8mAfgaJLemZgO7H",
        "action_ts": "1515449600.000007",
        "team": {"id": "T061EG9R6", "domain": "example"},
        "user": PERSON,
        "channel": {"id": "C0LAN2Q65", "name": "dogs"},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": "memory",
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "response_url": RESPOND_TO,
        "message_ts": "1515449522.000016",
        "message": {"type": "message", "user": "U061F7AUR", "ts": "1515449522.000016", "text": "秘密"},
    } | payload


RECEIPT = Receipt("gpt-5.4-mini", "ja-3", Usage(120, 30, 100, 1), 1.5)
IDENTITY = "T061EG9R6/C0LAN2Q65/1515449522.000016"


def thumb(good: bool, identity: str = IDENTITY) -> str:
    """The value of the button as it was posted."""
    (element,) = feedback_buttons(identity, RECEIPT, JAPANESE_LABELS).to_dict()["elements"]
    return element["positive_button" if good else "negative_button"]["value"]


def press(value: object = None, action: dict | None = None, **payload) -> dict:
    pressed = {
        "type": "feedback_buttons",
        "block_id": "hgZ7s",
        "action_id": "vote",
        "value": thumb(good=True) if value is None else value,
        "action_ts": "1515449700.000008",
    }
    return {
        "type": "block_actions",
        "user": PERSON,
        "api_app_id": "A0MDYCDME",
        "token": "Nj2rfC2hU8mAfgaJLemZgO7H",
        "container": {
            "type": "message",
            "message_ts": "1515449523.000001",
            "channel_id": "C0LAN2Q65",
            "is_ephemeral": False,
            "thread_ts": "1515449522.000016",
        },
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "team": {"id": "T061EG9R6", "domain": "example"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": "C0LAN2Q65", "name": "dogs"},
        "message": {"type": "message", "user": "U0LAN0Z89", "ts": "1515449523.000001", "text": "秘密"},
        "state": {"values": {}},
        "response_url": RESPOND_TO,
        "actions": [pressed | (action or {})],
    } | payload


def settings_button(**payload) -> dict:
    """A person presses the button that opens the settings, in a message that they alone see."""
    button = {"type": "button", "action_id": "settings", "text": {"type": "plain_text", "text": "設定"}}
    pressed = press(action=button, **payload)
    del pressed["actions"][0]["value"], pressed["message"]  # of an ephemeral message Slack sends no copy
    pressed["container"]["is_ephemeral"] = True
    return pressed


CARRIED = {"team": "T061EG9R6", "channel": "C0LAN2Q65", "respond_to": RESPOND_TO, "shown": {}}
"""What the modal with a channel's settings carries for the bot."""


def submission(metadata: object = CARRIED, values: object = None, **view) -> dict:
    """A person submits the modal, with values in the forms that Slack documents for each kind of input."""
    text = {"type": "plain_text", "text": "日本語", "emoji": True}
    written = {
        "instructions": {"value": {"type": "plain_text_input", "value": "ポチの話だけをします。\n短く。"}},
        "model": {"value": {"type": "plain_text_input", "value": None}},
        "language": {"value": {"type": "static_select", "selected_option": {"text": text, "value": "ja"}}},
        "scope": {"value": {"type": "static_select", "selected_option": {"text": text, "value": "-"}}},
        "budget": {"value": {"type": "number_input", "value": "100000"}},
    }
    modal = {
        "id": "VNHU13V36",
        "team_id": "T061EG9R6",
        "type": "modal",
        "blocks": [],
        "private_metadata": metadata if isinstance(metadata, str) else json.dumps(metadata),
        "callback_id": "settings",
        "state": {"values": written if values is None else values},
        "hash": "156772938.1827394",
        "title": {"type": "plain_text", "text": "チャンネルの設定", "emoji": True},
        "clear_on_close": False,
        "notify_on_close": False,
        "close": {"type": "plain_text", "text": "キャンセル", "emoji": True},
        "submit": {"type": "plain_text", "text": "保存", "emoji": True},
        "previous_view_id": None,
        "root_view_id": "VNHU13V36",
        "app_id": "A0MDYCDME",
        "external_id": "",
        "app_installed_team_id": "T061EG9R6",
        "bot_id": "B0LAN0Z89",
    }
    return {
        "type": "view_submission",
        "team": {"id": "T061EG9R6", "domain": "example"},
        "user": PERSON,
        "api_app_id": "A0MDYCDME",
        "token": "Nj2rfC2hU8mAfgaJLemZgO7H",
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "view": modal | view,
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }


FORWARDED = {
    "id": 1,
    "ts": "1515440000.000100",
    "channel_id": "C9",
    "author_id": "U7",
    "author_name": "花子",
    "is_msg_unfurl": True,
    "is_share": True,
    "from_url": "https://example.slack.com/archives/C9/p1515440000000100",
    "text": "ポチの注射は金曜日です。",
    "fallback": "花子: ポチの注射は金曜日です。",
    "message_blocks": [],
    "footer": "Posted in #dogs",
}
ALERT = {
    "id": 1,
    "color": "#ff0000",
    "author_name": "Monitor",
    "pretext": "Kennel 7",
    "title": "Water is low",
    "title_link": "https://example.com/7",
    "text": "The bowl of ポチ is 97 % empty.",
    "fields": [{"title": "Bowl", "value": "7", "short": True}, {"title": "Since", "value": "noon"}],
    "fallback": "Water is low",
}


def rich_text(text: str) -> dict:
    return {
        "type": "rich_text",
        "block_id": "b1",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}],
    }


TABLE = {
    "type": "table",
    "block_id": "b2",
    "rows": [
        [{"type": "raw_text", "text": "犬"}, {"type": "raw_text", "text": "散歩"}],
        [rich_text("ポチ"), {"type": "raw_text", "text": "7:00"}],
        [rich_text("ハチ"), {"type": "raw_text", "text": "8:00"}],
    ],
}


def attached_table(**table: object) -> dict:
    """A table as Slack sends one that a person has pasted."""
    return {"id": 1, "fallback": "[no preview available]", "blocks": [TABLE | table]}


POST = {
    "type": "message",
    "user": "USAKURA",
    "ts": "1515449400.000001",
    "thread_ts": "1515449000.000001",
    "text": "ポチは三歳です",
}
CHANGED_AT = "1515449500.000002"


def changed(message: dict | None = None, previous: dict | None = POST, **event) -> dict:
    """An edited post in a thread."""
    message = {**POST, "text": "ポチは四歳です", "edited": {"user": "USAKURA", "ts": CHANGED_AT}} | (message or {})
    hidden = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": CHANGED_AT, "event_ts": CHANGED_AT}
    channel = {"channel": "C123ABC456", "channel_type": "channel"}
    body = {"message": message} | ({"previous_message": previous} if previous is not None else {})
    return event_callback(**{**hidden, **channel, **body, **event})


def deleted(previous: dict | None = None, **event) -> dict:
    """A deleted post in a thread."""
    more = {"subtype": "message_deleted", "message": None, "deleted_ts": POST["ts"], **event}
    return changed(previous={**POST, **(previous or {})}, **more)
