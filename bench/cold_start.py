"""What a cold start of each function costs, against bare functions-framework and the Google clients that it must use.

Two things are measured, each in fresh processes, with the staged folder as it is deployed (compiled, as the buildpack
does). The floor is a main.py that imports the clients at its top and has nothing of ours (`bare.py`).

`import` is until the function is ready to serve. The floor has every client that the function can ever reach; ours
imports most of them where they are used.

`first answer` is until it has answered the first thing that it is asked, with cold keys, on the local stack: for most
one read, one call of KMS and one commit. What was imported late is in it. The floor has the clients that ours had
loaded by then, makes the same calls with them, and verifies the same token.

Processor time of the process counts, of all its threads: what else the machine does is left out, though it disturbs.
Packages that are not deployed cannot be imported: some clients would load them. The server in front (gunicorn when
deployed) is the same for both and is left out, as is the interpreter's own start.
"""

from __future__ import annotations

import ast
import json
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import packages_distributions
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bench import visit
from bench.measure import Comparison, interleaved
from bench.visit import Asked, BareCall
from infra import catalogue
from infra.catalogue import ROOT, EventFunction, Function, HttpFunction
from infra.check.reachability import google_imports
from infra.staging import stage
from local.stack.stack import Stack

IMPORT_BOUND = 1.3
LEAN_IMPORT_BOUND = 1.2
"""For HTTP functions that need only Firestore and KMS."""
ANSWER_BOUND = 1.6
"""Set after measuring: 1.1 to 1.5 on a busy machine."""
FUNCTIONS = ROOT / "functions"
_LEAN = ("firebase_admin", "google.api_core", "google.cloud.firestore", "google.cloud.kms", "google_crc32c")
_NAMESPACES = {"google", "google.cloud"}
_START = Path(__file__).with_name("start.py")
_BARE = Path(__file__).with_name("bare.py")
_MORE = 3
"""How many times the rounds, for what was over its bound."""
_LONGEST = 120.0
"""Seconds that a start may take."""


@dataclass(frozen=True)
class ColdStart(Comparison):
    """A comparison of processor seconds, with what else is worth knowing of it."""

    clock: float
    clock_of_floor: float
    """Seconds on the clock."""
    spread: float
    """Half the distance between the quartiles of the rounds' ratios: how far noise moves them."""


@dataclass(frozen=True)
class Times:
    """Of one start, in seconds."""

    processor: float
    clock: float


@dataclass(frozen=True)
class Duel:
    """Two programs that are started in turn."""

    name: str
    ours: Callable[[], Times]
    floor: Callable[[], Times]
    bound: float


