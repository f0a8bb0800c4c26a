"""`python -m bench` runs every benchmark, `python -m bench cold_start` or `sealing` one. A broken bound is an error.

`python -m bench claims --data <folder>` measures the checks of claims on consultations, and `roles` the rule that says
who speaks.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench import (
    bookings,
    bookkeeping,
    books,
    cold_start,
    hostile,
    live,
    paper,
    recounts,
    roles,
    scheduling,
    sealing,
    search,
)
from bench.measure import Comparison, broken
from local.services.firestore.service import EMBEDDED
from local.stack.stack import Stack

_WIDTH = 100
_OF_DATA = ("claims", "roles")
"""The benchmarks that measure on consultations, which are not in this project."""
_BOOKS = (1_000, 10_000, 100_000)
"""Bills of the clinics whose books are compared."""
_LINEAR_ROUNDS = 3
_console = Console(highlight=False, width=_WIDTH)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks in the arguments. Returns 1 if a ratio is over its bound."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("bench", nargs="?", choices=[*_BENCHES, *_OF_DATA], help="all but claims and roles by default")
    parser.add_argument("--data", type=Path, help="of claims and roles: the folder with the consultations")
    parser.add_argument("--half", type=int, choices=(0, 1), default=1, help="of claims: 0 develops, 1 reports")
    parser.add_argument("--rounds", type=int, help="measurements of each benchmark, whose median counts")
    options = parser.parse_args(arguments)
    if (options.bench in _OF_DATA) != (options.data is not None):
        parser.error("claims and roles need --data FOLDER, and no other benchmark takes it")
    if options.data and not options.data.is_dir():
        parser.error(f"{options.data} is no folder")
    if options.bench == "roles":
        return 1 if broken(_roles(options.data)) else 0
    if options.bench == "claims":
        return _claims(options.data, options.half)
    failed = []
    for name in [options.bench] if options.bench else _BENCHES:
        run, rounds = _BENCHES[name]
        failed += broken(run(options.rounds or rounds))
    for comparison in failed:
        _console.print(f"{comparison.name}: {comparison.ratio:.2f} is over {comparison.bound:.2f}", style="red")
    return 1 if failed else 0


def _claims(folder: Path, half: int) -> int:
    """Measure the checks of claims. Returns 1 if a bound is broken."""
    from bench import claims

    bounds, _ = claims.measured(folder, half)
    _console.print(f"The checks of claims, on half {half} of the consultations")
    rows = [(one.name, f"{one.value:.3f}", one.shown_bound, "pass" if one.holds else "[red]fail[/]") for one in bounds]
    _show(("measured", "bound", ""), rows)
    return 0 if all(one.holds for one in bounds) else 1


def _cold_start(rounds: int) -> Sequence[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder, "build")
        found = cold_start.imports(rounds, build)
        with Stack(Path(folder, "state"), build=build) as stack:
            found += cold_start.answers(rounds, build, stack)
    _console.print("Cold start against bare functions-framework with the clients: processor ms and wall-clock ms")
    columns = ("ours", "baseline", "ratio", "±", "bound", "clock", "baseline")
    rows = []
    for c in found:
        processor, clock = _milliseconds(c.ours, c.theirs), _milliseconds(c.clock, c.baseline_clock)
        rows.append((c.name, *processor, _ratio(c), f"{c.spread:.2f}", f"{c.bound:.2f}", *clock))
    _show(columns, rows)
    return found


def _sealing(rounds: int) -> Sequence[Comparison]:
    found = sealing.compare(rounds)
    _console.print("A full patient record, against EncryptedType of sqlalchemy-utils with AesGcmEngine")
    rows = [(c.name, *_milliseconds(c.ours, c.theirs, digits=2), _ratio(c), f"{c.bound:.2f}") for c in found]
    _show(("ours, ms", "theirs, ms", "ratio", "bound"), rows)
    for c in found:
        _console.print(f"{c.name}: {1 / c.ours:,.0f} records a second, theirs {1 / c.theirs:,.0f}")
    count, seconds = sealing.token_seconds(rounds)
    _console.print(
        f"Its {count} search tokens, without an equivalent in EncryptedType: {1e3 * seconds:.2f} ms a record\n"
    )
    return found


def _search(rounds: int) -> Sequence[Comparison]:
    with _embedded() as stack, search.firestore(stack) as os.environ["FIRESTORE_EMULATOR_HOST"]:
        found = search.compare(rounds, stack, _console.print)
    _console.print(f"Search among {search.LARGE:,} patients against {search.SMALL:,}: wall-clock ms")
    _show_milliseconds(found, f"{search.LARGE:,}", f"{search.SMALL:,}")
    return found


def _scheduling(rounds: int) -> Sequence[Comparison]:
    with _embedded():
        found = scheduling.compare(rounds, _console.print)
    _console.print(f"A week among {scheduling.LARGE:,} appointments against {scheduling.SMALL:,}: wall-clock ms")
    _show_milliseconds(found, f"{scheduling.LARGE:,}", f"{scheduling.SMALL:,}")
    return found


def _books(rounds: int) -> Sequence[Comparison]:
    with _embedded() as stack:
        direct = os.environ["FIRESTORE_EMULATOR_HOST"]
        with search.firestore(stack) as os.environ["FIRESTORE_EMULATOR_HOST"]:
            small, middle, large = (_written(size, direct) for size in _BOOKS)
            found = books.compare(rounds, small, large, stack.recorder)
            linear = recounts.compare(_LINEAR_ROUNDS, small, middle, direct)
            rates = bookings.measured(middle, stack.firestore)
    _console.print(f"Desk and books at {large.size:,} bills against {small.size:,}: processor ms")
    _show_milliseconds(found, f"{large.size:,}", f"{small.size:,}")
    _console.print(f"The operator's commands at {middle.size:,} bills against {small.size:,}")
    rows = [(c.name, f"{c.ours:.2f}", f"{c.theirs:.2f}", _ratio(c), f"{c.bound:.2f}") for c in linear]
    _show((f"{middle.size:,}", f"{small.size:,}", "ratio", "bound"), rows)
    _console.print(f"{bookings.BOOKINGS} bookings of each kind in one clinic, by the threads of one process")
    bookings_shown = [(one.action, str(one.concurrent), f"{one.a_second:.0f}", str(one.retries)) for one in rates]
    _show(("at once", "a second", "retries"), bookings_shown)
    return [*found, *linear, *bookings.comparisons(rates)]


def _written(size: int, firestore: str) -> bookkeeping.Books:
    start = time.perf_counter()
    written = bookkeeping.create(size, firestore)
    _console.print(f"{size:,} bills written in {time.perf_counter() - start:.0f} s")
    return written


def _live(rounds: int) -> Sequence[Comparison]:
    with _embedded() as stack:
        found = live.compare(rounds, stack, _console.print)
    _console.print("Live text: wall-clock ms, and MB of the function's process")
    rows = []
    for c in found:
        is_memory = c.name.endswith("memory")
        sizes = tuple(f"{value / 1e6:.0f}" for value in (c.ours, c.theirs))
        rows.append((c.name, *(sizes if is_memory else _milliseconds(c.ours, c.theirs)), _ratio(c), f"{c.bound:.2f}"))
    _show(("ours", "limit or before", "ratio", "bound"), rows)
    return found


def _hostile(rounds: int) -> Sequence[Comparison]:
    found = [*hostile.requests(rounds), *hostile.pdfs(rounds)]
    _console.print("The worst input of each operation, and the worst PDF: processor ms, and MB against the limit")
    rows = []
    for c in found:
        is_memory = ": memory" in c.name
        sizes = tuple(f"{value / 1e6:.1f}" for value in (c.ours, c.theirs))
        rows.append((c.name, *(sizes if is_memory else _milliseconds(c.ours, c.theirs)), _ratio(c), f"{c.bound:.2f}"))
    _show(("ours", "floor or limit", "ratio", "bound"), rows)
    return found


def _paper(rounds: int) -> Sequence[Comparison]:
    found = paper.compare(rounds)
    _console.print("A page of a report in each script against one of Latin letters: processor ms")
    _show_milliseconds(found, "the script", "Latin")
    return found


def _roles(folder: Path) -> Sequence[Comparison]:
    found = roles.compare(folder)
    rows = [(c.name, f"{c.ours:.0f}", f"{1 - c.ratio:.1%}", f"{1 - c.bound:.0%}") for c in found]
    _show(("wrong", "right", "wanted"), rows)
    return found


@contextmanager
def _embedded() -> Iterator[Stack]:
    """A stack with the embedded Firestore, whose services this process calls too."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder, "state"), build=Path(folder, "build"), firestore=EMBEDDED) as stack,
    ):
        os.environ.update({name: value for name, value in stack.client_environment().items() if name != "PATH"})
        yield stack


def _show_milliseconds(found: Sequence[Comparison], *sides: str) -> None:
    rows = [(c.name, *_milliseconds(c.ours, c.theirs, digits=1), _ratio(c), f"{c.bound:.2f}") for c in found]
    _show((*sides, "ratio", "bound"), rows)


def _show(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=box.SIMPLE)
    table.add_column(no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    _console.print(table)


def _milliseconds(*seconds: float, digits: int = 0) -> tuple[str, ...]:
    return tuple(f"{1e3 * value:.{digits}f}" for value in seconds)


def _ratio(comparison: Comparison) -> str:
    return f"{comparison.ratio:.2f}" if comparison.holds else f"[red]{comparison.ratio:.2f}[/]"


_BENCHES: dict[str, tuple[Callable[[int], Sequence[Comparison]], int]] = {
    "cold_start": (_cold_start, 9),
    "sealing": (_sealing, 9),
    "search": (_search, 15),
    "scheduling": (_scheduling, 41),
    "live": (_live, 21),
    "hostile": (_hostile, 3),
    "paper": (_paper, 9),
    "books": (_books, 15),
}
"""Each benchmark, with its default number of rounds."""


if __name__ == "__main__":
    sys.exit(main())
