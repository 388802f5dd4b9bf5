"""Blocks to build messages from."""

from typing import Any


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def feedback(
    good: str = "良い", value: str = "good", action_id: str = "feedback", label: str = "良い答え"
) -> dict[str, Any]:
    positive = {"text": plain(good), "value": value, "accessibility_label": label}
    negative = {"text": plain("悪い"), "value": "bad"}
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": action_id,
                "positive_button": positive,
                "negative_button": negative,
            }
        ],
    }


def button(text: str = "消す", value: str = "all", **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": "reset", "value": value, **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def markdown(text: str) -> dict[str, str]:
    return {"type": "markdown", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


HEADER = {"type": "header", "text": plain("記憶")}
DIVIDER = {"type": "divider"}
CONTEXT = {"type": "context", "elements": [{"type": "mrkdwn", "text": "参照: abc"}]}
