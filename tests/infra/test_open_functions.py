"""infra/open-functions.sh, with a stand-in of gcloud: it opens the given functions, and stops at a refusal."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from infra.check.terraform import INFRA

GCLOUD = """#!/usr/bin/env bash
echo "$*" >>"$CLOUD/calls"
[[ "$*" != *"$REFUSE"* ]] || { echo "ERROR: (gcloud.run.services.update) PERMISSION_DENIED" >&2; exit 1; }
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Path:
    (tmp_path / "gcloud").write_text(GCLOUD)
    (tmp_path / "gcloud").chmod(0o755)
    return tmp_path


def open_functions(cloud: Path, *arguments: str, refuse: str = "nothing") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{cloud}:{os.environ['PATH']}", "CLOUD": str(cloud), "REFUSE": refuse}
    command = [str(INFRA / "open-functions.sh"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_each_function_is_opened(cloud: Path) -> None:
    done = open_functions(cloud, "project", "asia-south1", "bills", "live-audio")

    assert done.returncode == 0
    assert done.stdout == "2 functions are open to the load balancer.\n"
    assert (cloud / "calls").read_text().splitlines() == [
        f"run services update {name} --no-invoker-iam-check --region=asia-south1 --project=project"
        for name in ("bills", "live-audio")
    ]


def test_without_functions_nothing_is_changed(cloud: Path) -> None:
    done = open_functions(cloud, "project", "asia-south1")

    assert done.returncode == 0
    assert not (cloud / "calls").exists()


def test_a_refusal_ends_the_script(cloud: Path) -> None:
    done = open_functions(cloud, "project", "asia-south1", "bills", "live-audio", "users", refuse="live-audio")

    assert done.returncode != 0
    assert "PERMISSION_DENIED" in done.stderr
    assert "open to the load balancer" not in done.stdout
    assert len((cloud / "calls").read_text().splitlines()) == 2


def test_a_missing_region_is_refused(cloud: Path) -> None:
    assert "usage" in open_functions(cloud, "project").stderr
