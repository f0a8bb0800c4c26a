"""`python -m bench` runs every benchmark, `python -m bench cold_start` or `sealing` one. A broken bound is an error.

`python -m bench claims --data <folder>` measures the checks of claims on consultations, and `roles` the rule that says
who speaks. `names --data <file>` counts wrong names among those of a list.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import (
    bookings,
    bookkeeping,
    books,
    cold_start,
    hostile,
    live,
    load,
    memory,
    names,
    own_time,
    paper,
    recounts,
    registrations,
    roles,
    scheduling,
    sealing,
    search,
    tokens,
    transcript,
)
from bench.measure import Comparison, broken
from bench.requests import measured
from bench.stacks import embedded
from bench.tables import console, milliseconds, ratio, show, show_milliseconds

_OF_DATA = ("claims", "roles")
"""The benchmarks that measure on consultations, which are not in this project."""
_OPTIONS = {"cold_start": ("plain",), "requests": ("plain", "before")}
"""The options of single benchmarks."""
_BOOKS = (1_000, 10_000, 100_000)
"""Bills of the clinics whose books are compared."""
_LINEAR_ROUNDS = 3


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks in the arguments. Returns 1 if a ratio is over its bound."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("bench", nargs="?", choices=[*_BENCHES, *_OF_DATA], help="all but claims and roles by default")
    parser.add_argument(
        "--data", type=Path, help="of claims and roles: the folder with the consultations; of names: a list of names"
    )
    parser.add_argument("--half", type=int, choices=(0, 1), default=1, help="of claims: 0 develops, 1 reports")
    parser.add_argument(
        "--rounds", type=int, help="measurements of each benchmark, whose median counts; of load, its seconds"
    )
    parser.add_argument(
        "--before", default="", metavar="COMMIT", help="of requests: compare with an older commit too, as with --plain"
    )
    parser.add_argument(
        "--plain", action="store_true", help="of requests and cold_start: call Firestore without TLS and credentials"
    )
    options = parser.parse_args(arguments)
    if options.bench != "names" and (options.bench in _OF_DATA) != (options.data is not None):
        parser.error("claims and roles need --data FOLDER, names takes --data FILE, and no other benchmark takes it")
    if options.data and not (options.data.is_file() if options.bench == "names" else options.data.is_dir()):
        parser.error(f"{options.data} is no {'file' if options.bench == 'names' else 'folder'}")
    if options.bench == "names":
        return 1 if broken(_names(options.data)) else 0
    if options.bench == "roles":
        return 1 if broken(_roles(options.data)) else 0
    if options.bench == "claims":
        return _claims(options.data, options.half)
    failed = []
    for name in [options.bench] if options.bench else _BENCHES:
        run, rounds = _BENCHES[name]
        more = {option: getattr(options, option) for option in _OPTIONS.get(name, ())}
        failed += broken(run(options.rounds or rounds, **more))
    for comparison in failed:
        console.print(f"{comparison.name}: {comparison.ratio:.2f} is over {comparison.bound:.2f}", style="red")
    return 1 if failed else 0


def _claims(folder: Path, half: int) -> int:
    """Measure the checks of claims. Returns 1 if a bound is broken."""
    from bench import claims

    bounds, _ = claims.measured(folder, half)
    console.print(f"The checks of claims, on half {half} of the consultations")
    rows = [(one.name, f"{one.value:.3f}", one.shown_bound, "pass" if one.holds else "[red]fail[/]") for one in bounds]
    show(("measured", "bound", ""), rows)
    return 0 if all(one.holds for one in bounds) else 1


def _sealing(rounds: int) -> Sequence[Comparison]:
    found = sealing.compare(rounds)
    console.print("A full patient record, against EncryptedType of sqlalchemy-utils with AesGcmEngine")
    rows = [(c.name, *milliseconds(c.ours, c.theirs, digits=2), ratio(c), f"{c.bound:.2f}") for c in found]
    show(("ours, ms", "theirs, ms", "ratio", "bound"), rows)
    for c in found:
        console.print(f"{c.name}: {1 / c.ours:,.0f} records a second, theirs {1 / c.theirs:,.0f}")
    count, seconds = sealing.token_seconds(rounds)
    console.print(
        f"Its {count} search tokens, without an equivalent in EncryptedType: {1e3 * seconds:.2f} ms a record\n"
    )
    return found


def _tokens(rounds: int) -> Sequence[Comparison]:
    found = tokens.compare(rounds)
    console.print("Verifying a Firebase ID token that is signed as Google signs: processor ms")
    rows = [(c.name, *milliseconds(c.ours, c.theirs, digits=3), ratio(c), f"{c.bound:.2f}") for c in found]
    show(("ours", "theirs", "ratio", "bound"), rows)
    return found


def _search(rounds: int) -> Sequence[Comparison]:
    with embedded() as stack, search.firestore(stack) as proxied:
        direct, os.environ["FIRESTORE_EMULATOR_HOST"] = os.environ["FIRESTORE_EMULATOR_HOST"], proxied
        found = search.compare(rounds, stack, direct, console.print)
    console.print(f"Search among {search.LARGE:,} patients against {search.SMALL:,}: processor ms")
    show_milliseconds(found, f"{search.LARGE:,}", f"{search.SMALL:,}")
    return found


def _scheduling(rounds: int) -> Sequence[Comparison]:
    with embedded():
        found = scheduling.compare(rounds, console.print)
    console.print(f"A week among {scheduling.LARGE:,} appointments against {scheduling.SMALL:,}: wall-clock ms")
    show_milliseconds(found, f"{scheduling.LARGE:,}", f"{scheduling.SMALL:,}")
    return found


def _books(rounds: int) -> Sequence[Comparison]:
    with embedded() as stack:
        direct = os.environ["FIRESTORE_EMULATOR_HOST"]
        with search.firestore(stack) as os.environ["FIRESTORE_EMULATOR_HOST"]:
            small, middle, large = (_written(size, direct) for size in _BOOKS)
            found = books.compare(rounds, small, large, stack.recorder)
            linear = recounts.compare(_LINEAR_ROUNDS, small, middle, direct)
            rates = bookings.measured(middle, stack.firestore)
    console.print(f"Desk and books at {large.size:,} bills against {small.size:,}: processor ms")
    show_milliseconds(found, f"{large.size:,}", f"{small.size:,}")
    console.print(f"The operator's commands at {middle.size:,} bills against {small.size:,}")
    rows = [(c.name, f"{c.ours:.2f}", f"{c.theirs:.2f}", ratio(c), f"{c.bound:.2f}") for c in linear]
    show((f"{middle.size:,}", f"{small.size:,}", "ratio", "bound"), rows)
    console.print(f"{bookings.BOOKINGS} bookings of each kind in one clinic, by the threads of one process")
    bookings_shown = [(one.action, str(one.concurrent), f"{one.a_second:.0f}", str(one.retries)) for one in rates]
    show(("at once", "a second", "retries"), bookings_shown)
    return [*found, *linear, *bookings.comparisons(rates)]


def _written(size: int, firestore: str) -> bookkeeping.Books:
    start = time.perf_counter()
    written = bookkeeping.create(size, firestore)
    console.print(f"{size:,} bills written in {time.perf_counter() - start:.0f} s")
    return written


def _live(rounds: int) -> Sequence[Comparison]:
    with embedded() as stack:
        found = live.compare(rounds, stack, console.print)
    console.print("Live text: wall-clock ms, and MB of the function's process")
    rows = []
    for c in found:
        is_memory = c.name.endswith("memory")
        sizes = tuple(f"{value / 1e6:.0f}" for value in (c.ours, c.theirs))
        rows.append((c.name, *(sizes if is_memory else milliseconds(c.ours, c.theirs)), ratio(c), f"{c.bound:.2f}"))
    show(("ours", "limit or before", "ratio", "bound"), rows)
    return found


def _hostile(rounds: int) -> Sequence[Comparison]:
    found = [*hostile.requests(rounds), *hostile.pdfs(rounds)]
    console.print("The worst input of each operation, and the worst PDF: processor ms, and MB against the limit")
    rows = []
    for c in found:
        is_memory = ": memory" in c.name
        sizes = tuple(f"{value / 1e6:.1f}" for value in (c.ours, c.theirs))
        rows.append((c.name, *(sizes if is_memory else milliseconds(c.ours, c.theirs)), ratio(c), f"{c.bound:.2f}"))
    show(("ours", "floor or limit", "ratio", "bound"), rows)
    return found


def _paper(rounds: int) -> Sequence[Comparison]:
    found = paper.compare(rounds)
    console.print("A page of a report in each script against one of Latin letters: processor ms")
    show_milliseconds(found, "the script", "Latin")
    return found


def _roles(folder: Path) -> Sequence[Comparison]:
    found = roles.compare(folder)
    rows = [(c.name, f"{c.ours:.0f}", f"{1 - c.ratio:.1%}", f"{1 - c.bound:.0%}") for c in found]
    show(("wrong", "right", "wanted"), rows)
    return found


def _names(listed: Path | None = None) -> Sequence[Comparison]:
    recalled = names.recalls()
    found = names.comparisons(recalled, listed)
    console.print("Names found by their sound in another script, and wrong names of a search")
    rows = [(one.group, str(one.pairs), f"{one.before:.1%}", f"{one.now:.1%}", f"{one.wanted:.0%}") for one in recalled]
    show(("pairs", "before", "now", "wanted"), rows)
    wrong = found[-1]
    show(("now", "before", "ratio"), [(wrong.name, f"{wrong.ours:.1f}", f"{wrong.theirs:.1f}", ratio(wrong))])
    return found


_BENCHES: dict[str, tuple[Callable[..., Sequence[Comparison]], int]] = {
    "cold_start": (cold_start.run, 9),
    "sealing": (_sealing, 9),
    "tokens": (_tokens, 15),
    "requests": (measured.run, 15),
    "load": (load.run, 4),
    "memory": (memory.run, 2),
    "search": (_search, 15),
    "registrations": (registrations.run, 9),
    "scheduling": (_scheduling, 41),
    "transcript": (transcript.run, 5),
    "live": (_live, 21),
    "visit": (own_time.run, 9),
    "hostile": (_hostile, 3),
    "paper": (_paper, 9),
    "books": (_books, 15),
    "names": (lambda _: _names(), 1),
}
"""Each benchmark, with its default number of rounds."""


if __name__ == "__main__":
    sys.exit(main())
