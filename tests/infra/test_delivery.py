"""Delivery: a push is tested and planned, a person approves, and exactly that plan is applied.

The tests run the scripts of the build steps with the real Terraform. The state is a local file, and `gcloud` is a stub
that copies between folders.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.catalogue import ROOT
from infra.check.terraform import OFFLINE, Terraform, TerraformError

pytestmark = pytest.mark.long

Build = dict[str, Any]
PLAN, APPLY = "cloudbuild.yaml", "cloudbuild.apply.yaml"
ORDER = {PLAN: ["tools", "node", "test", "stage", "plan", "ask"], APPLY: ["fetch", "apply", "open", "smoke"]}
CHECKSUM = "sha256sum --check --strict"
DELIVERED = {
    **OFFLINE,
    "repository": "projects/synapse-offline/locations/asia-east1/connections/github/repositories/synapse",
    "state_bucket": "synapse-offline-terraform",
}
GCLOUD = """#!/usr/bin/env bash
set -euo pipefail
case "$1 $2" in
    "storage cp")
        shift 2
        [[ "$1" == --if-generation-match=0 ]] && { shift; [[ ! -e "${2/gs:\\/\\//$CLOUD/}" ]]; }
        cp "${1/gs:\\/\\//$CLOUD/}" "${2/gs:\\/\\//$CLOUD/}" ;;
    "pubsub topics") printf '%s\\n' "$@" >"$CLOUD/asked" ;;
