"""One Terraform with the offline providers for each test process, with a workspace and a plan made from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra import catalogue, staging
from infra.catalogue import ROOT
from infra.check.deployment import Deployment, deployment
from infra.check.terraform import Terraform
from tests.support.prerequisites import NO_TERRAFORM


@pytest.fixture(scope="session")
def installed() -> None:
    """Skips tests that need Terraform if it is not installed. `make infra-check` fails without it."""
    if NO_TERRAFORM:
        pytest.skip(NO_TERRAFORM)


@pytest.fixture(scope="session")
def terraform(installed: None) -> Iterator[Terraform]:
    """Terraform, after staging the archives whose digests are in the plan."""
    staging.archive_all(staging.stage_all(catalogue.load(), ROOT / "build"), ROOT / "build" / "archives")
    with Terraform() as started:
        yield started


@pytest.fixture(scope="session")
def planned(terraform: Terraform) -> Deployment:
    """The plan of infra/, with the code."""
    workspace = terraform.workspace()
    return deployment(workspace.folder, workspace.plan())
