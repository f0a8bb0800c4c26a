"""What is compared: the plan, the catalogue, and the code, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from infra import catalogue as catalogue_file
from infra.catalogue import ROOT, Catalogue
from infra.check.plan import Plan, Resource
from infra.check.reachability import Program, Reach

FUNCTION = "google_cloudfunctions2_function"


@dataclass(frozen=True)
class Deployment:
    """A plan, and what it must agree with."""

    plan: Plan
    catalogue: Catalogue
    program: Program
    terraform: str
    """The source of all Terraform files, for what a plan does not tell."""

    @cached_property
    def reaches(self) -> Mapping[str, Reach]:
        """What each function of the catalogue reaches; one without code, nothing. Raises Unclear."""
        mains = {name: self.program.root / "functions" / name / "main.py" for name in self.catalogue.functions}
        return {name: self.program.reach(main) if main.exists() else Reach() for name, main in mains.items()}

    @cached_property
    def deployed(self) -> Mapping[str, Resource]:
        """The planned functions, by their names in the catalogue."""
        planned = self.plan.named(FUNCTION)
        functions = self.catalogue.functions.values()
        return {function.name: planned[function.service] for function in functions if function.service in planned}

    def environment(self, function: str) -> Mapping[str, str]:
        """The variables that a function gets, without its secrets."""
        return dict(self.deployed[function].get("service_config", "environment_variables") or {})

    def value(self, variable: str) -> str:
        """The value of a variable, wherever it is set; empty when it is nowhere."""
        return next((env[variable] for name in self.deployed if variable in (env := self.environment(name))), "")

    def account(self, function: str) -> str:
        """The e-mail address of the account that a function runs as."""
        return self.deployed[function].text("service_config", "service_account_email")


def deployment(infra: Path, plan: Mapping[str, Any]) -> Deployment:
    """The code of this repository beside the plan of a folder of Terraform files and its catalogue."""
    terraform = "\n".join(file.read_text(encoding="utf-8") for file in sorted(infra.glob("*.tf")))
    return Deployment(Plan(plan), catalogue_file.load(infra / "functions.yaml"), _program(), terraform)


@cache
def _program() -> Program:
    return Program(ROOT)
