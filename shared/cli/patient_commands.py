"""The commands about the patients of a clinic."""

from __future__ import annotations

import argparse
from typing import Any

from shared.cli.usage import clinic_id
from shared.workflows.clinic import indexing, retention


def add(commands: Any) -> None:
    """Add the commands to the command line."""
    command = commands.add_parser("index-patients", help="compute the search tokens of a clinic's patients again")
    command.add_argument("clinic", help="id of the clinic")
    command.set_defaults(run=index)
    command = commands.add_parser("retention", help="list the patients whose records need not be kept any longer")
    command.add_argument("clinic", help="id of the clinic")
    command.set_defaults(run=list_over)


def index(options: argparse.Namespace) -> None:
    """Compute the search tokens of all patients again, and print how many there are."""
    print(f"indexed again in {options.clinic}: {indexing.index_again(clinic_id(options.clinic))} patients")


def list_over(options: argparse.Namespace) -> None:
    """Print the ids of the patients whose period of retention is over, and of those of whom that is not known."""
    found = retention.examine(clinic_id(options.clinic))
    print(f"compared in {options.clinic}: {found.patients} patients; the period of {len(found.over)} is over")
    for id, until in sorted(found.over.items(), key=lambda one: (one[1], one[0])):
        print(f"{id}: {until}")
    for id in sorted(found.unknown):
        print(f"{id}: not known, without a date of birth")
