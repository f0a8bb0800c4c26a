"""What Terraform knows of the deployment, and whether it would change anything."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.verdicts import Check, Unknown

_NO_CHANGE, _CHANGES = 0, 2
"""Exit codes of a plan with -detailed-exitcode."""
_TIMEOUT = 900


def checks(folder: Path) -> list[Check]:
    """The checks of this module, of the configuration in a folder."""
    return [
        Check(
            "Terraform would change nothing",
            lambda: _changes(folder),
            "apply; if the next plan shows the same change, the configuration says what Google does not keep",
        )
    ]


def outputs(folder: Path) -> Mapping[str, Any]:
    """The outputs by name. Raises Unknown."""
    done = _run(folder, "output", "-json", "-no-color")
    if done.returncode:
        raise Unknown(f"terraform output failed: {_first(done.stderr)}")
    found = {name: output["value"] for name, output in json.loads(done.stdout).items()}
    if not found:
        raise Unknown("nothing was applied: terraform has no outputs")
    return found


def _changes(folder: Path) -> Iterator[str]:
    """The resources that a plan would change, from Terraform's messages in JSON
    (developer.hashicorp.com/terraform/internals/machine-readable-ui)."""
    done = _run(folder, "plan", "-json", "-input=false", "-lock=false", "-detailed-exitcode")
    if done.returncode == _NO_CHANGE:
        return
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != _CHANGES:
        errors = [message["@message"] for message in messages if message["@level"] == "error"]
        raise Unknown(f"the plan failed: {(errors or [_first(done.stderr)])[0]}")
    changed = [message["change"] for message in messages if message["type"] == "planned_change"]
    yield from sorted(f"{change['action']} {change['resource']['addr']}" for change in changed)
    if not changed:
        yield "outputs"


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["terraform", *arguments], cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unknown(f"terraform does not run ({type(error).__name__})") from None


def _first(text: str) -> str:
    return next(iter(text.strip().splitlines()), "without a message")[:300]
