"""Line charts as SVG, without a library: panels side by side, each with its lines and their names."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, MARGIN, LEGEND = 460, 300, 60, 20
"""Pixels of one panel's lines, of what surrounds them, and of a line of the legend."""

COLOURS = ("#0b6e4f", "#c0392b", "#1f5fa8", "#b9770e", "#6c3483", "#4d5656")
"""Dark enough on white for people who see red and green alike; each line also has a dash of its own."""

DASHES = ("", "6 3", "2 3", "9 3 2 3", "12 4", "1 4 6 4")

Line = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """One chart. The horizontal axis is logarithmic, as limits and ages double; ``percent`` names shares."""

    title: str
    across: str
    lines: Mapping[str, Line]
    percent: bool = False


def svg(panels: Sequence[Panel]) -> str:
    """The panels side by side."""
    height = HEIGHT + 2 * MARGIN + LEGEND * max(len(panel.lines) for panel in panels)
    width = (WIDTH + 2 * MARGIN) * len(panels)
    drawn = [
        f'<g transform="translate({number * (WIDTH + 2 * MARGIN) + MARGIN},{MARGIN})">{_panel(panel)}</g>'
        for number, panel in enumerate(panels)
    ]
    box = f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>'
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="#fff"/>', *drawn, "</svg>\n"])


def _panel(panel: Panel) -> str:
    points = [point for line in panel.lines.values() for point in line]
    xs = sorted({x for x, _ in points})
    top = 1.0 if panel.percent else _round_up(max((y for _, y in points), default=1.0))
    scale = _Scale(min(xs, default=1.0), max(xs, default=10.0), top)
    return "\n".join(
        [
            f'<text x="0" y="-30" font-size="16" font-weight="bold">{escape(panel.title)}</text>',
            *(_level(scale, top * step / 4, panel.percent) for step in range(5)),
            *(_tick(scale, x) for x in xs),
            f'<text x="{WIDTH / 2}" y="{HEIGHT + 42}" text-anchor="middle">{escape(panel.across)}</text>',
            *(_line(scale, number, *each) for number, each in enumerate(panel.lines.items())),
        ]
    )


@dataclass(frozen=True)
class _Scale:
    """Where a value stands in a panel."""

    least: float
    most: float
    top: float

    def x(self, value: float) -> float:
        span = math.log(self.most / self.least) or 1.0
        return round(math.log(value / self.least) / span * WIDTH, 1)

    def y(self, value: float) -> float:
        return round(HEIGHT * (1 - value / self.top), 1)


def _round_up(value: float) -> float:
    """The next number of one digit and zeros, or half of it."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return math.ceil(value / power * 2) * power / 2 or 1.0


def _level(scale: _Scale, value: float, percent: bool) -> str:
    y, text = scale.y(value), f"{value:.0%}" if percent else f"{value:,.0f}"
    return (
        f'<line x1="0" x2="{WIDTH}" y1="{y}" y2="{y}" stroke="#ccc"/>'
        f'<text x="-8" y="{y + 4}" text-anchor="end">{text}</text>'
    )


def _tick(scale: _Scale, value: float) -> str:
    return f'<text x="{scale.x(value)}" y="{HEIGHT + 20}" text-anchor="middle">{value:,.0f}</text>'


def _line(scale: _Scale, number: int, name: str, line: Line) -> str:
    colour, dashes = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    look = f'stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}" fill="none"'
    points = " ".join(f"{scale.x(x)},{scale.y(y)}" for x, y in line)
    dots = "".join(f'<circle cx="{scale.x(x)}" cy="{scale.y(y)}" r="3.5" fill="{colour}"/>' for x, y in line)
    y = HEIGHT + 62 + number * LEGEND
    legend = f'<line x1="0" x2="36" y1="{y - 4}" y2="{y - 4}" {look}/><text x="46" y="{y}">{escape(name)}</text>'
    return f'<polyline points="{points}" {look}/>{dots}{legend}'
