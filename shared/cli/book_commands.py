"""The commands about the books of a clinic."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from shared.cli.usage import UsageError, clinic_id
from shared.records.billing.books import BookFault
from shared.workflows.billing import books
from shared.workflows.billing.books import Verified


def add(commands: Any) -> None:
    """Add the commands to the command line."""
    command = commands.add_parser("verify-books", help="rebuild every balance of a clinic from its ledger")
    command.add_argument("clinic", help="id of the clinic")
    command.set_defaults(run=verify)
    command = commands.add_parser("rebuild-books", help="write the sums of a clinic's books again where they are wrong")
    command.add_argument("clinic", help="id of the clinic")
    command.set_defaults(run=rebuild)


def verify(options: argparse.Namespace) -> None:
    """Verify the books and print what was compared. Raises UsageError, naming each fault, if the books are wrong."""
    seen = books.verify(clinic_id(options.clinic))
    faults = [*seen.faults, *seen.sums.faults]
    if faults:
        raise UsageError("\n".join([_compared(options.clinic, seen), *_lines(faults)]))
    print(f"{_compared(options.clinic, seen)}. The books are right.")


def rebuild(options: argparse.Namespace) -> None:
    """Write the sums of the books again where they are wrong. Raises UsageError, naming each fault, if a ledger is
    wrong: the sums of its shard stay as they are."""
    seen = books.verify(clinic_id(options.clinic), "rebuild-books", rebuild=True)
    if seen.faults:
        raise UsageError("\n".join([_compared(options.clinic, seen), *_lines([*seen.faults, *seen.sums.faults])]))
    rebuilt = f"{_compared(options.clinic, seen)}. Rebuilt: {len(seen.sums.faults)}"
    print("\n".join([rebuilt, *_lines(seen.sums.faults)]))


def _compared(clinic: str, seen: Verified) -> str:
    compared = f"compared in {clinic}: {seen.bills} bills, {seen.entries} entries"
    changed = seen.sums.changed
    return f"{compared}; {changed} sums changed meanwhile: run it again to compare them" if changed else compared


def _lines(faults: Iterable[BookFault]) -> Iterable[str]:
    return (f"{fault.id}: {fault.detail}" for fault in faults)
