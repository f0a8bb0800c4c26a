"""The cost of a cold start of each function, compared with a baseline: functions-framework and Google's clients alone.

Both measurements start fresh processes with the staged folder as deployed (compiled, as by the buildpack). The baseline
is a main.py that imports the clients at its top and has no product code (`bare.py`).

`import` ends when the function is ready to serve. The baseline imports every client that the function can reach; the
function imports most of them on first use.

`first answer` ends when the function has responded to its first request, with cold keys, on the local stack: usually
one read, one call of KMS and one commit. It includes late imports, and for Firestore and KMS the handshake of TLS and
the access token. The baseline imports the clients that the function has loaded by then, makes the same calls with them,
and verifies the same token.

The measure is the processor time of the process in all threads. It excludes other processes, although they add noise.
Packages that are not deployed cannot be imported, because some clients would load them. The server (gunicorn when
deployed) and the start of the interpreter are the same for both and excluded.
"""

from __future__ import annotations

import json
import py_compile
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import packages_distributions
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from packaging.utils import canonicalize_name

from bench import deployed, visit
from bench.clients import clients_of, used
from bench.measure import Comparison, interleaved
from bench.tables import console, milliseconds, ratio, show
from bench.visit import Asked, BareCall
from infra import catalogue
from infra.catalogue import ROOT, EventFunction, Function, HttpFunction
from infra.requirements import pinned
from infra.staging import stage
from local.stack.stack import Stack

BOUND = 1.0
"""For the imports of functions that call an API of Google, and for the first answers of those that people wait for."""
ALONE_BOUND = 1.15
"""For functions that call none, compared with the framework alone. Measured: 1.00 to 1.10."""
JOB_ANSWER_BOUND = 1.35
"""For first answers of events, tasks and schedules, on which nobody waits. Measured: 0.78 to 1.24, the highest of those
that use Google's client of Storage."""
FUNCTIONS = ROOT / "functions"
_START = Path(__file__).with_name("start.py")
_BARE = Path(__file__).with_name("bare.py")
_REPEAT = 3
"""Factor on the rounds when a comparison over its bound is repeated."""
_TIMEOUT = 120.0
"""Seconds for one start."""


@dataclass(frozen=True)
class ColdStart(Comparison):
    """A comparison of processor seconds, with wall-clock seconds and spread."""

    clock: float
    baseline_clock: float
    """Wall-clock seconds."""
    spread: float
    """Half the interquartile range of the ratios of all rounds: the effect of noise."""


@dataclass(frozen=True)
class Times:
    """The times of one start, in seconds."""

    processor: float
    clock: float


@dataclass(frozen=True)
class Pair:
    """A function and its baseline, started alternately."""

    name: str
    ours: Callable[[], Times]
    baseline: Callable[[], Times]
    bound: float


