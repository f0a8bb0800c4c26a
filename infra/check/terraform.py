"""Terraform with the offline providers, on copies of infra/ in which a test may plant faults.

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

from infra.offline import OfflineProviders

ROOT = Path(__file__).resolve().parent.parent.parent
INFRA = ROOT / "infra"
OFFLINE: Mapping[str, Any] = {
    "project": "synapse-offline",
    "region": "asia-south1",
    "environment": "staging",
    "domain": "api.example.org",
    "alert_email": "oncall@example.org",
    "cors_origins": ["https://app.example.org"],
}
"""The variables of a deployment that is only planned."""

_OLDEST = (1, 9)
_WITHIN = 300
"""Seconds that a Terraform command may take; each takes a few."""
_LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'
_NOT_COPIED = shutil.ignore_patterns("check", "__pycache__", ".terraform*", "*.tfstate*", "*.tfvars")


class TerraformError(Exception):
    """Terraform is missing or too old, or refused; `faults` are what it said, each once."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n\n".join(faults))
        self.faults = list(faults)


class Terraform:
    """Terraform and the offline providers, as a context manager: on the way out no server and no file is left.

    It starts once and serves any number of workspaces.
    """

    def __init__(self, infra: Path = INFRA) -> None:
        """`infra` is the folder that is copied; everything beside it is linked, not copied."""
        self._infra = infra
        self._exit = ExitStack()

    def __enter__(self) -> Terraform:
        """Raises TerraformError when there is no usable Terraform, or when it cannot prepare the folder."""
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
        """Raises TerraformError with what `terraform fmt` would change."""
        self._run(self._infra, "fmt", "-check", "-diff", "-recursive")

    def workspace(self) -> Workspace:
        """A copy of the folder, ready to be changed, validated, tested and planned."""
        folder = self._copy(Path(tempfile.mkdtemp(dir=self._folder)).name)
        shutil.copytree(self._prepared / ".terraform", folder / ".terraform")
        return Workspace(folder, self)

    def _copy(self, name: str) -> Path:
        """A copy beside links to all that the configuration may refer to: archives, firestore.rules …"""
        parent = self._folder / name
        parent.mkdir(exist_ok=True)
        for beside in self._infra.parent.iterdir():
            if beside != self._infra and not beside.name.startswith("."):
                (parent / beside.name).symlink_to(beside)
        folder = parent / "infra"
        shutil.copytree(self._infra, folder, ignore=_NOT_COPIED)
        (folder / "backend_override.tf").write_text(_LOCAL_STATE)
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
                timeout=_WITHIN,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TerraformError(f"terraform {command} took longer than {_WITHIN} seconds") from error
        if done.returncode:
            raise TerraformError(*_faults(done.stderr or done.stdout))
        return done.stdout


class Workspace:
    """A copy of infra/, in `folder`. Every method raises TerraformError with Terraform's own words."""

    def __init__(self, folder: Path, terraform: Terraform) -> None:
        """Made by `Terraform.workspace`."""
        self.folder = folder
        self._terraform = terraform

    def validate(self) -> None:
        """Whether it fits together, and fits the providers' schemas."""
        self._terraform._run(self.folder, "validate")

    def test(self, *files: str) -> None:
        """Run the assertions of tests/*.tftest.hcl, or of some of these files."""
        self._terraform._run(self.folder, "test", *(f"-filter={file}" for file in files))

    def plan(self, variables: Mapping[str, Any] = OFFLINE, *, concrete: bool = True) -> dict[str, Any]:
        """The plan for an empty project, in the form of `terraform show -json`.

        Without `concrete` nothing that a provider computes is known yet: so a plan that needs it fails here as it
        would in a real project.
        """
        (self.folder / "offline.tfvars.json").write_text(json.dumps(dict(variables)))
        options = ("-refresh=false", "-lock=false", "-var-file=offline.tfvars.json", "-out=offline.plan")
        self._terraform._run(self.folder, "plan", *options, concrete=concrete)
        plan: dict[str, Any] = json.loads(self._terraform._run(self.folder, "show", "-json", "offline.plan"))
        return plan


def _program() -> str:
    program = shutil.which("terraform")
    how = "install it (developer.hashicorp.com/terraform/install) and try again"
    wanted = ".".join(map(str, _OLDEST))
    if program is None:
        raise TerraformError(f"There is no terraform on the PATH: version {wanted} or newer is needed, {how}.")
    said = subprocess.run([program, "version", "-json"], capture_output=True, text=True, check=True).stdout
    version = json.loads(said)["terraform_version"]
    if tuple(map(int, version.split(".")[:2])) < _OLDEST:
        raise TerraformError(f"{program} is version {version}: {wanted} or newer is needed, {how}.")
    return program


def _faults(said: str) -> list[str]:
    """The errors that Terraform told, without their frames; one that it met in several tests is told once."""
    plain = re.sub(r"^[╷│╵] ?", "", said, flags=re.M)
    return list(dict.fromkeys(fault.strip() for fault in re.split(r"^(?=Error: )", plain, flags=re.M) if fault.strip()))
