"""A second plan shows no change; what Google or the provider would change on the way is reported by its address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.check.terraform import OFFLINE, Terraform, Workspace
from tests.infra.state_server import StateServer

pytestmark = pytest.mark.long

PLANTS = {
    "an untrimmed filter of an exclusion": (
        "audit.tf",
        "  filter      = local.audit_digests\n\n",
        '  filter      = "${local.audit_digests}\\n"\n\n',
        "google_logging_project_exclusion.audit_digests: filter",
    ),
    "an untrimmed filter of a metric": (
        "alerts.tf",
        "trimspace(local.stalled_jobs)",
        "local.stalled_jobs",
        "google_logging_metric.stalled_jobs: filter",
    ),
    "a block that the provider never sends": (
        "auth.tf",
        "  depends_on = [google_project_service.api]",
        "  sms_region_config {\n    allowlist_only {\n      allowed_regions = []\n    }\n  }\n\n"
        "  depends_on = [google_project_service.api]",
        "google_identity_platform_config.auth: sms_region_config",
    ),
    "a value of the time of the plan": (
        "outputs.tf",
        "",
        'resource "google_service_account" "late" {\n  account_id   = "later"\n  display_name = plantimestamp()\n}\n',
        "google_service_account.late: display_name",
    ),
}


CHOSEN = {
    **OFFLINE,
    "environment": "production",
    "repository": "projects/synapse-offline/locations/asia-east1/connections/github/repositories/synapse",
    "state_bucket": "synapse-offline-terraform",
    "approvers": ["user:ada@example.org"],
    "firestore_cmek": True,
    "lock_audit_log": True,
    "audit_readers": ["group:audit@example.org"],
    "billing_account": "012345-6789AB-CDEF01",
    "public_invoker": "unchecked",
    "cors_origins": [],
}
"""Everything that a deployment can choose."""


@pytest.fixture(scope="module")
def everything(terraform: Terraform) -> dict[str, Any]:
    """The first plan of everything that can be chosen."""
    return terraform.workspace().plan(CHOSEN)


@pytest.fixture(scope="module")
def server() -> Iterator[StateServer]:
    with StateServer() as server:
        yield server


@pytest.fixture(scope="module")
def applied(terraform: Terraform, server: StateServer) -> Workspace:
    """A workspace to which everything was applied, by Terraform itself."""
    workspace = terraform.workspace()
    workspace.keep_state_at(server.url)
    workspace.apply()
    return workspace


def test_an_apply_leaves_nothing_to_change(applied: Workspace) -> None:
    assert applied.changes() == []


def test_an_apply_can_be_repeated(applied: Workspace, server: StateServer) -> None:
    before = resources(server.state)
    applied.apply()

    assert applied.changes() == []
    assert resources(server.state) == before
    assert len(before) > 80


def test_a_changed_variable_changes_what_depends_on_it_alone(applied: Workspace) -> None:
    found = applied.changes({**OFFLINE, "requests_per_minute": 300})

    assert found == ["change after an apply: google_compute_security_policy.edge: rule"]


def test_a_second_plan_of_everything_that_can_be_chosen_shows_no_change(
    terraform: Terraform, everything: dict[str, Any]
) -> None:
    workspace = terraform.workspace()
    workspace.take_as_applied(everything)

    assert workspace.changes(CHOSEN) == []


def test_changes_in_every_plan_are_reported(terraform: Terraform) -> None:
    workspace = terraform.workspace()
    for file, old, new, _ in PLANTS.values():
        plant(workspace.folder / file, old, new)
    workspace.take_as_applied(workspace.plan())

    assert sorted(workspace.changes()) == sorted(f"change after an apply: {fault}" for *_, fault in PLANTS.values())


def test_identity_platform_is_imported_and_never_created(everything: dict[str, Any]) -> None:
    [change] = [
        change for change in everything["resource_changes"] if change["type"] == "google_identity_platform_config"
    ]

    assert change["change"]["importing"] == {"id": "projects/synapse-offline/config"}
    assert change["change"]["actions"] == ["update"]


def resources(state: bytes) -> dict[tuple[str, str], int]:
    """How many there are of each of Google's resources in a state, by type and name."""
    found = {(one["type"], one["name"]): len(one["instances"]) for one in json.loads(state)["resources"]}
    return {one: number for one, number in found.items() if one[0].startswith("google_")}


def plant(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1) if old else text + new)
