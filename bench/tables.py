"""Tables of what was measured, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from bench.measure import Comparison

_WIDTH = 100
console = Console(highlight=False, width=_WIDTH)


def show_milliseconds(found: Sequence[Comparison], *sides: str) -> None:
    """Print both sides of each comparison in milliseconds."""
    rows = [(c.name, *milliseconds(c.ours, c.theirs, digits=1), ratio(c), f"{c.bound:.2f}") for c in found]
    show((*sides, "ratio", "bound"), rows)


def show(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; `columns` are the headings behind the first, which has none."""
    table = Table(box=box.SIMPLE)
    table.add_column(no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def milliseconds(*seconds: float, digits: int = 0) -> tuple[str, ...]:
    """Seconds as text in milliseconds."""
    return tuple(f"{1e3 * value:.{digits}f}" for value in seconds)


def ratio(comparison: Comparison) -> str:
    """The ratio as text, red over its bound."""
    return f"{comparison.ratio:.2f}" if comparison.holds else f"[red]{comparison.ratio:.2f}[/]"
