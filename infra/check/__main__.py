"""`python -m infra.check`: everything about the deployment that can be checked with no cloud and no network.

Each step is named with its time, each fault is told, and any fault is exit code 1.
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
_AT_ONCE = os.cpu_count() or 1
_console = Console(highlight=False, markup=False, soft_wrap=True)


@dataclass(frozen=True)
class Step:
    """One check: `run` returns its faults, or raises TerraformError with them."""

    name: str
    run: Callable[[], list[str]]
    after: str = ""
    """The step that it needs; without its success this one is not run."""


@dataclass(frozen=True)
class Result:
    """What came of a step; `faults` is None when it was not run."""

    faults: list[str] | None
    seconds: float = 0


class Checks:
    """The steps and what they hand on. `stack` ends what they start."""

    def __init__(self, stack: ExitStack) -> None:
        """Nothing starts before the first step."""
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
            Step("checkov", lambda: checkov(INFRA)),
            Step("cloudbuild.yaml", lambda: cloudbuild(sorted(ROOT.glob("cloudbuild*.yaml")))),
            Step("firestore.rules", lambda: _command("make", "--no-print-directory", "lint-rules")),
        )

    def _stage(self) -> list[str]:
        """The plan holds a digest of each archive."""
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
        """What is known only after apply decides neither how many of a resource there are, nor their names."""
        self._terraform.workspace().plan(concrete=False)
        return []

    def _plan_known(self) -> list[str]:
        self._plan = self._terraform.workspace().plan()
        return []

    def _rules(self) -> list[str]:
        return rules.faults(deployment(INFRA, self._plan))


def checkov(folder: Path) -> list[str]:
    """What checkov finds in a folder of Terraform files. Exceptions stand, explained, beside what they are for."""
    return _command(str(_LINTERS / "checkov"), "-d", str(folder), *_CHECKOV)


def cloudbuild(files: Sequence[Path]) -> list[str]:
    """Where files differ from the published schema of Cloud Build's."""
    command = (str(_LINTERS / "check-jsonschema"), "--builtin-schema", "vendor.cloudbuild")
    return _command(*command, *map(str, files))


def _tests() -> list[Path]:
    """The files of tests, those with the most to do first: so no core is left with one of them in the end."""
    return sorted(INFRA.glob("tests/*.tftest.hcl"), key=lambda file: file.read_text().count('\nrun "'), reverse=True)


def _command(*command: str) -> list[str]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return [(done.stdout + done.stderr).strip()] if done.returncode else []


def _run(step: Step, begun: Mapping[str, Future[Result]]) -> Result:
    if step.after and begun[step.after].result().faults != []:
        return Result(faults=None)
    began = time.perf_counter()
    try:
        faults = step.run()
    except TerraformError as error:
        faults = error.faults
    except (OSError, ValueError) as error:  # a folder or a tool that is not there, a catalogue that is not one
        faults = [str(error)]
    return Result(faults, time.perf_counter() - began)


def _tell(step: Step, result: Result) -> None:
    if result.faults is None:
        _console.print(f"- {step.name}: not run, because of: {step.after}", style="yellow")
    elif result.faults:
        _console.print(f"✗ {step.name}: {result.seconds:.1f} s", style="red")
        for fault in result.faults:
            _console.print(fault)
    else:
        _console.print(f"✓ {step.name}: {result.seconds:.1f} s")


def check(steps: Sequence[Step]) -> int:
    """Run the steps, as many at once as there are cores, and tell of each; returns the exit code."""
    began = time.perf_counter()
    begun: dict[str, Future[Result]] = {}
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        for step in steps:  # a step comes after what it needs, so what a worker waits for has begun
            begun[step.name] = pool.submit(_run, step, begun)
        for step in steps:
            _tell(step, begun[step.name].result())
    finally:
        pool.shutdown(cancel_futures=True)
    seconds = time.perf_counter() - began
    if count := sum(len(result.result().faults or []) for result in begun.values()):
        _console.print(f"{count} {'fault' if count == 1 else 'faults'}, {seconds:.0f} s", style="red")
        return 1
    _console.print(f"The deployment holds together, {seconds:.0f} s", style="green")
    return 0


def main() -> int:
    """Run every step; returns the exit code."""
    with ExitStack() as stack:
        return check(Checks(stack).steps)


if __name__ == "__main__":
    sys.exit(main())
