"""Programs that a benchmark starts, waits for, and ends: functions as deployed, and others."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from infra.catalogue import load
from local.services.kit.servers import free_port

_SECONDS = 60
"""Until a program has started."""


@contextmanager
def started(
    command: Sequence[str], reach: Callable[[], object], unreachable: type[Exception], **options: Any
) -> Iterator[psutil.Process]:
    """A program, once `reach` no longer raises `unreachable`; it ends with the `with`. The options are those of Popen.
    Raises `unreachable` if it does not start in time."""
    with subprocess.Popen(command, **options) as process:
        try:
            _wait(reach, unreachable)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


@contextmanager
def served(
    function: str, folder: Path, environment: Mapping[str, str], log: Path
) -> Iterator[tuple[int, psutil.Process]]:
    """The port and the process of a staged function, served as deployed: by gunicorn, with the threads of the
    catalogue."""
    assert environment["THREADS"] == str(load().functions[function].concurrency)
    port, folder = free_port(), folder.resolve()
    command = [sys.executable, "-I", "-m", "functions_framework", "--target=main", f"--port={port}"]
    source = ["--source", str(folder / "main.py")]
    with (
        log.open("wb") as output,
        started(
            [*command, *source], lambda: _ask(port), OSError, cwd=folder, env=environment, stdout=output, stderr=output
        ) as process,
    ):
        yield port, process


def _ask(port: int) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    client.request("GET", "/")
    client.getresponse().read()


def _wait(reach: Callable[[], object], unreachable: type[Exception]) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            reach()
        except unreachable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
