"""Processes of the benchmark: programs that answer measured requests, and a Firestore."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from bench.cold_start import not_deployed
from bench.visit import Asked
from infra.catalogue import ROOT

_WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True)
class Answer:
    """The answer to one request, and its seconds of processor time."""

    status: int
    body: bytes
    processor: float


class Worker:
    """A program in a process of its own."""

    def __init__(self, source: Path, environment: Mapping[str, str], log: Path, signature: str = "http") -> None:
        """Load `source`: a main.py, or without a signature the repository, for its app on SQLAlchemy. What it writes
        goes to `log`."""
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(environment),
                text=True,
            )
        absent = not_deployed() if signature else []
        self._exchange({"source": str(source), "signature": signature, "absent": absent})

    def answer(self, asked: Asked) -> Answer:
        """Send a request. Raises RuntimeError if it is refused."""
        found = self._exchange(asked.as_json())
        answer = Answer(**{**found, "body": base64.b64decode(found["body"])})
        if answer.status >= 300:
            raise RuntimeError(f"{asked.method} {asked.path} was answered {answer.status}: {answer.body[:500]!r}")
        return answer

    def stop(self) -> None:
        """End the process."""
        self._process.communicate()

    def _exchange(self, line: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(line), file=self._process.stdin, flush=True)
        answered = self._process.stdout.readline()
        if not answered:
            raise RuntimeError(f"the program ended:\n{self._log.read_text()[-2000:]}")
        found: dict[str, Any] = json.loads(answered)
        return found


class Addresses(NamedTuple):
    """Where one Firestore answers: without TLS to its owner, and over TLS as Google's."""

    plain: str
    secure: str


@contextmanager
def firestore(folder: Path, trusted: Path) -> Iterator[Addresses]:
    """An embedded Firestore on this folder, in a process of its own; no function hears its events. `trusted` is the
    certificate of its TLS."""
    command = [sys.executable, "-m", "bench.requests.processes", str(folder), str(trusted)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Addresses(*process.stdout.readline().split())
        finally:
            process.communicate()


def _serve(folder: Path, trusted: Path) -> None:
    from bench.deployed import SecureFirestore
    from local.services.firestore.embedded.backend import EmbeddedFirestore

    plain = EmbeddedFirestore(folder)
    secure = SecureFirestore(plain, trusted)
    print(plain.address, secure.address, flush=True)
    sys.stdin.read()
    secure.stop()
    plain.stop()


if __name__ == "__main__":
    _serve(*map(Path, sys.argv[1:]))
