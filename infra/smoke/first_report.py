"""The first report, played through the deployment: infra/first-report.sh."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

from infra.catalogue import ROOT
from infra.verdicts import Check

SCRIPT = ROOT / "infra" / "first-report.sh"
_TIMEOUT = 1800


def checks(outputs: Mapping[str, Any], page: str) -> list[Check]:
    """The check of this module. `page` is an address that the web key accepts."""
    environment = {"API": outputs["api_url"], "KEY": outputs["web_api_key"], "PAGE": page}
    return [
        Check(
            "a visit becomes a signed report",
            lambda: _failed(environment),
            "run infra/first-report.sh by itself; the logs of the functions have the reason",
        )
    ]


def _failed(environment: Mapping[str, str]) -> Iterator[str]:
    try:
        done = subprocess.run(
            ["bash", str(SCRIPT)],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield f"not within {_TIMEOUT // 60} minutes"
        return
    if done.returncode:
        yield next(iter(reversed(done.stderr.strip().splitlines())), "without a message")[:300]
