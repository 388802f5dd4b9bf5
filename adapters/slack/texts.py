"""Labels of what only Slack has: the status line, feedback buttons, the App Home, suggested prompts."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Labels:
    """The labels in one language.

    ``thinking`` follows the bot's name in the status line. ``good`` and ``bad`` describe the feedback buttons to
    screen readers. ``home`` is the heading of the Home tab. ``refused`` stands in place of an answer that Slack
    does not take. ``suggestions`` are titles of suggested prompts and the messages that they send: four at most.

    ``settings``, ``save`` and ``cancel`` are the title and the buttons of the modal with a channel's settings, 24
    characters at most. ``here`` is a direct message in its introduction. ``follow`` is the choice that leaves a setting
    to the bot's own. ``settings_late`` stands above the button
    ``open_settings`` where Slack lets the modal be opened no more.
    """

    thinking: str
    good: str
    bad: str
    home: str
    refused: str
    suggestions: tuple[tuple[str, str], ...]
    settings: str
    settings_introduction: str
    here: str
    save: str
    cancel: str
    follow: str
    settings_late: str
    open_settings: str


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
    settings="Channel settings",
    settings_introduction=(
        "What holds in {channel}, from the next question on. What is left empty is as everywhere. "
        "The instructions go to the model with every question."
    ),
    here="this direct message",
    save="Save",
    cancel="Cancel",
    follow="As everywhere",
    settings_late="Press the button to change the settings of this channel.",
    open_settings="Channel settings",
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
    settings="チャンネルの設定",
    settings_introduction=(
        "{channel} での設定です。次の質問から有効になります。空けておいたものは、ほかと同じになります。"
        "指示は、質問のたびにモデルに渡されます。"
    ),
    here="このダイレクトメッセージ",
    save="保存",
    cancel="キャンセル",
    follow="ほかと同じ",
    settings_late="このチャンネルの設定を変えるには、ボタンを押してください。",
    open_settings="チャンネルの設定",
)

LABELS: Mapping[str, Labels] = {"ja": JAPANESE_LABELS, "en": ENGLISH_LABELS}
"""By the code of the language, as ``BOT_LANGUAGE`` has it."""
