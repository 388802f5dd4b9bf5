"""The words in the tables and charts of docs/benchmarks.md, and the sentence of the README, in both languages.

The page around the tables is in ``templates``.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """``readme`` is the sentence of the README."""

    readme: str
    ways: Mapping[str, str]
    thread: str
    conversations: Mapping[str, str]
    kinds: Mapping[str, str]
    costs: str
    measured: str
    target: tuple[str, str, str]
    missed: str
    after: str
    across: str


ENGLISH = Words(
    readme="Remembering {turns} turns is billed at {share} of what LangChain's memory takes, with {calls} of the calls",
    ways={
        "notes": "this project",
        "buffer": "`ConversationSummaryBufferMemory`",
        "middleware": "`SummarizationMiddleware`",
    },
    thread="whole thread, {window}",
    conversations={
        "chat": "a short Japanese chat",
        "code": "long technical English with code",
        "channel": "many people in one channel",
    },
    kinds={"remembering": "bill of remembering", "calls": "calls of the model", "time": "time outside the model"},
    costs="| conversation | way |",
    measured=(
        "| conversation, {turns} turns | way | limit | calls | sent | cached | received | bill | answers' own "
        "| remembering | verbatim | facts | time |"
    ),
    target=("target", "{kind} over that of {other}, {turns} turns", "time outside the model over a bare loop's"),
    missed="missed",
    after="{turns} turns",
    across="turns so far; upwards the mean bill of remembering one (1 : 0.1 : 8)",
)

JAPANESE = Words(
    readme="{turns} 回のやりとりを覚えておく費用は LangChain の記憶の {share}、モデルの呼び出しは {calls} です",
    ways={
        "notes": "このプロジェクト",
        "buffer": "`ConversationSummaryBufferMemory`",
        "middleware": "`SummarizationMiddleware`",
    },
    thread="スレッド全体、{window}",
    conversations={
        "chat": "日本語の短いおしゃべり",
        "code": "コードのある長い技術的な英語",
        "channel": "一つのチャンネルの大勢",
    },
    kinds={"remembering": "覚えておく費用", "calls": "モデルの呼び出し", "time": "モデルの外の時間"},
    costs="| 会話 | 方法 |",
    measured=(
        "| 会話({turns} 回) | 方法 | 上限 | 呼び出し | 送信 | キャッシュ | 受信 | 費用 | 答えそのもの | 覚えておく費用 "
        "| そのまま | 事実 | 時間 |"
    ),
    target=("目標", "{kind}({other}との比、{turns} 回)", "モデルの外の時間(素のループとの比)"),
    missed="未達",
    after="{turns} 回",
    across="それまでの回数。縦は一回を覚えておく費用の平均(単価 1 : 0.1 : 8)",
)

WORDS = {"en": ENGLISH, "ja": JAPANESE}
