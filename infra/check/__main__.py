"""`python -m infra.check`: all checks of the deployment that need no cloud and no network.

Prints each step with its time and its faults. The exit code is 1 if there is any fault.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from infra import catalogue, staging
from infra.check import rules
from infra.check.deployment import deployment
from infra.check.terraform import INFRA, ROOT, Terraform, TerraformError
from infra.offline import missing_types

_LINTERS = ROOT / ".venv-infra" / "bin"
_BUILD = ROOT / "build"
_CHECKOV = ("--framework", "terraform", "--skip-download", "--compact", "--quiet")
_WORKERS = os.cpu_count() or 1
_console = Console(highlight=False, markup=False, soft_wrap=True)


@dataclass(frozen=True)
class Step:
    """One check. `run` returns its faults or raises TerraformError with them."""

    name: str
    run: Callable[[], list[str]]
    after: str = ""
    """The step that this one depends on; this one is skipped unless that one succeeds."""


@dataclass(frozen=True)
class Result:
    """The result of a step; `faults` is None if it was skipped."""

    faults: list[str] | None
    seconds: float = 0


class Checks:
    """The steps and the state that they share. `stack` closes what they open."""

    def __init__(self, stack: ExitStack) -> None:
        """Opens nothing; the steps do."""
        self._stack = stack
        self.steps = (
            Step("stage the functions", self._stage),
            Step("provider schemas", missing_types),
            Step("terraform init", self._init, after="stage the functions"),
            Step("terraform fmt", self._format, after="terraform init"),
            Step("terraform validate", self._validate, after="terraform init"),
            *(Step(f"terraform test {file.name}", self._test(file), after="terraform validate") for file in _tests()),
            Step("terraform plan, nothing known before apply", self._plan_unknown, after="terraform validate"),
            Step("terraform plan", self._plan_known, after="terraform validate"),
            Step("the plan agrees with the code", self._rules, after="terraform plan"),
            Step("a second plan shows no change", self._converges, after="terraform plan"),
            Step("checkov", lambda: checkov(INFRA)),
            Step("cloudbuild.yaml", lambda: cloudbuild(sorted(ROOT.glob("cloudbuild*.yaml")))),
            Step("firestore.rules", lambda: _command("make", "--no-print-directory", "lint-rules")),
        )

    def _stage(self) -> list[str]:
        """The plan contains a digest of each archive."""
        staging.archive_all(staging.stage_all(catalogue.load(), _BUILD), _BUILD / "archives")
        return []

    def _init(self) -> list[str]:
        self._terraform = self._stack.enter_context(Terraform())
        return []

    def _format(self) -> list[str]:
        self._terraform.check_format()
        return []

    def _validate(self) -> list[str]:
        self._terraform.workspace().validate()
        return []

    def _test(self, file: Path) -> Callable[[], list[str]]:
        def test() -> list[str]:
            self._terraform.workspace().test(str(file.relative_to(INFRA)))
            return []

        return test

    def _plan_unknown(self) -> list[str]:
        """No count, for_each or name depends on a value that is known only after apply."""
        self._terraform.workspace().plan(concrete=False)
        return []

    def _plan_known(self) -> list[str]:
        self._plan = self._terraform.workspace().plan()
        return []

    def _converges(self) -> list[str]:
        """A change in every plan would ask for an approval with each push."""
        workspace = self._terraform.workspace()
        workspace.take_as_applied(self._plan)
        return workspace.changes()

    def _rules(self) -> list[str]:
        return rules.faults(deployment(INFRA, self._plan))


def checkov(folder: Path) -> list[str]:
    """The findings of checkov in a folder of Terraform files. Exceptions are comments beside the resources."""
    return _command(str(_LINTERS / "checkov"), "-d", str(folder), *_CHECKOV)


def cloudbuild(files: Sequence[Path]) -> list[str]:
    """Violations of the published schema of Cloud Build in these files."""
    command = (str(_LINTERS / "check-jsonschema"), "--builtin-schema", "vendor.cloudbuild")
    return _command(*command, *map(str, files))


def _tests() -> list[Path]:
    """The test files, longest first, so that no core is left with a long one at the end."""
    return sorted(INFRA.glob("tests/*.tftest.hcl"), key=lambda file: file.read_text().count('\nrun "'), reverse=True)


def _command(*command: str) -> list[str]:
    completed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return [(completed.stdout + completed.stderr).strip()] if completed.returncode else []


def _run(step: Step, started: Mapping[str, Future[Result]]) -> Result:
    if step.after and started[step.after].result().faults != []:
        return Result(faults=None)
    start = time.perf_counter()
    try:
        faults = step.run()
    except TerraformError as error:
        faults = error.faults
    except (OSError, ValueError) as error:  # a missing folder or tool, an invalid catalogue
        faults = [str(error)]
    return Result(faults, time.perf_counter() - start)


def _print(step: Step, result: Result) -> None:
    if result.faults is None:
        _console.print(f"- {step.name}: not run, because of: {step.after}", style="yellow")
    elif result.faults:
        _console.print(f"✗ {step.name}: {result.seconds:.1f} s", style="red")
        for fault in result.faults:
            _console.print(fault)
    else:
        _console.print(f"✓ {step.name}: {result.seconds:.1f} s")


def check(steps: Sequence[Step]) -> int:
    """Run the steps, as many in parallel as there are cores, and print each result. Returns the exit code."""
    start = time.perf_counter()
    started: dict[str, Future[Result]] = {}
    pool = ThreadPoolExecutor(_WORKERS)
    try:
        for step in steps:  # each step follows its dependency, so a worker only waits for steps that have started
            started[step.name] = pool.submit(_run, step, started)
        for step in steps:
            _print(step, started[step.name].result())
    finally:
        pool.shutdown(cancel_futures=True)
    seconds = time.perf_counter() - start
    if count := sum(len(result.result().faults or []) for result in started.values()):
        _console.print(f"{count} {'fault' if count == 1 else 'faults'}, {seconds:.0f} s", style="red")
        return 1
    _console.print(f"The deployment holds together, {seconds:.0f} s", style="green")
    return 0


def main() -> int:
    """Run every step. Returns the exit code."""
    with ExitStack() as stack:
        return check(Checks(stack).steps)


if __name__ == "__main__":
    sys.exit(main())