@dataclass(frozen=True)
class Program:
    """A main.py and its signature."""

    main: Path
    signature: str

    def start(self, asked: Asked | None = None, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Start it in a fresh process. Returns the report of `start.py`. Raises RuntimeError when it fails."""
        request = asked.as_json() if asked else None
        job = {"source": str(self.main), "signature": self.signature, "absent": not_deployed(), "request": request}
        completed = subprocess.run(
            [sys.executable, "-I", str(_START)],
            check=False,
            input=json.dumps(job),
            env=dict(environment or {}),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
        )
        report: dict[str, Any] = json.loads(completed.stdout) if completed.returncode == 0 else {"status": "not at all"}
        if report["status"] not in (None, 200, 204):
            raise RuntimeError(f"{self.main} answered {report['status']}:\n{completed.stderr[-2000:]}")
        return report

    def until_ready(self) -> Times:
        return Times(*self.start()["ready"])

    def until_answered(self, asked: Asked, environment: Mapping[str, str]) -> Times:
        return Times(*self.start(asked, environment)["answered"])


def run(rounds: int, *, plain: bool = False) -> Sequence[Comparison]:
    """Measure all functions, and print the table. `plain`: see `answers`."""
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder, "build")
        found = imports(rounds, build)
        with Stack(Path(folder, "state"), build=build) as stack:
            found += answers(rounds, build, stack, plain=plain)
    how = "without TLS" if plain else "over TLS"
    console.print(f"Cold start against bare functions-framework with the clients, {how}: processor ms, wall-clock ms")
    rows = []
    for c in found:
        processor, clock = milliseconds(c.ours, c.theirs), milliseconds(c.clock, c.baseline_clock)
        rows.append((c.name, *processor, ratio(c), f"{c.spread:.2f}", f"{c.bound:.2f}", *clock))
    show(("ours", "baseline", "ratio", "±", "bound", "clock", "baseline"), rows)
    return found


def imports(rounds: int, build: Path, names: Iterable[str] = (), functions_root: Path = FUNCTIONS) -> list[ColdStart]:
    """Compare the imports of these functions, or of all; `build` is the folder for staged functions."""
    pairs = []
    for function in _chosen(names):
        ours, clients = _ours(function, build, functions_root), clients_of(function, functions_root)
        baseline = bare(build / "baselines" / f"{function.name}-import", ours.signature, clients)
        bound = BOUND if clients else ALONE_BOUND
        pairs.append(Pair(f"{function.name}: import", ours.until_ready, baseline.until_ready, bound))
    return compare(rounds, pairs)


def answers(
    rounds: int, build: Path, stack: Stack, names: Iterable[str] = (), *, plain: bool = False
) -> list[ColdStart]:
    """Compare the first responses of these functions, or of all. Plays a visit on the running stack. If `plain`,
    Firestore is called as an emulator, without TLS and credentials; otherwise as when deployed."""
    requests = visit.play(stack, build / "out")
    pairs = []
    with deployed.serving(stack) as addresses:
        for function in _chosen(names):
            asked, local = requests[function.name], stack.client_environment(function.name)
            environment = local if plain else deployed.variables(local, *addresses)
            ours, baseline = (
                partial(program.until_answered, asked, environment)
                for program in answering(function, build, stack, asked)
            )
            alone = not clients_of(function, FUNCTIONS)
            bound = ALONE_BOUND if alone else BOUND if isinstance(function, HttpFunction) else JOB_ANSWER_BOUND
            pairs.append(Pair(f"{function.name}: first answer", ours, baseline, bound))
        return compare(rounds, pairs)


def answering(function: Function, build: Path, stack: Stack, asked: Asked) -> tuple[Program, Program]:
    """The function, and a baseline with the same clients and calls for this request."""
    ours = _ours(function, build, FUNCTIONS)
    report, calls = visit.watched(stack, function.name, partial(ours.start, asked))
    clients = used(clients_of(function, FUNCTIONS), report["modules"], calls, asked.headers)
    return ours, bare(build / "baselines" / f"{function.name}-answer", ours.signature, clients, calls)


def compare(rounds: int, pairs: Sequence[Pair]) -> list[ColdStart]:
    """Measure the pairs. Those over their bound are measured again with more rounds, to rule out noise."""
    first = _outcomes(rounds, pairs)
    doubtful = [pair for pair, outcome in zip(pairs, first, strict=True) if not outcome.holds]
    decided = {outcome.name: outcome for outcome in _outcomes(_REPEAT * rounds, doubtful)}
    return [decided.get(outcome.name, outcome) for outcome in first]


def bare(folder: Path, signature: str, clients: Sequence[str], calls: Sequence[BareCall] = ()) -> Program:
    """Write a baseline to a folder: these clients, and no product code."""
    folder.mkdir(parents=True, exist_ok=True)
    main = folder / "main.py"
    main.write_text("\n".join([*clients, "from bare import main", ""]))
    shutil.copy(_BARE, folder)
    (folder / "calls.json").write_text(json.dumps(calls))
    for file in (main, folder / _BARE.name):
        py_compile.compile(str(file), doraise=True)
    return Program(main, signature)


@cache
def not_deployed() -> list[str]:
    """The import names of the installed packages that are not in requirements.txt."""
    deployed = {canonicalize_name(requirement.name) for requirement in pinned(ROOT / "requirements.txt")}
    return sorted(
        package
        for package, distributions in packages_distributions().items()
        if deployed.isdisjoint(canonicalize_name(name) for name in distributions)
    )


def _chosen(names: Iterable[str]) -> list[Function]:
    functions = catalogue.load().functions
    return [functions[name] for name in names or functions]


def _ours(function: Function, build: Path, functions_root: Path) -> Program:
    signature = "cloudevent" if isinstance(function, EventFunction) else "http"
    return Program(stage(function.name, build, functions_root).resolve() / "main.py", signature)


def _outcomes(rounds: int, pairs: Iterable[Pair]) -> list[ColdStart]:
    """In every round, a function and its baseline are measured one after the other."""
    by_name = {pair.name: pair for pair in pairs}
    cases = {
        (name, side): measure
        for name, pair in by_name.items()
        for side, measure in (("baseline", pair.baseline), ("ours", pair.ours))
    }
    measured = interleaved(rounds, cases)
    return [_outcome(pair, measured[name, "ours"], measured[name, "baseline"]) for name, pair in by_name.items()]


def _outcome(pair: Pair, ours: Sequence[Times], baseline: Sequence[Times]) -> ColdStart:
    ratios = [one.processor / other.processor for one, other in zip(ours, baseline, strict=True)]
    low, _, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return ColdStart(
        name=pair.name,
        ours=median(times.processor for times in ours),
        theirs=median(times.processor for times in baseline),
        bound=pair.bound,
        clock=median(times.clock for times in ours),
        baseline_clock=median(times.clock for times in baseline),
        spread=(high - low) / 2,
    )
