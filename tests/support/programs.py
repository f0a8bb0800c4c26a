"""Programs in processes of their own: a stack that they start changes neither the environment nor the clients here."""

from __future__ import annotations

import os
import subprocess
import sys

from infra.catalogue import ROOT

_INHERITED = ("PATH", "HOME", "LOCAL_SPEECH_CACHE")
_TIMEOUT = 300.0


def run(program: str) -> tuple[int, str]:
    """The exit code of a Python program in the project's folder, and what it printed.

    What it wrote to standard error is shown if the test fails.
    """
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={name: os.environ[name] for name in _INHERITED if name in os.environ},
        stdout=subprocess.PIPE,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    return done.returncode, done.stdout
