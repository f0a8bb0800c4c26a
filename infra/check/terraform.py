"""Terraform with the offline providers, on copies of infra/ that a test may change.

```python
with Terraform() as terraform:
    plan = terraform.workspace().plan()
```
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from infra.offline import OfflineProviders, state_after

ROOT = Path(__file__).resolve().parent.parent.parent
INFRA = ROOT / "infra"
OFFLINE: Mapping[str, Any] = {
    "project": "synapse-offline",
    "region": "asia-south1",
    "builds_in_region": True,
    "environment": "staging",
    "domain": "api.example.org",
    "alert_email": "oncall@example.org",
    "speech_languages": ["en-IN"],
    "cors_origins": ["https://app.example.org"],
    "grant_wait_seconds": 0,
}
"""The variables of the deployment that the checks plan."""

_MINIMUM_VERSION = (1, 9)
_VARIABLES = "-var-file=offline.tfvars.json"
_TIMEOUT = 300
"""Seconds for one Terraform command; each takes a few."""
_BACKEND = "backend_override.tf"
_LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'
_NOT_COPIED = shutil.ignore_patterns("check", "__pycache__", ".terraform*", "*.tfstate*", "*.tfvars")


class TerraformError(Exception):
    """Terraform is missing, too old, or failed; `faults` are its error messages without duplicates."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n\n".join(faults))
        self.faults = list(faults)


