"""Writes what a comparison has measured: docs/benchmarks.json, page and chart in both languages, and the READMEs."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.eval.chart import Panel, svg
from bench.peers.conversations import CONVERSATIONS
from bench.peers.facts import count_tokens
from bench.peers.figures import Figures
from bench.peers.targets import OURS, Report, Target
from bench.peers.words import WORDS, Words

TEMPLATES = Path(__file__).with_name("templates")
SIZED_TURNS = 100
"""So many turns are counted for the mean of a turn's tokens."""

FIGURE = r"[\d,]+(?:–\d+)?(?: %)?"
"""A figure in the README, or a range of them."""

PLACES = {"en": ("docs/benchmarks.md", "README.md"), "ja": ("docs/ja/benchmarks.md", "README.ja.md")}


def write(report: Report, root: Path) -> None:
    """All of it, below ``root``."""
    text = json.dumps(asdict(report), ensure_ascii=False, indent=1)
    (root / "docs/benchmarks.json").write_text(text + "\n", encoding="utf-8")
    for language, (document, readme) in PLACES.items():
        (root / document).write_text(page(report, language), encoding="utf-8")
        (root / f"docs/pictures/{language}-benchmarks.svg").write_text(chart(report, language), encoding="utf-8")
        _replace(root / readme, report, language)


def read(root: Path) -> Report:
    return Report.from_json(json.loads((root / "docs/benchmarks.json").read_text(encoding="utf-8")))


def _replace(readme: Path, report: Report, language: str) -> None:
    """Put the figures of this report in the place of earlier ones, wherever the lines break."""
    literals = re.split(r"\{\w+\}", WORDS[language].readme)
    pattern = FIGURE.join(f"({each})" for each in (r"\s+".join(map(re.escape, each.split(" "))) for each in literals))
    figures = [*_figures(report).values(), ""]

    def renewed(found: re.Match[str]) -> str:
        return "".join(literal + figure for literal, figure in zip(found.groups(), figures, strict=True))

    readme.write_text(re.sub(pattern, renewed, readme.read_text(encoding="utf-8")), encoding="utf-8")


def lines(report: Report) -> Iterator[str]:
    """What is printed: the tables of the English page."""
    words = WORDS["en"]
    for turns in report.turns:
        yield from (*_measured(report, words, turns), "")
    yield from _targets(report, words)


def sentence(report: Report, language: str) -> str:
    """What the README says of the longest conversations, in one line."""
    return WORDS[language].readme.format(**_figures(report))


def _figures(report: Report) -> dict[str, str]:
    """In the order in which the sentence names them."""
    turns = report.turns[-1]
    shares = {kind: _range(report.over(kind, "buffer", turns).values()) for kind in ("remembering", "calls")}
    return {"turns": f"{turns:,}", "share": shares["remembering"], "calls": shares["calls"]}


def _range(values: Collection[float]) -> str:
    least, most = f"{min(values) * 100:.0f}", f"{max(values) * 100:.0f}"
    return f"{least} %" if least == most else f"{least}–{most} %"


def page(report: Report, language: str) -> str:
    words = WORDS[language]
    template = (TEMPLATES / f"{language}.txt").read_text(encoding="utf-8")
    return template.format(
        day=report.day,
        releases=", ".join(f"{name} {release}" for name, release in report.releases.items()),
        costs="\n".join(_costs(report, words)),
        targets="\n".join(_targets(report, words)),
        measured="\n\n".join("\n".join(_measured(report, words, turns)) for turns in report.turns),
        sizes=", ".join(str(_tokens_of_turn(each)) for each in report.conversations),
        **report.settings["memory"],
    )


def _tokens_of_turn(name: str) -> int:
    conversation = CONVERSATIONS[name]
    texts = [f"{conversation.question(turn)}\n{conversation.answer(turn)}" for turn in range(SIZED_TURNS)]
    return round(sum(map(count_tokens, texts)) / SIZED_TURNS)


def _named(words: Words, name: str) -> str:
    window = name.removeprefix("thread ")
    return words.thread.format(window=f"{int(window):,}") if window != name else words.ways[name]


def _table(head: str, rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield head
    yield "|" + " --- |" * (head.count("|") - 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _costs(report: Report, words: Words) -> Iterator[str]:
    def rows() -> Iterator[Sequence[str]]:
        for conversation in report.conversations:
            for name in report.names:
                cells = [_cost(report, conversation, name, turns) for turns in report.turns]
                yield words.conversations[conversation], _named(words, name), *cells

    columns = " | ".join(words.after.format(turns=f"{turns:,}") for turns in report.turns)
    yield from _table(f"{words.costs} {columns} |", rows())


def _cost(report: Report, conversation: str, name: str, turns: int) -> str:
    cost = f"{report.of(conversation, name, turns).remembering / 1000:,.0f}"
    return cost if name == OURS else f"{cost} ({report.over('remembering', name, turns)[conversation]:.0%})"


def _targets(report: Report, words: Words) -> Iterator[str]:
    names = " | ".join(words.conversations[each] for each in report.conversations)
    rows = ([_meaning(each, words), f"{each.bound:.2f}", *_reached(each, words)] for each in report.targets())
    yield from _table(f"| {words.target[0]} | ≤ | {names} |", rows)


def _meaning(target: Target, words: Words) -> str:
    if target.kind == "time":
        return words.target[2]
    kind, other = words.kinds[target.kind], _named(words, target.other)
    return words.target[1].format(kind=kind, other=other, turns=f"{target.turns:,}")


def _reached(target: Target, words: Words) -> Iterator[str]:
    for conversation, value in target.reached.items():
        yield f"{value:.2f}" + (f" ({words.missed})" if conversation in target.missed else "")


def _measured(report: Report, words: Words, turns: int) -> Iterator[str]:
    rows = (
        [words.conversations[conversation], _named(words, name), *_cells(report.of(conversation, name, turns))]
        for conversation in report.conversations
        for name in report.names
    )
    yield from _table(words.measured.format(turns=f"{turns:,}"), rows)


def _cells(figures: Figures) -> Iterator[str]:
    counts = ("limit", "calls", "sent", "cached", "received", "billed", "answers", "remembering")
    yield from (f"{getattr(figures, each):,}" for each in counts)
    yield f"{figures.verbatim:,.0f} ({figures.share:.0%})"
    yield f"{figures.facts}"
    yield f"{figures.time:.2f}" if figures.time else "—"


def chart(report: Report, language: str) -> str:
    """A panel for each conversation: what remembering a turn is billed on the average, after so many turns."""
    words = WORDS[language]
    panels = [
        Panel(
            words.conversations[conversation],
            words.across,
            {_named(words, name).strip("`"): [(x, y) for x, y in line] for name, line in lines.items()},
        )
        for conversation, lines in report.curves.items()
    ]
    return svg(panels)
