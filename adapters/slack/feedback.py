"""Feedback buttons under an answer. A button holds all that a press sends back, so that nothing is stored for it."""

import json

from slack_sdk.models.blocks import ContextActionsBlock, FeedbackButtonObject, FeedbackButtonsElement

from adapters.slack.payloads.votes import ACTION, MOST_SECONDS, NAME_LIMIT
from adapters.slack.texts import Labels
from domain.spending.usage import Receipt


def feedback_buttons(identity: str, receipt: Receipt, labels: Labels) -> ContextActionsBlock:
    """The block under the answer to the question of this identity."""
    return ContextActionsBlock(
        elements=[
            FeedbackButtonsElement(
                action_id=ACTION,
                positive_button=FeedbackButtonObject(
                    text="👍", accessibility_label=labels.good, value=_value(identity, receipt, good=True)
                ),
                negative_button=FeedbackButtonObject(
                    text="👎", accessibility_label=labels.bad, value=_value(identity, receipt, good=False)
                ),
            )
        ]
    )


def _value(identity: str, receipt: Receipt, *, good: bool) -> str:
    fields = {
        "q": identity,
        "v": int(good),
        "m": _printable(receipt.model),
        "p": _printable(receipt.prompts),
        "s": receipt.usage.sent,
        "r": receipt.usage.received,
        "c": receipt.usage.cached,
        "t": min(max(0.0, receipt.seconds), MOST_SECONDS),  # a clock may be set back while the bot answers
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _printable(name: str) -> str:
    return "".join(each for each in name if each.isprintable())[:NAME_LIMIT]
