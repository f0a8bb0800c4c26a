"""Measures the operations on every side, interleaved in one run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from bench.measure import Comparison, interleaved
from bench.requests import postgres
from bench.requests.operations import changed, patches_of_patients, post, registrations
from bench.requests.processes import Worker
from bench.requests.setting import Setting, path_of
from bench.stacks import embedded
from bench.tables import console, milliseconds, show
from bench.visit import Asked
from local.stack.stack import Stack

OURS, BEFORE, BARE, SQLITE, POSTGRESQL = "ours", "before", "bare", "SQLite", "PostgreSQL"
FLASK = 1.0
"""The bound of reading and registering a patient, against the app on SQLAlchemy with PostgreSQL."""
_AGAINST_FLASK = ("GET patient", "POST patient")
_PATIENTS = 40


@dataclass(frozen=True)
class Measured:
    """Seconds of processor time of each side, by operation."""

    seconds: Mapping[str, Mapping[str, float]]
    bounds: Mapping[str, float]

    def comparisons(self) -> list[Comparison]:
        """Ours against the bare handler, and against the app on SQLAlchemy where it is."""
        found = []
        for name, sides in self.seconds.items():
            found.append(Comparison(f"{name}, against the bare handler", sides[OURS], sides[BARE], self.bounds[name]))
            if name in _AGAINST_FLASK and POSTGRESQL in sides:
                found.append(Comparison(f"{name}, against Flask on PostgreSQL", sides[OURS], sides[POSTGRESQL], FLASK))
        return found


def run(rounds: int, before: str = "", *, plain: bool = False) -> Sequence[Comparison]:
    """Measure, and print the table. `before` is an older commit of the product, or empty; with it or if `plain`,
    Firestore is called as an emulator, without TLS and credentials, and PostgreSQL without TLS."""
    plain = plain or bool(before)
    with tempfile.TemporaryDirectory() as folder, embedded() as stack:
        found = measure(rounds, stack, Path(folder), before, console.print, plain=plain)
    how = "without TLS" if plain else "over TLS"
    console.print(f"A warm request, its databases called {how}: processor ms, and ours against the others'")
    sides = (BARE, SQLITE, POSTGRESQL, BEFORE)
    rows = []
    for name, seconds in found.seconds.items():
        ratios = (f"{seconds[OURS] / seconds[side]:.2f}" if side in seconds else "" for side in sides)
        both = milliseconds(seconds[OURS], seconds[BARE], digits=1)
        rows.append((name, *both, *ratios, f"{found.bounds[name]:.2f}"))
    show((OURS, BARE, *(f"÷ {side}" for side in sides), "bound"), rows)
    return found.comparisons()


def measure(
    rounds: int, stack: Stack, folder: Path, before: str, note: Callable[[str], None], *, plain: bool
) -> Measured:
    """Measure the ten operations. `before` is an older commit of the product, or empty."""
    with ExitStack() as running:
        setting = Setting(stack, folder, running, plain=plain)
        operations = setting.prepared.operations()
        calls = {operation.name: setting.calls(operation) for operation in operations}
        cases: dict[tuple[str, str], Callable[[], float]] = {}
        for side, worker_of in {OURS: setting.ours, **({BEFORE: setting.older(before)} if before else {})}.items():
            for operation in operations:
                restore = setting.restorer(calls[operation.name]) if operation.is_restored else None
                worker = worker_of(operation.function)
                cases[operation.name, side] = partial(setting.median, worker, operation.ask, restore)
        bare = setting.bare(calls)
        for operation in operations:
            called = partial(Asked, "POST", path_of(operation.name), {})
            cases[operation.name, BARE] = partial(setting.median, bare, called)
        for side, url in _databases(running, folder, None if plain else setting.trusted, note):
            peer = setting.peer(side, url)
            for name, ask in _of_peer(peer, setting).items():
                cases[name, side] = partial(setting.median, peer, ask)
        for case in cases.values():
            case()  # warm
        measured = interleaved(rounds, dict(sorted(cases.items())))
    seconds: dict[str, dict[str, float]] = {operation.name: {} for operation in operations}
    for (name, side), values in measured.items():
        seconds[name][side] = median(values)
    return Measured(seconds, {operation.name: operation.bound for operation in operations})


def _databases(
    running: ExitStack, folder: Path, trusted: Path | None, note: Callable[[str], None]
) -> Iterator[tuple[str, str]]:
    yield SQLITE, f"sqlite:///{folder / 'peer.sqlite'}"
    if lacking := postgres.missing():
        note(lacking)
    else:
        yield POSTGRESQL, running.enter_context(postgres.database(trusted))


def _of_peer(peer: Worker, setting: Setting) -> dict[str, Callable[[], Asked]]:
    """The requests that the app on SQLAlchemy answers, to some forty patients as ours has."""
    path, people = "/api/v1/patients", registrations()
    for _ in range(_PATIENTS):
        registered = peer.answer(post(path, next(people)).by(setting.authorization()))
    patient = f"{path}/{json.loads(registered.body)['id']}"
    patches = patches_of_patients()
    return {
        "GET patient": lambda: Asked("GET", patient, {}),
        "POST patient": lambda: post(path, next(people)),
        "PATCH patient": lambda: changed("PATCH", patient, "", next(patches)),
    }
