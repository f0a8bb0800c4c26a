"""The command about the books of a clinic."""

from __future__ import annotations

import argparse
from typing import Any

from shared.cli.usage import UsageError, clinic_id
from shared.workflows.billing import books


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("verify-books", help="rebuild every balance of a clinic from its ledger")
    command.add_argument("clinic", help="id of the clinic")
    command.set_defaults(run=verify)


def verify(options: argparse.Namespace) -> None:
    """Verify the books and print what was compared. Raises UsageError, naming each fault, if the books are wrong."""
    seen = books.verify(clinic_id(options.clinic))
    compared = f"compared in {options.clinic}: {seen.bills} bills, {seen.entries} entries"
    if seen.faults:
        raise UsageError("\n".join([compared, *(f"{fault.id}: {fault.detail}" for fault in seen.faults)]))
    print(f"{compared}. The books are right.")
