"""What a deployment on AWS costs: prices with their date, what a month uses of them, and the sums.

Prices are those of AWS's pages for us-east-1 (Northern Virginia), without the free allowances of an account. Tokyo and
other regions are 10 to 25 % dearer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docs.reference.tables import table

OBSERVABILITY = Path(__file__).parents[2] / "terraform/modules/observability"

REGION = "us-east-1"
PRICES_OF = "2026-11-26"

QUESTIONS = 10_000
ANSWER_SECONDS = 10
EVENTS = 3
"""Events that Slack sends for a question: the question, its twin as a mention, and the reply."""

EVENT_SECONDS = 0.02
POLLS = 5 * 30 * 24 * 3_600 // 20
"""Lambda's pollers of the queue in a month: five, each asking every 20 seconds."""

ITEM_KB = 10
"""A conversation near its limit: a buffer of 4,000 tokens, the notes, the replies."""

CONDENSATION = 1 / 11
CHARGES = 5
"""Items of up to 1 KB of the ledger that a turn writes beside the conversation."""

UNDER_WAY = 1
"""Such an item that a turn writes when it begins and when it ends: which answers the person has under way."""

MILLION = 1_000_000

TOKEN_KEY = 1.00
"""The KMS key of several workspaces, a month; the first two of its yearly rotations add as much each."""


@dataclass(frozen=True)
class Unit:
    """What a price is for: as many, in words of both languages."""

    size: int
    en: str
    ja: str


METRIC = Unit(1, "a metric", "メトリクス一つ")
CALLS = Unit(MILLION, "a million", "100 万件")
SECONDS = Unit(MILLION, "a million seconds", "100 万秒")
KB = Unit(MILLION, "a gigabyte", "1 GB")


@dataclass(frozen=True)
class Part:
    """A line of the bill: its price in dollars, and what it uses in a month."""

    en: str
    ja: str
    price: float
    unit: Unit
    idle: float
    busy: float

    def dollars(self, used: float) -> float:
        return used * self.price / self.unit.size


def alarm_metrics() -> int:
    """The metrics that alarms watch, as Terraform makes them."""
    text = "".join((OBSERVABILITY / name).read_text(encoding="utf-8") for name in ("main.tf", "usage.tf"))
    queries = re.findall(r"(?:for_each|tokens) = (\{ \w+ = \"\w+\".* \})\n", text)
    return len(re.findall(r"^ +metric +=(?!>)", text, re.MULTILINE)) + sum(each.count('= "') for each in queries)


def parts() -> list[Part]:
    """Each part of the bill, idle and with ``QUESTIONS`` questions a month."""
    begun, ended = ITEM_KB + UNDER_WAY, ITEM_KB + CHARGES + UNDER_WAY
    writes = 2 * (begun + ended + CONDENSATION * (ITEM_KB + CHARGES))  # a transaction counts twice
    reads = -(-ITEM_KB // 4) + CHARGES + UNDER_WAY
    alarms, seconds = alarm_metrics(), QUESTIONS * (ANSWER_SECONDS + EVENTS * EVENT_SECONDS)
    calls = QUESTIONS * (EVENTS + 1)
    return [
        Part("metrics of alarms", "アラームが見るメトリクス", 0.10, METRIC, alarms, alarms),
        Part("images in ECR, a gigabyte", "ECR のイメージ(1 GB)", 0.10, KB, MILLION, MILLION),
        Part("Lambda, 1 GB", "Lambda(1 GB)", 16.67, SECONDS, 0, seconds),
        Part("Lambda's requests", "Lambda の呼び出し", 0.20, CALLS, 0, calls),
        Part("API Gateway", "API Gateway", 1.00, CALLS, 0, QUESTIONS * EVENTS),
        Part("SQS FIFO", "SQS FIFO", 0.50, CALLS, POLLS, POLLS + 4 * QUESTIONS),
        Part("DynamoDB, writes of 1 KB", "DynamoDB(1 KB の書き込み)", 0.625, CALLS, 0, QUESTIONS * writes),
        Part("DynamoDB, reads of 4 KB", "DynamoDB(4 KB の読み取り)", 0.125, CALLS, 0, QUESTIONS * reads),
        Part("DynamoDB, kept and recoverable", "DynamoDB(保存と復元)", 0.45, KB, 0, QUESTIONS * ITEM_KB),
        Part("metrics of its own, about fifteen", "独自のメトリクス十五個ほど", 0.30, METRIC, 0, 15),
        Part("logs, 10 KB a question", "ログ(質問あたり 10 KB)", 0.50, KB, 0, QUESTIONS * 10),
        Part("traces", "トレース", 5.00, CALLS, 0, calls),
    ]


def sums() -> tuple[float, float]:
    """Dollars a month, idle and busy."""
    return sum(each.dollars(each.idle) for each in parts()), sum(each.dollars(each.busy) for each in parts())


HEADS: Mapping[str, tuple[str, ...]] = {
    "en": ("part", "price", "idle, a month", f"{QUESTIONS:,} questions"),
    "ja": ("部品", "値段", "何もない月", f"質問 {QUESTIONS:,} 回"),
}
TOGETHER = {"en": "together", "ja": "合計"}


def bill(language: str, present: str) -> str:
    rows = [
        (
            part.en if language == "en" else part.ja,
            f"{_price(part.price)} {part.unit.en}" if language == "en" else f"{part.unit.ja} {_price(part.price)}",
            f"{part.dollars(part.idle):.2f}",
            f"{part.dollars(part.busy):.2f}",
        )
        for part in parts()
    ]
    idle, busy = sums()
    return table(HEADS[language], [*rows, (TOGETHER[language], "", f"{idle:.2f}", f"{busy:.2f}")])


def _price(dollars: float) -> str:
    return f"${dollars:.3f}".removesuffix("0")


def sentence(language: str, present: str) -> str:
    """What ``make deploy`` says, as lines of a shell script."""
    idle, busy = sums()
    said = (
        f"AWS will cost about ${idle:.2f} a month idle and ${busy:.2f} with {QUESTIONS:,} questions, the model not"
        f" included ({REGION}, prices of {PRICES_OF}; docs/costs.md)."
    )
    key = f"The key of several workspaces is another ${TOKEN_KEY:.2f} a month."
    return f"{_said(said)}\nif several; then {_said(key)}; fi"


def of_several_workspaces(language: str, present: str) -> str:
    """What the table does not have, because it is off by default."""
    if language == "en":
        return (
            f"`several_workspaces = true` adds a KMS key for ${TOKEN_KEY:.2f} a month. Each of the first two yearly"
            f" rotations of the key adds as much, later ones nothing ({REGION}, prices of {PRICES_OF})."
        )
    return (
        f"`several_workspaces = true` にすると、KMS のキーに毎月 ${TOKEN_KEY:.2f} かかります。"
        f"年に一度のキーのローテーションのうち、最初の二回はそれぞれ同じ額を加え、"
        f"その後は加えません({REGION}、{PRICES_OF} の値段)。"
    )


def _said(sentence: str) -> str:
    return 'echo "' + sentence.replace("$", "\\$") + '" >&2'
