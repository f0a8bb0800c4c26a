"""Set-up steps: a slow step is named, and the exit code and signals pass through."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from infra.catalogue import ROOT

SLOW = "import time; print('ready', flush=True); time.sleep(60)"


def step(code: str, seconds: float) -> subprocess.Popen[str]:
    """Run Python code as a step that is named if it takes longer than `seconds`."""
    script = (
        "import sys; from tools.step import run\n"
        "sys.exit(run('Installing', [sys.executable, *sys.argv[2:]], float(sys.argv[1])))"
    )
    command = [sys.executable, "-c", script, str(seconds), "-c", code]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("code", "seconds", "output"),
    [
        ("print('done')", 60, "done\n"),
        ("import time; time.sleep(1); print('done')", 0.1, "Installing\ndone\n"),
    ],
)
def test_only_a_slow_step_is_named(code: str, seconds: float, output: str) -> None:
    running = step(code, seconds)

    assert (running.communicate(timeout=30)[0], running.returncode) == (output, 0)


def test_the_step_has_the_exit_code_of_its_command() -> None:
    running = step("raise SystemExit(3)", 60)

    assert running.wait(30) == 3
    running.communicate()


def test_a_stopped_step_stops_its_command() -> None:
    running = step(SLOW, 60)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"

    running.send_signal(signal.SIGTERM)

    assert running.wait(30) == 128 + signal.SIGTERM
    assert running.communicate()[0] == "", "the command must have ended and closed its pipe"


def test_a_missing_program_is_named() -> None:
    failed = subprocess.run(
        [sys.executable, ROOT / "tools" / "step.py", "Installing", "no-such-program"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert failed.returncode == 127
    assert "no-such-program" in failed.stderr
    assert "Traceback" not in failed.stderr
