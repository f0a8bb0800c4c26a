"""`python -m bench` runs every benchmark, `python -m bench imports` or `sealing` one; a broken bound is an error."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from rich import box
from rich.console import Console
from rich.table import Table

from bench import imports, sealing
from bench.measure import Comparison, broken

_WIDTH = 100
_console = Console(highlight=False, width=_WIDTH)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks that the arguments name; returns 1 when a ratio is over its bound."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("bench", nargs="?", choices=list(_BENCHES), help="all by default")
    parser.add_argument("--rounds", type=int, help="measurements of each, of which the median counts")
    options = parser.parse_args(arguments)
    failed = []
    for name in [options.bench] if options.bench else _BENCHES:
        run, rounds = _BENCHES[name]
        failed += broken(run(options.rounds or rounds))
    for comparison in failed:
        _console.print(f"{comparison.name}: {comparison.ratio:.2f} is over {comparison.bound:.2f}", style="red")
    return 1 if failed else 0


def _imports(rounds: int) -> list[Comparison]:
    comparisons = imports.compare(rounds)
    _show("Import time of a function against bare functions-framework and the Google clients it reaches", comparisons)
    return comparisons


def _sealing(rounds: int) -> list[Comparison]:
    comparisons = sealing.compare(rounds)
    _show("A full patient record, against sqlalchemy-utils' EncryptedType with AesGcmEngine", comparisons)
    for c in comparisons:
        _console.print(f"{c.name}: {1 / c.ours:,.0f} records a second, theirs {1 / c.theirs:,.0f}")
    count, seconds = sealing.token_seconds(rounds)
    _console.print(f"Its {count} search tokens, which EncryptedType has not: {1e3 * seconds:.2f} ms a record\n")
    return comparisons


def _show(title: str, comparisons: list[Comparison]) -> None:
    table = Table(box=box.SIMPLE)
    table.add_column(no_wrap=True)
    for column in ("ours, ms", "theirs, ms", "ratio", "bound"):
        table.add_column(column, justify="right")
    for c in comparisons:
        ratio = f"{c.ratio:.2f}" if c.holds else f"[red]{c.ratio:.2f}[/]"
        table.add_row(c.name, f"{1e3 * c.ours:.2f}", f"{1e3 * c.theirs:.2f}", ratio, f"{c.bound:.2f}")
    _console.print(title)
    _console.print(table)


_BENCHES: dict[str, tuple[Callable[[int], list[Comparison]], int]] = {
    "imports": (_imports, 3),
    "sealing": (_sealing, 9),
}
"""Each benchmark, and its usual rounds."""


if __name__ == "__main__":
    sys.exit(main())