esac
"""
CONFIGURATION = """
terraform {
  backend "local" {}
}
resource "terraform_data" "functions" {
  input = file("functions.txt")
}
output "api_url" {
  value = "https://api.example.org/api/v1"
}
output "function_url" {
  value = "https://{function}.example.org"
}
output "functions_to_open" {
  value = "synapse-offline asia-south1"
}
"""


def load(name: str) -> Build:
    build: Build = yaml.safe_load((ROOT / name).read_text())
    return build


def script(build: Build, step: str) -> str:
    [found] = [each["script"] for each in build["steps"] if each["id"] == step]
    return str(found)


def from_message() -> dict[str, str]:
    """The substitutions of the build that applies, by the attributes of the message that have their values."""
    trigger = (ROOT / "infra" / "delivery.tf").read_text()
    return dict(re.findall(r'(_\w+) += "\$\(body\.message\.attributes\.(\w+)\)"', trigger))


# Static checks of the build files


def faults(builds: Mapping[str, Build]) -> Iterator[str]:
    """The faults of the two builds."""
    for name, build in builds.items():
        steps = [step["id"] for step in build["steps"]]
        if steps != ORDER[name]:
            yield f"{name}: the steps are {steps}"
        if build["options"].get("logging") != "CLOUD_LOGGING_ONLY":
            yield f"{name}: logs go elsewhere than to Cloud Logging"
        if not re.fullmatch(r"[1-9]\d*s", build.get("timeout", "")):
            yield f"{name}: no timeout"
        for step in build["steps"]:
            if re.match(r"[^/]*[.:][^/]*/", step["name"]):
                yield f"{name}: the image of {step['id']} names a registry"
            if "waitFor" in step or step.get("allowFailure"):
                yield f"{name}: {step['id']} does not wait for the previous step, or may fail"
    if "terraform apply" in _scripts(builds[PLAN]):
        yield f"{PLAN}: applies without approval"
    applying = [line.strip() for line in _scripts(builds[APPLY]).splitlines() if "terraform apply" in line]
    if applying != ["terraform apply -input=false plan.bin"]:
        yield f"{APPLY}: applies something else than the plan"
    if CHECKSUM not in script(builds[APPLY], "fetch").partition("tar ")[0]:
        yield f"{APPLY}: unpacks without checking the checksum"


def _scripts(build: Build) -> str:
    return "\n".join(step["script"] for step in build["steps"])


def test_the_builds_have_no_fault() -> None:
    assert list(faults({name: load(name) for name in ORDER})) == []


def _step(build: Build, name: str) -> dict[str, Any]:
    step: dict[str, Any] = next(step for step in build["steps"] if step["id"] == name)
    return step


def _swap_test_and_stage(builds: dict[str, Build]) -> None:
    steps = builds[PLAN]["steps"]
    steps[2], steps[3] = steps[3], steps[2]


def _apply_without_approval(builds: dict[str, Build]) -> None:
    _step(builds[PLAN], "plan")["script"] += "\nterraform apply -auto-approve plan.bin"


def _apply_another_plan(builds: dict[str, Build]) -> None:
    step = _step(builds[APPLY], "apply")
    step["script"] = step["script"].replace("plan.bin", "-auto-approve")


def _skip_the_checksum(builds: dict[str, Build]) -> None:
    step = _step(builds[APPLY], "fetch")
    step["script"] = "\n".join(line for line in step["script"].splitlines() if CHECKSUM not in line)


def _continue_after_failed_tests(builds: dict[str, Build]) -> None:
    _step(builds[PLAN], "test")["allowFailure"] = True


def _leave_out_the_smoke_test(builds: dict[str, Build]) -> None:
    builds[APPLY]["steps"].pop()


def _log_to_a_bucket(builds: dict[str, Build]) -> None:
    builds[PLAN]["options"]["logging"] = "LEGACY"


def _name_a_registry(builds: dict[str, Build]) -> None:
    builds[APPLY]["steps"][0]["name"] = "registry.example/google/cloud-sdk:578.0.0"


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (_swap_test_and_stage, "the steps are"),
        (_apply_without_approval, "applies without approval"),
        (_apply_another_plan, "applies something else"),
        (_skip_the_checksum, "unpacks without checking the checksum"),
        (_continue_after_failed_tests, "may fail"),
        (_leave_out_the_smoke_test, "the steps are"),
        (_log_to_a_bucket, "logs go elsewhere"),
        (_name_a_registry, "names a registry"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_faulty_build_is_reported(plant: Any, message: str) -> None:
    builds = {name: deepcopy(load(name)) for name in ORDER}
    plant(builds)

    [fault] = faults(builds)

    assert message in fault


# The steps run locally


class Delivery:
    """A repository, the buckets and the workspaces of its builds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cloud = folder / "cloud"
        (self.cloud / "plans").mkdir(parents=True)
        (self.cloud / "state").mkdir()
        (self.cloud / "state" / "terraform.tfvars").touch()
        programs = folder / "bin"
        programs.mkdir()
        (programs / "gcloud").write_text(GCLOUD)
        (programs / "gcloud").chmod(0o755)
        self.path = f"{programs}:{os.environ['PATH']}"

    def checkout(self, name: str, functions: str) -> Path:
        """The workspace of a new build, with its sources."""
        workspace = self.folder / name
        (workspace / "infra").mkdir(parents=True)
        (workspace / "build" / "archives").mkdir(parents=True)
        (workspace / "infra" / "main.tf").write_text(CONFIGURATION)
        (workspace / "infra" / ".terraform.lock.hcl").write_text("# It needs no provider.\n")
        (workspace / "infra" / "functions.txt").write_text(functions)
        for file in ("firestore.rules", "requirements-dev.txt"):
            (workspace / file).touch()
        (workspace / "shared").mkdir()
        return workspace

    def run(self, name: str, step: str, workspace: Path, **substitutions: str) -> subprocess.CompletedProcess[str]:
        """Run one step. The backend gets a path, because the state is a local file."""
        commands = script(load(name), step).replace("bucket=$_STATE_BUCKET", f"path={self.cloud}/state/default.tfstate")
        variables = {
            "_STATE_BUCKET": "state",
            "_PLANS_BUCKET": "plans",
            "_APPLY_TOPIC": "projects/p/topics/delivery-apply",
            "LOCATION": "asia-east1",
            "COMMIT_SHA": workspace.name,
            "BUILD_ID": f"{workspace.name}-build",
            **substitutions,
        }
        environment = {"PATH": self.path, "HOME": str(self.folder), "CLOUD": str(self.cloud), **variables}
        return subprocess.run(
            ["bash", "-c", commands],
            cwd=workspace,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def plan(self, name: str, functions: str) -> dict[str, str]:
        """The build of a push. Returns the substitutions that it passes to the build that applies."""
        workspace = self.checkout(name, functions)
        for step in ("plan", "ask"):
            completed = self.run(PLAN, step, workspace)
            assert completed.returncode == 0, completed.stderr
        request = self.cloud / "asked"
        if not request.exists():
            return {}
        arguments = request.read_text().splitlines()
        request.unlink()
        assert arguments[:4] == ["pubsub", "topics", "publish", "projects/p/topics/delivery-apply"]
        attributes = dict(pair.split("=", 1) for pair in arguments[-1].removeprefix("--attribute=").split(","))
        return {name: attributes[attribute] for name, attribute in from_message().items()}

    def apply(self, name: str, approved: Mapping[str, str]) -> list[subprocess.CompletedProcess[str]]:
        """The steps of the build that applies, up to the first failed one."""
        workspace = self.checkout(f"{name}-apply", "what main has by now")
        completed = []
        for step in ("fetch", "apply"):
            completed.append(self.run(APPLY, step, workspace, **approved))
            if completed[-1].returncode:
                break
        return completed

    def deployed(self) -> str:
        state = json.loads((self.cloud / "state" / "default.tfstate").read_text())
        [resource] = state["resources"]
        return str(resource["instances"][0]["attributes"]["input"]["value"])


@pytest.fixture
def delivery(tmp_path: Path, installed: None) -> Delivery:
    return Delivery(tmp_path)


def test_an_approved_plan_is_applied(delivery: Delivery) -> None:
    approved = delivery.plan("first", "a")

    assert [step.returncode for step in delivery.apply("first", approved)] == [0, 0]
    assert delivery.deployed() == "a"
    applied = delivery.folder / "first-apply" / "infra" / "api_url"
    assert applied.read_text() == "https://api.example.org/api/v1"


def test_a_plan_without_changes_asks_for_no_approval(delivery: Delivery) -> None:
    delivery.apply("first", delivery.plan("first", "a"))

    assert delivery.plan("second", "a") == {}


def test_a_stale_plan_is_not_applied(delivery: Delivery) -> None:
    delivery.apply("first", delivery.plan("first", "a"))
    slow, fast = delivery.plan("slow", "b"), delivery.plan("fast", "c")
    assert [step.returncode for step in delivery.apply("fast", fast)] == [0, 0]

    fetched, applied = delivery.apply("slow", slow)

    assert (fetched.returncode, applied.returncode) == (0, 1)
    assert "Saved plan is stale" in applied.stderr
    assert delivery.deployed() == "c"


def test_a_modified_plan_is_not_applied(delivery: Delivery) -> None:
    approved = delivery.plan("first", "a")
    stored = delivery.cloud / "plans" / f"{approved['_PLAN']}.tar.gz"
    stored.write_bytes(stored.read_bytes() + b"more")

    [fetched] = delivery.apply("first", approved)

    assert fetched.returncode != 0
    assert "did NOT match" in fetched.stderr


def test_a_plan_is_not_applied_for_another_commit(delivery: Delivery) -> None:
    approved = delivery.plan("first", "a")

    [fetched] = delivery.apply("first", {**approved, "_COMMIT": "another"})

    assert fetched.returncode != 0


# Accounts and triggers


def test_the_triggers_set_every_substitution_of_their_builds(terraform: Terraform) -> None:
    changes = terraform.workspace().plan(DELIVERED)["resource_changes"]
    triggers = {
        change["name"]: change["change"]["after"] for change in changes if change["type"] == "google_cloudbuild_trigger"
    }
    published = re.findall(r"[\",](\w+)=\$", script(load(PLAN), "ask").partition("--attribute=")[2])

    assert triggers["plan"]["substitutions"].keys() == load(PLAN)["substitutions"].keys()
    assert triggers["apply"]["substitutions"].keys() == load(APPLY)["substitutions"].keys()
    assert sorted(from_message().values()) == sorted(published)


UNSAFE = {
    "A plan is applied without approval": ("approval_required = true", "approval_required = false"),
    "may do more to ask for approval": ('"roles/pubsub.publisher"', '"roles/pubsub.editor"'),
    "does not get the plan of the message": ("attributes.digest)", "attributes.checksum)"),
    "does not start the trigger that applies it": (
        "_APPLY_TOPIC  = google_pubsub_topic.apply[0].id",
        '_APPLY_TOPIC  = "t"',
    ),
    "The planning account may act as another": (
        "{ role = google_project_iam_custom_role.plan[0].id,",
        '{ role = "roles/iam.serviceAccountUser",',
    ),
    "The planning account may change something": ('"roles/run.viewer",', '"roles/run.developer",'),
    "A delivery account may read data": ('"roles/eventarc.viewer",', '"roles/viewer",'),
    "The role for planning may change something": ('"storage.buckets.get",', '"storage.buckets.delete",'),
    "or a plan that waits for approval": ('"roles/storage.objectCreator"', '"roles/storage.objectAdmin"'),
    "Plans could be made public": ('prevention    = "enforced"', 'prevention    = "inherited"'),
    "A trigger is not in the location of its": ("= local.delivery_location", "= var.region"),
    "Other branches than main are planned": ('branch = "^main$"', 'branch = ".*"'),
}
"""By the error message of Terraform's own tests: the correct text, and the planted fault."""


def test_every_planted_fault_is_reported(terraform: Terraform) -> None:
    # All faults in one run, because each run plans everything; no two break the same assertion.
    workspace = terraform.workspace()
    file = workspace.folder / "delivery.tf"
    content = file.read_text()
    for right, wrong in UNSAFE.values():
        assert right in content
        content = content.replace(right, wrong)
    file.write_text(content)

    with pytest.raises(TerraformError) as refused:
        workspace.test("tests/delivery.tftest.hcl")

    output = " ".join(str(refused.value).split())
    assert [message for message in UNSAFE if message not in output] == []
