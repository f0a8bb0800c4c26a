"""The offline providers: the faults that Terraform finds with them, the values they compute, and their life cycle."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from infra.check.terraform import INFRA, Terraform, TerraformError, Workspace
from infra.offline import OfflineProviders, computed_attributes
from infra.offline.__main__ import main
from infra.offline.schema_types import PROVIDERS, Block, load

VARIABLES = {"project": "of-the-provider"}
CONFIGURATION = """
variable "project" {
  type = string
}

provider "google" {
  project = var.project
  region  = "asia-south1"
}

resource "google_storage_bucket" "audio" {
  name     = "audio"
  location = "asia-south1"
}
"""


@pytest.fixture(scope="module")
def small(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Terraform on a minimal configuration: checking one fault takes a fraction of a second."""
    infra = tmp_path_factory.mktemp("small") / "infra"
    infra.mkdir()
    shutil.copy(INFRA / "versions.tf", infra)
    versions = (infra / "versions.tf").read_text()
    (infra / "versions.tf").write_text(versions[: versions.index('provider "google"')])
    (infra / "main.tf").write_text(CONFIGURATION)
    with Terraform(infra) as terraform:
        yield terraform


@pytest.fixture
def workspace(small: Terraform) -> Workspace:
    return small.workspace()


def add(workspace: Workspace, configuration: str) -> Workspace:
    (workspace.folder / "added.tf").write_text(configuration)
    return workspace


def planned(workspace: Workspace, *, concrete: bool = True) -> dict[str, Any]:
    """The known planned values of each resource, by its address."""
    plan = workspace.plan(VARIABLES, concrete=concrete)
    return {found["address"]: found["values"] for found in plan["planned_values"]["root_module"]["resources"]}


# --- faults -----------------------------------------------------------------------------------------------------------

BUCKET = 'resource "google_storage_bucket" "b" {\n  name = "b"\n  location = "asia-south1"\n  %s\n}\n'
FUNCTION = (
    'resource "google_cloudfunctions2_function" "f" {\n  name = "f"\n  location = "asia-south1"\n'
    '  build_config {\n    runtime = "python312"\n  }\n  %s\n}\n'
)
KEY = 'resource "google_kms_crypto_key" "k" {\n  name = "k"\n  key_ring = "ring"\n  %s\n}\n'
AUDIT = (
    'resource "google_project_iam_audit_config" "a" {\n  project = var.project\n  service = "allServices"\n'
    '  audit_log_config {\n    log_type = "ADMIN_READ"\n  }\n  %s\n}\n'
)


def test_a_correct_configuration_is_accepted(workspace: Workspace) -> None:
    add(workspace, BUCKET % 'storage_class = "NEARLINE"' + FUNCTION % "" + KEY % 'purpose = "MAC"' + AUDIT % "")
    workspace.validate()


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        pytest.param(
            BUCKET % "uniform_bucket_level_acess = true", "uniform_bucket_level_acess", id="misspelt argument"
        ),
        pytest.param(
            'resource "google_storage_bucket" "b" {\n  name = "b"\n}\n',
            'The argument "location" is required',
            id="missing required argument",
        ),
        pytest.param(BUCKET % 'force_destroy = "perhaps"', "a bool is required", id="argument of a wrong type"),
        pytest.param(BUCKET % "lifecycle_rules {}", "lifecycle_rules", id="wrong block"),
        pytest.param(BUCKET % "versioning = true", 'An argument named "versioning"', id="argument for a block"),
        pytest.param(
            BUCKET % "versioning {\n enabled = true\n}\nversioning {\n enabled = false\n}",
            'more than 1 "versioning" block',
            id="block given twice",
        ),
        pytest.param(BUCKET % "labels = { a = google_storage_bucket.video.name }", "video", id="bad reference"),
        pytest.param(
            BUCKET % "labels = { a = google_storage_bucket.audio.nmae }", "nmae", id="reference to no attribute"
        ),
        pytest.param(
            BUCKET % 'public_access_prevention = "enforce"', "inherited, enforced", id="value out of the API's"
        ),
        pytest.param(BUCKET % 'storage_class = "FROZEN"', "NEARLINE, COLDLINE", id="wrong enum"),
        pytest.param(
            FUNCTION % 'service_config {\n ingress_settings = "ALLOW_GCLB"\n}',
            "ALLOW_INTERNAL_AND_GCLB",
            id="wrong enum in a block",
        ),
        pytest.param(
            BUCKET % 'lifecycle_rule {\n action {\n type = "Erase"\n}\n condition {\n age = 1\n}\n}',
            "AbortIncompleteMultipartUpload",
            id="wrong enum in blocks that are sets",
        ),
        pytest.param(
            BUCKET
            % 'lifecycle_rule {\n action {\n type = "Delete"\n}\n condition {\n matches_storage_class = ["ICE"]\n}\n}',
            'matches_storage_class is "ICE"',
            id="wrong enum in a list",
        ),
        pytest.param(KEY % 'purpose = "SIGN"', "ASYMMETRIC_SIGN", id="wrong purpose"),
        pytest.param(
            AUDIT % 'audit_log_config {\n log_type = "EVERYTHING"\n}', "DATA_READ, DATA_WRITE", id="wrong log type"
        ),
        pytest.param(
            'data "google_project" "p" {\n  projct_id = "p"\n}\n', "projct_id", id="misspelt argument of a data source"
        ),
    ],
)
def test_a_fault_is_reported_with_its_line(workspace: Workspace, configuration: str, message: str) -> None:
    with pytest.raises(TerraformError) as refused:
        add(workspace, configuration).validate()
    assert message in str(refused.value)
    assert "on added.tf line" in str(refused.value)


