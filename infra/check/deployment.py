"""The inputs of the rules: the plan, the catalogue and the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from infra import catalogue as catalogue_file
from infra.catalogue import ROOT, Catalogue
from infra.check.plan import Plan, Resource
from infra.check.reachability import Program, Reachable

FUNCTION = "google_cloudfunctions2_function"


@dataclass(frozen=True)
class Deployment:
    """A plan, and the catalogue and code that it must match."""

    plan: Plan
    catalogue: Catalogue
    program: Program
    terraform: str
    """The source of all Terraform files, for settings that a plan does not contain."""

    @cached_property
    def reachable(self) -> Mapping[str, Reachable]:
        """The reachable code of each function of the catalogue; empty for one without code. Raises Unresolved."""
        mains = {name: self.program.root / "functions" / name / "main.py" for name in self.catalogue.functions}
        return {name: self.program.reach(main) if main.exists() else Reachable() for name, main in mains.items()}

    @cached_property
    def deployed(self) -> Mapping[str, Resource]:
        """The planned functions, by name in the catalogue."""
        planned = self.plan.named(FUNCTION)
        functions = self.catalogue.functions.values()
        return {function.name: planned[function.service] for function in functions if function.service in planned}

    def environment(self, function: str) -> Mapping[str, str]:
        """The environment variables of a function, without its secrets."""
        return dict(self.deployed[function].get("service_config", "environment_variables") or {})

    def value(self, variable: str) -> str:
        """The value of a variable in any function that has it; empty if none has."""
        return next((env[variable] for name in self.deployed if variable in (env := self.environment(name))), "")

    def account(self, function: str) -> str:
        """The e-mail address of the service account of a function."""
        return self.deployed[function].text("service_config", "service_account_email")


def deployment(infra: Path, plan: Mapping[str, Any]) -> Deployment:
    """The code of this repository, with the plan and the catalogue of a folder of Terraform files."""
    terraform = "\n".join(file.read_text(encoding="utf-8") for file in sorted(infra.glob("*.tf")))
    return Deployment(Plan(plan), catalogue_file.load(infra / "functions.yaml"), _program(), terraform)


@cache
def _program() -> Program:
    return Program(ROOT)