class Terraform:
    """Terraform and the offline providers, as a context manager that stops all servers and deletes all files on exit.

    One instance serves any number of workspaces.
    """

    def __init__(self, infra: Path = INFRA) -> None:
        """`infra` is the folder to copy; its siblings are linked."""
        self._infra = infra
        self._exit = ExitStack()

    def __enter__(self) -> Terraform:
        """Raises TerraformError if there is no usable Terraform, or if `terraform init` fails."""
        self._program = _program()
        with ExitStack() as starting:
            self._providers = starting.enter_context(OfflineProviders())
            self._folder = Path(starting.enter_context(tempfile.TemporaryDirectory(prefix="infra-")))
            self._prepared = self._copy("prepared")
            self._run(self._prepared, "init")
            self._exit = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def check_format(self) -> None:
        """Raises TerraformError with the changes that `terraform fmt` would make."""
        self._run(self._infra, "fmt", "-check", "-diff", "-recursive")

    def workspace(self) -> Workspace:
        """A copy of the folder that can be changed, validated, tested and planned."""
        folder = self._copy(Path(tempfile.mkdtemp(dir=self._folder)).name)
        shutil.copytree(self._prepared / ".terraform", folder / ".terraform")
        return Workspace(folder, self)

    def _copy(self, name: str) -> Path:
        """A copy beside links to the files that the configuration refers to, such as firestore.rules.

        Each archive is one line instead: every plan hashes all of them, which are 250 MB.
        """
        parent = self._folder / name
        archives = parent / "build" / "archives"
        archives.mkdir(parents=True)
        for archive in (self._infra.parent / "build" / "archives").glob("*.zip"):
            (archives / archive.name).write_text(archive.name)
        for sibling in self._infra.parent.iterdir():
            if sibling not in (self._infra, self._infra.parent / "build") and not sibling.name.startswith("."):
                (parent / sibling.name).symlink_to(sibling)
        folder = parent / "infra"
        shutil.copytree(self._infra, folder, ignore=_NOT_COPIED)
        (folder / _BACKEND).write_text(_LOCAL_STATE)
        return folder

    def _run(self, folder: Path, *arguments: str, concrete: bool = True) -> str:
        command, *options = arguments
        environment = self._providers.environment(concrete=concrete)
        try:
            done = subprocess.run(
                [self._program, command, "-no-color", *options],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TerraformError(f"terraform {command} took longer than {_TIMEOUT} seconds") from error
        if done.returncode:
            raise TerraformError(*_faults(done.stderr or done.stdout))
        return done.stdout


class Workspace:
    """A copy of infra/, in `folder`. Every method raises TerraformError with Terraform's messages."""

    def __init__(self, folder: Path, terraform: Terraform) -> None:
        """Created by `Terraform.workspace`."""
        self.folder = folder
        self._terraform = terraform

    def validate(self) -> None:
        """Check that the configuration is consistent and matches the providers' schemas."""
        self._terraform._run(self.folder, "validate")

    def test(self, *files: str) -> None:
        """Run the assertions of tests/*.tftest.hcl, or of these files only."""
        self._terraform._run(self.folder, "test", *(f"-filter={file}" for file in files))

    def keep_state_at(self, url: str) -> None:
        """Keep the state behind this URL (Terraform's backend `http`) instead of in the workspace."""
        backend = f'terraform {{\n  backend "http" {{\n    address = "{url}"\n  }}\n}}\n'
        (self.folder / _BACKEND).write_text(backend)
        self._terraform._run(self.folder, "init", "-reconfigure")

    def apply(self, variables: Mapping[str, Any] = OFFLINE) -> None:
        """Apply to the state of the workspace; nothing else exists."""
        self._set(variables)
        self._terraform._run(self.folder, "apply", "-auto-approve", "-lock=false", "-parallelism=50", _VARIABLES)

    def take_as_applied(self, plan: Mapping[str, Any]) -> None:
        """Write the state that applying this plan leaves, without waits: an apply would write it hundreds of times."""
        (self.folder / "terraform.tfstate").write_text(json.dumps(state_after(plan)))

    def changes(self, variables: Mapping[str, Any] = OFFLINE) -> list[str]:
        """The changes that a plan shows after an apply, each with the arguments that differ."""
        self._set(variables)
        options = ("-lock=false", _VARIABLES, "-out=offline.plan")
        self._terraform._run(self.folder, "plan", *options)
        plan = json.loads(self._terraform._run(self.folder, "show", "-json", "offline.plan"))
        changed = [change for change in plan["resource_changes"] if change["change"]["actions"] != ["no-op"]]
        return [_described(change) for change in changed if change["type"] != "terraform_data"]

    def plan(self, variables: Mapping[str, Any] = OFFLINE, *, concrete: bool = True) -> dict[str, Any]:
        """The plan for an empty project, in the format of `terraform show -json`.

        Without `concrete` every computed attribute is unknown, so a plan that depends on one fails as it would in a
        real project.
        """
        self._set(variables)
        options = ("-refresh=false", "-lock=false", _VARIABLES, "-out=offline.plan")
        self._terraform._run(self.folder, "plan", *options, concrete=concrete)
        plan: dict[str, Any] = json.loads(self._terraform._run(self.folder, "show", "-json", "offline.plan"))
        return plan

    def _set(self, variables: Mapping[str, Any]) -> None:
        (self.folder / "offline.tfvars.json").write_text(json.dumps(dict(variables)))


def _described(change: Mapping[str, Any]) -> str:
    before, after = change["change"]["before"] or {}, change["change"]["after"] or {}
    differing = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return f"change after an apply: {change['address']}: {', '.join(differing)}"


def _program() -> str:
    program = shutil.which("terraform")
    how = "install it (developer.hashicorp.com/terraform/install) and try again"
    minimum = ".".join(map(str, _MINIMUM_VERSION))
    if program is None:
        raise TerraformError(f"There is no terraform on the PATH: version {minimum} or newer is needed, {how}.")
    output = subprocess.run([program, "version", "-json"], capture_output=True, text=True, check=True).stdout
    version = json.loads(output)["terraform_version"]
    if tuple(map(int, version.split(".")[:2])) < _MINIMUM_VERSION:
        raise TerraformError(f"{program} is version {version}: {minimum} or newer is needed, {how}.")
    return program


def _faults(output: str) -> list[str]:
    """The error messages of Terraform without their frames; one that occurs in several tests is returned once."""
    plain = re.sub(r"^[╷│╵] ?", "", output, flags=re.M)
    return list(dict.fromkeys(fault.strip() for fault in re.split(r"^(?=Error: )", plain, flags=re.M) if fault.strip()))