def test_every_fault_is_reported(workspace: Workspace) -> None:
    add(workspace, BUCKET % 'storage_class = "FROZEN"' + KEY % 'purpose = "SIGN"' + FUNCTION % "extra = 1")
    with pytest.raises(TerraformError) as refused:
        workspace.validate()
    assert len(refused.value.faults) == 3


def test_a_fault_of_several_tests_is_reported_once(workspace: Workspace) -> None:
    (workspace.folder / "tests").mkdir()
    run = 'run "%s" {\n  command = plan\n  variables {\n    project = "p"\n  }\n}\n'
    (workspace.folder / "tests" / "one.tftest.hcl").write_text(run % "first")
    (workspace.folder / "tests" / "two.tftest.hcl").write_text(run % "second")
    with pytest.raises(TerraformError) as refused:
        add(workspace, KEY % 'purpose = "SIGN"').test()
    assert len(refused.value.faults) == 1


WRONG_TEST = """
run "named" {
  command = plan
  variables {
    project = "p"
  }
  assert {
    condition     = google_storage_bucket.audio.name == "video"
    error_message = "It is named audio."
  }
}
"""


def test_a_failed_assertion_is_reported(workspace: Workspace) -> None:
    (workspace.folder / "tests").mkdir()
    (workspace.folder / "tests" / "one.tftest.hcl").write_text(WRONG_TEST)
    with pytest.raises(TerraformError, match="It is named audio"):
        workspace.test("tests/one.tftest.hcl")


def test_unformatted_files_are_reported(installed: None, tmp_path: Path) -> None:
    infra = tmp_path / "infra"
    infra.mkdir()
    (infra / "crooked.tf").write_text('locals {\n    a = "b"\n}\n')
    with Terraform(infra) as terraform, pytest.raises(TerraformError, match=r"crooked\.tf"):
        terraform.check_format()


# --- computed values --------------------------------------------------------------------------------------------------

DERIVED = """
resource "google_service_account" "reader" {
  account_id = "reader"
}

resource "google_service_account" "elsewhere" {
  account_id = "reader"
  project    = "another-one"
}

resource "google_storage_bucket_iam_member" "reader" {
  bucket = google_storage_bucket.audio.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.reader.member
}

resource "google_kms_key_ring" "ring" {
  name     = "ring"
  location = "asia-south1"
}

resource "google_kms_crypto_key" "key" {
  name     = "key"
  key_ring = google_kms_key_ring.ring.id
}

resource "google_project_service_identity" "run" {
  provider = google-beta
  service  = "run.googleapis.com"
}

resource "google_cloudfunctions2_function" "function" {
  name     = "function"
  location = "asia-south1"
  service_config {}
}

data "google_project" "this" {
  project_id = var.project
}

output "number" {
  value = data.google_project.this.number
}
"""


def test_computed_attributes_are_known_if_they_follow_from_known_ones(workspace: Workspace) -> None:
    values = planned(add(workspace, DERIVED))
    reader = "serviceAccount:reader@of-the-provider.iam.gserviceaccount.com"
    assert values["google_storage_bucket_iam_member.reader"]["member"] == reader
    assert values["google_service_account.elsewhere"]["email"] == "reader@another-one.iam.gserviceaccount.com"
    ring = "projects/of-the-provider/locations/asia-south1/keyRings/ring"
    assert values["google_kms_crypto_key.key"]["id"] == f"{ring}/cryptoKeys/key"
    agent = f"service-{computed_attributes.PROJECT_NUMBER}@serverless-robot-prod.iam.gserviceaccount.com"
    assert values["google_project_service_identity.run"]["email"] == agent
    service = "projects/of-the-provider/locations/asia-south1/services/function"
    assert values["google_cloudfunctions2_function.function"]["service_config"][0]["service"] == service


