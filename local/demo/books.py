"""The operator verifies the books of the clinic."""

from __future__ import annotations

import subprocess
import sys

from infra.catalogue import ROOT
from local.demo import seed
from local.demo.client import DemoError
from local.demo.show import Stages
from local.stack.stack import Stack


def verify(stack: Stack, stages: Stages) -> None:
    """Run the operator's command, which rebuilds every balance from the ledger. Raises DemoError if one is wrong."""
    with stages.stage("The operator verifies the clinic's books") as note:
        command = [sys.executable, "-m", "shared.cli", "verify-books", seed.CLINIC]
        environment = stack.client_environment()
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise DemoError(done.stderr)
        note(done.stdout.strip())
