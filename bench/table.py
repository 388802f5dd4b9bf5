"""Prints figures beside their bounds."""

from collections.abc import Mapping, Sequence

Bound = tuple[str, str, float, str, str]
"""A figure, how to show it, its bound, whether that is the most or the least allowed, and what it means."""


def print_bounds(bounds: Sequence[Bound], figures: Mapping[str, float]) -> list[str]:
    """A line for each bound. Returns the figures that miss theirs."""
    missed = []
    for name, shape, bound, side, meaning in bounds:
        if name not in figures:
            print(f"{'—':>12}  {side} {bound:<5} left out  {meaning}")
            continue
        kept = figures[name] <= bound if side == "≤" else figures[name] >= bound
        missed += [name] * (not kept)
        print(f"{shape.format(figures[name]):>12}  {side} {bound:<5} {'ok' if kept else 'MISSED':<8}  {meaning}")
    return missed


def print_figures(shown: Sequence[tuple[str, str, str]], figures: Mapping[str, float]) -> None:
    """A line for each figure that has no bound."""
    for name, shape, meaning in shown:
        if name in figures:
            print(f"{shape.format(figures[name]):>12}  {'':16}  {meaning}")
