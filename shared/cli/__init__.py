"""Commands of the platform's operator, run with the operator's own Google credentials:

    python -m shared.cli open-clinic banyan clinic.json --admin head@clinic.example --doctor head@clinic.example

opens a clinic with its first users and invites them: each gets a mail with a link to choose a password. `clinic.json`
holds the clinic's settings, which its admins change later (`PATCH /clinic`). Repeating the command opens nothing twice;
it invites these users again, at most once in ten minutes. The clinic's admin invites all other users.

    python -m shared.cli second-factor banyan required

makes the clinic sign reports only after a sign-in with a second factor; `optional` ends that.

    python -m shared.cli cosignature banyan required

makes the reports of doctors with a supervisor final only with the supervisor's co-signature; `optional` ends that.

    python -m shared.cli bounced banyan asha@home.example

notes that an address takes no messages, as a returned mail says; `--forget` lets it be used again.

    python -m shared.cli message-texts

prints the text messages in all languages, with their slots in braces, to be registered with the networks of a country.

    python -m shared.cli pdf-certificate banyan --request clinic.csr
    python -m shared.cli pdf-certificate banyan --upload clinic.pem

requests a certificate for the PDF signatures of the clinic from a certification authority, and uses the issued one;
without options it shows the certificate in use, and makes a self-signed one if there is none. `--save` writes it.

    python -m shared.cli verify-books banyan

rebuilds every balance of a clinic's bills from the entries of the ledger, and counts the series of numbers. It names
the first wrong entry of each bill and each gap or double, and then exits with 2. It changes nothing.

    python -m shared.cli index-patients banyan

computes the search tokens of a clinic's patients again, after an update that changed them.

    python -m shared.cli retention banyan

lists the ids of the patients whose records the clinic need not keep any longer, by its settings `retention_years` and
`retention_until_age`. It changes nothing.

    python -m shared.cli zone-rules

lets the appointments of all clinics follow new rules of their time zones, as the sweep does: the local time stays.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.cli import book_commands, certificate_commands, message_commands, patient_commands, zone_commands
from shared.cli.usage import UsageError, clinic_id
from shared.records.clinic.settings import ClinicSettings
from shared.records.clinic.settings_rules import errors_of
from shared.records.privacy import fields_of
from shared.records.record import SYSTEM, Record, Stamp
from shared.records.types import Email, Role
from shared.workflows.clinic import opening, operator_settings, own_settings

_EMAIL = re.compile(typing.get_args(Email)[1].pattern)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except (UsageError, opening.RefusedError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def open_clinic(options: argparse.Namespace) -> None:
    """Open a clinic and invite its first users."""
    staff = staff_of(options)
    invited = opening.open_with_staff(clinic_id(options.clinic), read_settings(options.settings), staff)
    print(f"clinic {options.clinic} is open")
    for email, roles in staff.items():
        mail = "gets a mail to choose a password" if email in invited else "was invited less than ten minutes ago"
        print(f"{email} ({', '.join(roles)}) {mail}")


def second_factor(options: argparse.Namespace) -> None:
    """Set whether a clinic's signing requires a second factor."""
    changed = operator_settings.set_second_factor(clinic_id(options.clinic), required=options.policy == "required")
    print(f"a second factor at signing is {'now' if changed else 'already'} {options.policy} in {options.clinic}")


def cosignature(options: argparse.Namespace) -> None:
    """Set whether the reports of a clinic's trainees need a co-signature."""
    changed = operator_settings.set_cosignature(clinic_id(options.clinic), required=options.policy == "required")
    print(f"the co-signature is {'now' if changed else 'already'} {options.policy} for trainees in {options.clinic}")


def staff_of(options: argparse.Namespace) -> dict[str, list[Role]]:
    """The roles of each person, by e-mail address. Raises UsageError."""
    staff: dict[str, list[Role]] = {}
    for role in Role:
        for email in dict.fromkeys(map(str.lower, getattr(options, role.value))):
            staff.setdefault(email, []).append(role)
    invalid = [email for email in staff if not _EMAIL.match(email)]
    if invalid:
        raise UsageError(f"invalid e-mail addresses: {', '.join(invalid)}")
    if not options.admin:
        raise UsageError("a clinic needs an admin: --admin ADDRESS")
    return staff


def read_settings(file: Path) -> Mapping[str, Any]:
    """The settings in a file. Raises UsageError listing every field that is missing, unknown or invalid."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    if not isinstance(values, dict):
        raise UsageError(f"{file} is not a JSON object")
    reserved = sorted(
        values.keys() & (Record.model_fields.keys() | fields_of(ClinicSettings).internal | {"logo_sha256"})
    )
    problems = [f"{name}: is not a setting" for name in reserved]
    settings = {name: values[name] for name in values if name not in reserved}
    try:
        read = ClinicSettings.new("clinic", Stamp(SYSTEM, datetime.now(UTC)), **settings)
    except ValidationError as error:
        problems += [f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in error.errors()]
    else:
        found = errors_of(None, read, settings, own_settings.SESSION_TYPES)
        problems += [f"{one.pointer[1:].replace('/', '.')}: {one.detail}" for one in found]
    if problems:
        raise UsageError("\n".join([f"{file} is not valid:", *problems]))
    return values


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m shared.cli", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("open-clinic", help="open a clinic with its first users")
    command.add_argument("clinic", help="id of the clinic: 3 to 40 lower-case letters and digits; never changes")
    command.add_argument("settings", type=Path, help="a JSON file with the clinic's settings")
    for role in Role:
        command.add_argument(f"--{role.value}", action="append", default=[], metavar="ADDRESS", help=f"a {role.value}")
    command.set_defaults(run=open_clinic)
    _add_choice(
        commands.add_parser("second-factor", help="set whether signing requires a second factor"), second_factor
    )
    _add_choice(
        commands.add_parser("cosignature", help="set whether reports of trainees need a co-signature"), cosignature
    )
    message_commands.add(commands)
    certificate_commands.add(commands)
    book_commands.add(commands)
    patient_commands.add(commands)
    zone_commands.add(commands)
    return parser


def _add_choice(command: argparse.ArgumentParser, run: Callable[[argparse.Namespace], None]) -> None:
    command.add_argument("clinic", help="id of the clinic")
    command.add_argument("policy", choices=["required", "optional"])
    command.set_defaults(run=run)