def test_a_data_source_is_read(workspace: Workspace) -> None:
    plan = add(workspace, DERIVED).plan(VARIABLES)
    assert plan["planned_values"]["outputs"]["number"]["value"] == computed_attributes.PROJECT_NUMBER


RULESET = """
resource "google_firebaserules_ruleset" "r" {
  source {
    files {
      name    = "r"
      content = ""
    }
  }
}
"""


def test_a_value_derived_from_an_unknown_one_is_unknown(workspace: Workspace) -> None:
    values = planned(add(workspace, RULESET + KEY.replace('"ring"', "google_firebaserules_ruleset.r.name") % ""))
    assert "id" not in values["google_kms_crypto_key.k"]


def test_without_computed_values_every_computed_attribute_is_unknown(workspace: Workspace) -> None:
    values = planned(add(workspace, DERIVED), concrete=False)
    assert "member" not in values["google_storage_bucket_iam_member.reader"]
    assert "project" not in values["google_service_account.reader"]
    assert values["google_service_account.elsewhere"]["project"] == "another-one"


def test_a_for_each_known_only_after_apply_is_refused(workspace: Workspace) -> None:
    add(workspace, BUCKET.replace("{\n", "{\n  for_each = toset([google_storage_bucket.audio.id])\n", 1) % "")
    workspace.plan(VARIABLES)
    with pytest.raises(TerraformError, match="Invalid for_each argument"):
        workspace.plan(VARIABLES, concrete=False)


def test_every_template_is_of_a_computed_attribute() -> None:
    schemas = [load(name) for name in PROVIDERS]
    resources = {kind: block for schema in schemas for kind, block in schema["resource"].items()}
    data = {kind: block for schema in schemas for kind, block in schema["data"].items()}
    for section, blocks in ((computed_attributes.RESOURCES, resources), (computed_attributes.DATA, data)):
        for kind, templates in section.items():
            assert {path for path in templates if not _is_computed(blocks[kind], path)} == set(), kind


def _is_computed(block: Block, path: str) -> bool:
    *blocks, name = path.split(".")
    for inner in blocks:
        block = block["block_types"][inner]["block"]
    return block["attributes"][name].get("computed", False)


# --- life cycle -------------------------------------------------------------------------------------------------------


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The parent of temporary folders in this test. It is near the root because the path of a socket must be short."""
    with tempfile.TemporaryDirectory(prefix="t-") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def _addresses(providers: OfflineProviders) -> list[str]:
    reattach = json.loads(providers.environment()["TF_REATTACH_PROVIDERS"])
    return [entry["Addr"]["String"] for entry in reattach.values()]


def _is_listening(address: str) -> bool:
    with grpc.insecure_channel(f"unix:{address}") as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=0.5)
        except grpc.FutureTimeoutError:
            return False
    return True


def test_the_servers_stop_with_the_context(temporary: Path) -> None:
    with OfflineProviders() as providers:
        addresses = _addresses(providers)
        assert all(_is_listening(address) for address in addresses)
    assert not any(_is_listening(address) for address in addresses)
    assert list(temporary.iterdir()) == []


def test_the_servers_stop_after_an_exception(temporary: Path) -> None:
    with pytest.raises(ZeroDivisionError), OfflineProviders() as providers:
        addresses = _addresses(providers)
        raise ZeroDivisionError
    assert not any(_is_listening(address) for address in addresses)
    assert list(temporary.iterdir()) == []


def test_no_file_is_left_if_terraform_cannot_start(installed: None, temporary: Path, tmp_path: Path) -> None:
    infra = tmp_path / "infra"
    infra.mkdir()
    (infra / "broken.tf").write_text("resource {")
    with pytest.raises(TerraformError, match=r"broken\.tf"), Terraform(infra):
        pass
    assert list(temporary.iterdir()) == []


def test_a_command_runs_with_the_providers_and_its_exit_code_is_returned() -> None:
    assert main(["sh", "-c", 'test -n "$TF_REATTACH_PROVIDERS"']) == 0
    assert main(["false"]) == 1


def test_a_missing_terraform_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TerraformError, match=r"no terraform on the PATH: version 1\.9 or newer"), Terraform():
        pass


def test_an_old_terraform_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "terraform"
    old.write_text('#!/bin/sh\necho \'{"terraform_version": "1.8.5"}\'\n')
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TerraformError, match=r"version 1\.8\.5: 1\.9 or newer"), Terraform():
        pass
