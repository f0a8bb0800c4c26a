"""Import time of every function against a floor: bare functions-framework and the Google clients that it must use.

Each is a fresh process. `start` is what a cold start pays: main.py, which imports most clients only where they are
used. `all` is main.py and then every client that the function can ever reach, which is what the floor has too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.measure import Comparison, medians
from bench.reach import google_imports
from local import catalogue
from local.catalogue import ROOT
from local.staging import stage

START_BOUND = 1.5
"""A cold start loads our models and Tink besides Firestore, and most other clients later: 0.6 to 1.4 was measured."""
ALL_BOUND = 1.75
"""Once every client is loaded too: 1.1 to 1.5 was measured."""

_TIMED = """
import time
started = time.process_time()
{imports}
print(time.process_time() - started)
"""
"""Processor time: what else runs on the machine does not count."""


@dataclass(frozen=True)
class Program:
    """A staged function, and the programs that are timed."""

    name: str
    folder: Path
    clients: str
    """The import statements of the clients that it can reach."""

    @property
    def start(self) -> str:
        return f"import functions_framework, sys; sys.path.insert(0, {json.dumps(str(self.folder))}); import main"

    @property
    def everything(self) -> str:
        return f"{self.start}\n{self.clients}"

    @property
    def floor(self) -> str:
        return f"import functions_framework\n{self.clients}"


def compare(rounds: int, functions: Iterable[str] = ()) -> list[Comparison]:
    """The two ratios of each function; of all functions by default."""
    with tempfile.TemporaryDirectory() as build:
        programs = [_program(name, Path(build)) for name in functions or catalogue.load().functions]
        programs.sort(key=lambda program: program.clients)  # those of one floor follow on it
        cases = {code: _timed(code) for p in programs for code in (p.floor, p.start, p.everything)}
        seconds = medians(rounds, cases)
    return [
        comparison
        for p in programs
        for comparison in (
            Comparison(f"{p.name}: start", seconds[p.start], seconds[p.floor], START_BOUND),
            Comparison(f"{p.name}: all", seconds[p.everything], seconds[p.floor], ALL_BOUND),
        )
    ]


def import_seconds(code: str) -> float:
    """Processor seconds that a fresh process needs for these import statements."""
    command = [sys.executable, "-I", "-c", _TIMED.format(imports=code)]
    done = subprocess.run(command, env={}, check=True, capture_output=True, text=True, timeout=120)
    return float(done.stdout)


def _program(name: str, build: Path) -> Program:
    clients = google_imports(ROOT / "functions" / name / "main.py", ROOT)
    return Program(name, stage(name, build).resolve(), "\n".join(clients))


def _timed(code: str) -> Callable[[], float]:
    return partial(import_seconds, code)
