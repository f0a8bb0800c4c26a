"""`python -m local run`: output, exit codes, and the end of all its processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from infra.catalogue import ROOT
from tests.support.prerequisites import needs_java
from tests.support.thorough import sample

pytestmark = pytest.mark.long

Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Starts the command on its own state folder; keywords change its environment."""
    started: list[subprocess.Popen[str]] = []
    # A background job of a shell ignores Ctrl-C, and its children inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(*options: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "local", "run", "--state", str(tmp_path / "state"), *options]
        kept = {name: value for name, value in os.environ.items() if name != "FIRESTORE_EMULATOR_HOST"}
        process = subprocess.Popen(command, cwd=ROOT, env={**kept, **environment}, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    signal.signal(signal.SIGINT, before)


def children_once_ready(process: subprocess.Popen[str]) -> list[psutil.Process]:
    assert process.stdout is not None
    assert any("Ctrl-C" in line for line in process.stdout), "the command ended before it was ready"
    children: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return children


def exit_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code, and the output as one line."""
    output, _ = process.communicate(timeout=60)
    return process.returncode, " ".join(output.split())


EMBEDDED, GOOGLE = "embedded", "google"
WITH_GOOGLE = {"FIRESTORE": GOOGLE}


@pytest.mark.parametrize(
    ("how", "code", "firestore"),
    sample(
        [
            (signal.SIGTERM, 0, EMBEDDED),
            (signal.SIGINT, 0, EMBEDDED),
            (signal.SIGKILL, -signal.SIGKILL, EMBEDDED),
            pytest.param(signal.SIGKILL, -signal.SIGKILL, GOOGLE, marks=needs_java),
        ],
        2,
    ),
    ids=str,
)
def test_no_process_outlives_a_stopped_stack(run: Run, how: signal.Signals, code: int, firestore: str) -> None:
    process = run("--port", "0", FIRESTORE=firestore)
    children = children_once_ready(process)
    assert ("java" in {child.name() for child in children}) == (firestore == GOOGLE)
    process.send_signal(how)
    assert process.wait(60) == code
    assert psutil.wait_procs(children, timeout=15)[1] == []


@needs_java
def test_a_crashed_emulator_ends_the_run_with_a_message(run: Run) -> None:
    process = run("--port", "0", **WITH_GOOGLE)
    children = children_once_ready(process)
    next(child for child in children if child.name() == "java").kill()
    code, output = exit_of(process)
    assert code == 1
    assert "Firestore emulator ended by itself" in output
    assert psutil.wait_procs(children, timeout=15)[1] == []


def test_a_port_in_use_is_reported(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert exit_of(run("--port", port)) == (2, f"Port {port} is in use: choose another with --port")


def test_a_missing_java_is_reported_with_the_package_to_install(run: Run, tmp_path: Path) -> None:
    code, output = exit_of(run("--port", "0", **WITH_GOOGLE, JAVA_HOME=str(tmp_path)))
    assert code == 2
    assert "apt-get install openjdk" in output


def test_a_missing_emulator_is_reported_with_the_package_to_install(run: Run, tmp_path: Path) -> None:
    (tmp_path / "java").touch(mode=0o755)
    code, output = exit_of(
        run("--port", "0", **WITH_GOOGLE, PATH=str(tmp_path), HOME=str(tmp_path), JAVA_HOME="", CLOUDSDK_ROOT_DIR="")
    )
    assert code == 2
    assert "gcloud components install cloud-firestore-emulator" in output


def test_an_unreachable_emulator_is_reported(run: Run) -> None:
    code, output = exit_of(run("--port", "0", FIRESTORE_EMULATOR_HOST="127.0.0.1:9"))
    assert (code, output) == (
        2,
        "No Firestore emulator answers at 127.0.0.1:9: start it, or unset FIRESTORE_EMULATOR_HOST",
    )
