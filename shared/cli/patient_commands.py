"""The commands about the patients of a clinic."""

from __future__ import annotations

import argparse
from typing import Any

from shared.cli.usage import clinic_id
from shared.workflows.clinic import indexing


def add(commands: Any) -> None:
    """Add the commands to the command line."""
    command = commands.add_parser("index-patients", help="compute the search tokens of a clinic's patients again")
    command.add_argument("clinic", help="id of the clinic")
    command.set_defaults(run=index)


def index(options: argparse.Namespace) -> None:
    """Compute the search tokens of all patients again, and print how many there are."""
    print(f"indexed again in {options.clinic}: {indexing.index_again(clinic_id(options.clinic))} patients")
