"""Labels of what only Slack has: the status line, feedback buttons, the App Home, suggested prompts."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Labels:
    """The labels in one language.

    ``thinking`` follows the bot's name in the status line. ``good`` and ``bad`` describe the feedback buttons to
    screen readers. ``home`` is the heading of the Home tab. ``refused`` stands in place of an answer that Slack
    does not take. ``suggestions`` are titles of suggested prompts and the messages that they send: four at most.
    """

    thinking: str
    good: str
    bad: str
    home: str
    refused: str
    suggestions: tuple[tuple[str, str], ...]


ENGLISH_LABELS = Labels(
    thinking="is thinking…",
    good="Good answer",
    bad="Bad answer",
    home="What I can do",
    refused="Slack did not take my answer in any form. Please give the operator the reference {reference}.",
    suggestions=(
        ("What can you do?", "help"),
        ("Think something through", "I would like to think something through with you. Ask me three questions first."),
        ("Polish a text", "I have a text that should become clearer and shorter. Ask me for it."),
        ("Explain a word", "I would like a word explained simply, with an example. Ask me which."),
    ),
)

JAPANESE_LABELS = Labels(
    thinking="が考えています…",
    good="よい答え",
    bad="よくない答え",
    home="できること",
    refused="Slack がこの回答をどの形式でも受け付けませんでした。管理者に受付番号 {reference} をお伝えください。",
    suggestions=(
        ("何ができますか", "ヘルプ"),
        ("いっしょに考える", "考えを整理したいことがあります。まず三つ質問してください。"),
        ("文章を整える", "短くわかりやすくしたい文章があります。まず文章を聞いてください。"),
        ("言葉の説明", "例を挙げてやさしく説明してほしい言葉があります。まずどの言葉か聞いてください。"),
    ),
)

LABELS: Mapping[str, Labels] = {"ja": JAPANESE_LABELS, "en": ENGLISH_LABELS}
"""By the code of the language, as ``BOT_LANGUAGE`` has it."""
