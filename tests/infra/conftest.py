"""One Terraform with the offline providers for all tests of a process; a workspace and a plan are made from it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from infra import catalogue, staging
from infra.catalogue import ROOT
from infra.check.deployment import Deployment, deployment
from infra.check.terraform import Terraform


@pytest.fixture(scope="session")
def installed() -> None:
    """Skips what needs Terraform where there is none. `make infra-check` does not pass without it."""
    if shutil.which("terraform") is None:
        pytest.skip("there is no terraform on the PATH")


@pytest.fixture(scope="session")
def terraform(installed: None) -> Iterator[Terraform]:
    """Terraform, with the archives that the plan takes digests of."""
    staging.archive_all(staging.stage_all(catalogue.load(), ROOT / "build"), ROOT / "build" / "archives")
    with Terraform() as started, pytest.MonkeyPatch.context() as environment:
        environment.setenv("GOGC", "400")  # a plan is too short to be worth many collections of garbage
        yield started


@pytest.fixture(scope="session")
def planned(terraform: Terraform) -> Deployment:
    """The plan of infra/ as it is, beside the code."""
    workspace = terraform.workspace()
    return deployment(workspace.folder, workspace.plan())
