"""What the platform's operator does by hand, with their own Google credentials:

    python -m shared.cli open-clinic banyan clinic.json --admin head@clinic.example --doctor head@clinic.example

opens a clinic with its first people and prints, for each, a link to choose a password with. `clinic.json` holds the
clinic's settings. Doing it again opens nothing twice; it makes new links for these people. The clinic's admin invites
all others.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.records.clinic.settings import ClinicSettings
from shared.records.record import SYSTEM, Record, Stamp
from shared.records.types import Email, Role
from shared.workflows.clinic import opening

_CLINIC_ID = re.compile(r"^[a-z0-9]{3,40}$")
_EMAIL = re.compile(typing.get_args(Email)[1].pattern)


class Wrong(Exception):
    """What was asked for cannot be; the argument names every problem."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = parser().parse_args(arguments)
    try:
        staff = staff_of(options)
        links = opening.open_with_staff(_clinic_id(options.clinic), read_settings(options.settings), staff)
    except (Wrong, opening.RefusedError) as refused:
        print(refused, file=sys.stderr)
        return 2
    print(f"clinic {options.clinic} is open")
    for email, link in links.items():
        print(f"{email} ({', '.join(staff[email])}) chooses a password at\n{link}")
    return 0


def staff_of(options: argparse.Namespace) -> dict[str, list[Role]]:
    """The roles of each person, by e-mail address. Raises Wrong."""
    staff: dict[str, list[Role]] = {}
    for role in Role:
        for email in dict.fromkeys(map(str.lower, getattr(options, role.value))):
            staff.setdefault(email, []).append(role)
    wrong = [email for email in staff if not _EMAIL.match(email)]
    if wrong:
        raise Wrong(f"no e-mail addresses: {', '.join(wrong)}")
    if not options.admin:
        raise Wrong("a clinic has an admin: --admin ADDRESS")
    return staff


def read_settings(file: Path) -> Mapping[str, Any]:
    """The settings in a file. Raises Wrong with every field that is missing, unknown or not valid."""
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Wrong(f"{file} cannot be read: {error}") from None
    if not isinstance(given, dict):
        raise Wrong(f"{file} holds no JSON object")
    standing = sorted(given.keys() & Record.model_fields.keys())
    problems = [f"{name}: is not a setting" for name in standing]
    try:
        ClinicSettings.new(
            "clinic", Stamp(SYSTEM, datetime.now(UTC)), **{name: given[name] for name in given if name not in standing}
        )
    except ValidationError as error:
        problems += [f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors()]
    if problems:
        raise Wrong("\n".join([f"{file} is not valid:", *problems]))
    return given


def _clinic_id(wanted: str) -> str:
    if not _CLINIC_ID.match(wanted):
        raise Wrong(f"{wanted} is no clinic id: 3 to 40 lower-case letters and digits")
    return wanted


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m shared.cli", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    opening = commands.add_parser("open-clinic", help="open a clinic with its first people")
    opening.add_argument("clinic", help="its id: 3 to 40 lower-case letters and digits; never changes")
    opening.add_argument("settings", type=Path, help="a JSON file with the clinic's settings")
    for role in Role:
        opening.add_argument(f"--{role.value}", action="append", default=[], metavar="ADDRESS", help=f"a {role.value}")
    return made


if __name__ == "__main__":
    sys.exit(main())