@dataclass(frozen=True)
class Program:
    """A main.py that is started, and its environment."""

    main: Path
    signature: str

    def start(self, asked: Asked | None = None, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Start it in a fresh process; returns what `start.py` reports. Raises RuntimeError when it fails."""
        question = asked.as_json() if asked else None
        job = {"source": str(self.main), "signature": self.signature, "absent": not_deployed(), "request": question}
        done = subprocess.run(
            [sys.executable, "-I", str(_START)],
            check=False,
            input=json.dumps(job),
            env=dict(environment or {}),
            capture_output=True,
            text=True,
            timeout=_LONGEST,
        )
        report: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {"status": "not at all"}
        if report["status"] not in (None, 200, 204):
            raise RuntimeError(f"{self.main} answered {report['status']}:\n{done.stderr[-2000:]}")
        return report

    def until_ready(self) -> Times:
        return Times(*self.start()["ready"])

    def until_answered(self, asked: Asked, environment: Mapping[str, str]) -> Times:
        return Times(*self.start(asked, environment)["answered"])


def imports(rounds: int, build: Path, names: Iterable[str] = (), functions_root: Path = FUNCTIONS) -> list[ColdStart]:
    """Compare the imports of these functions, or of all; `build` is for the staged folders."""
    duels = []
    for function in _chosen(names):
        ours, clients = _ours(function, build, functions_root), clients_of(function, functions_root)
        floor = bare(build / "floors" / f"{function.name}-import", ours.signature, clients)
        bound = LEAN_IMPORT_BOUND if is_lean(function, clients) else IMPORT_BOUND
        duels.append(Duel(f"{function.name}: import", ours.until_ready, floor.until_ready, bound))
    return compare(rounds, duels)


def answers(rounds: int, build: Path, stack: Stack, names: Iterable[str] = ()) -> list[ColdStart]:
    """Compare the first answers of these functions, or of all. A visit is played on the running stack."""
    questions = visit.play(stack, build / "out")
    environment = stack.client_environment()
    duels = []
    for function in _chosen(names):
        asked = questions[function.name]
        ours, floor = (
            partial(program.until_answered, asked, environment) for program in answering(function, build, stack, asked)
        )
        duels.append(Duel(f"{function.name}: first answer", ours, floor, ANSWER_BOUND))
    return compare(rounds, duels)


def answering(function: Function, build: Path, stack: Stack, asked: Asked) -> tuple[Program, Program]:
    """Ours, and a floor that loads and calls what ours loads and calls to answer this."""
    ours = _ours(function, build, FUNCTIONS)
    report, calls = visit.watched(stack, partial(ours.start, asked))
    clients = [one for one in clients_of(function, FUNCTIONS) if is_loaded(one, report["modules"])]
    return ours, bare(build / "floors" / f"{function.name}-answer", ours.signature, clients, calls)


def compare(rounds: int, duels: Sequence[Duel]) -> list[ColdStart]:
    """Hold the duels. Of those over their bound more rounds decide: noise passes, what is slow stays slow."""
    first = _outcomes(rounds, duels)
    doubtful = [duel for duel, outcome in zip(duels, first, strict=True) if not outcome.holds]
    decided = {outcome.name: outcome for outcome in _outcomes(_MORE * rounds, doubtful)}
    return [decided.get(outcome.name, outcome) for outcome in first]


def bare(folder: Path, signature: str, clients: Sequence[str], calls: Sequence[BareCall] = ()) -> Program:
    """Write the floor to a folder: these clients, and no code of ours."""
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
    """The installed packages, by the names that they are imported by, that requirements.txt does not bring."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    deployed = {canonicalize_name(Requirement(line).name) for line in lines if line}
    return sorted(
        package
        for package, distributions in packages_distributions().items()
        if deployed.isdisjoint(canonicalize_name(name) for name in distributions)
    )


def clients_of(function: Function, functions_root: Path) -> list[str]:
    """The import statements of the clients that a function can ever reach."""
    return google_imports(functions_root / function.name / "main.py", ROOT)


def is_lean(function: Function, clients: Iterable[str]) -> bool:
    """Whether it is an HTTP function that needs only Firestore and KMS (and Firebase, to know its caller)."""
    return isinstance(function, HttpFunction) and all(
        name.startswith(_LEAN) for statement in clients for name in _names(statement)
    )


def is_loaded(statement: str, modules: Collection[str]) -> bool:
    """Whether what an import statement imports is among these modules."""
    return any(name in modules or name.rpartition(".")[0] in set(modules) - _NAMESPACES for name in _names(statement))


def _names(statement: str) -> list[str]:
    """The full names that an import statement imports."""
    [parsed] = ast.parse(statement).body
    if isinstance(parsed, ast.ImportFrom):
        return [f"{parsed.module}.{alias.name}" for alias in parsed.names]
    assert isinstance(parsed, ast.Import)
    return [alias.name for alias in parsed.names]


def _chosen(names: Iterable[str]) -> list[Function]:
    functions = catalogue.load().functions
    return [functions[name] for name in names or functions]


def _ours(function: Function, build: Path, functions_root: Path) -> Program:
    signature = "cloudevent" if isinstance(function, EventFunction) else "http"
    return Program(stage(function.name, build, functions_root).resolve() / "main.py", signature)


def _outcomes(rounds: int, duels: Iterable[Duel]) -> list[ColdStart]:
    """In every round the floor and ours are next to each other."""
    every = {duel.name: duel for duel in duels}
    cases = {
        (name, side): measure
        for name, duel in every.items()
        for side, measure in (("floor", duel.floor), ("ours", duel.ours))
    }
    measured = interleaved(rounds, cases)
    return [_outcome(duel, measured[name, "ours"], measured[name, "floor"]) for name, duel in every.items()]


def _outcome(duel: Duel, ours: Sequence[Times], floor: Sequence[Times]) -> ColdStart:
    ratios = [one.processor / other.processor for one, other in zip(ours, floor, strict=True)]
    low, _, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return ColdStart(
        name=duel.name,
        ours=median(times.processor for times in ours),
        theirs=median(times.processor for times in floor),
        bound=duel.bound,
        clock=median(times.clock for times in ours),
        clock_of_floor=median(times.clock for times in floor),
        spread=(high - low) / 2,
    )
