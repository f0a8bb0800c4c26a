"""Commands of the platform's operator, run with the operator's own Google credentials:

    python -m shared.cli open-clinic banyan clinic.json --admin head@clinic.example --doctor head@clinic.example

opens a clinic with its first users and invites them: each gets a mail with a link to choose a password. `clinic.json`
holds the clinic's settings. Repeating the command opens nothing twice; it invites these users again, at most once in
ten minutes. The clinic's admin invites all other users.

    python -m shared.cli second-factor banyan required

makes the clinic sign reports only after a sign-in with a second factor; `optional` ends that.

    python -m shared.cli consent-policy banyan --policy written_specific --after-withdrawal delete

changes what the clinic requires of its patients' consents, and shows the settings; without options it only shows them.

    python -m shared.cli message-settings banyan --name "Banyan" --unsigned-after-days 3

changes how the clinic's messages are signed, and after how many days a doctor is told of unsigned reports (0: never).

    python -m shared.cli bounced banyan asha@home.example

notes that an address takes no messages, as a returned mail says; `--forget` lets it be used again.

    python -m shared.cli message-texts

prints the text messages in all languages, with their slots in braces, to be registered with the networks of a country.
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

from shared.records.clinic.consent_policy import AfterWithdrawal, ConsentPolicy, ConsentPurpose
from shared.records.clinic.settings import MOST_CONSENT_BACKDATING_DAYS, ClinicSettings
from shared.records.messages import wording
from shared.records.messages.kinds import MessageLanguage
from shared.records.record import SYSTEM, Record, Stamp
from shared.records.types import Email, Role
from shared.workflows.clinic import opening, operator_settings
from shared.workflows.messages import bouncing

_CLINIC_ID = re.compile(r"^[a-z0-9]{3,40}$")
_EMAIL = re.compile(typing.get_args(Email)[1].pattern)


class UsageError(Exception):
    """The arguments or settings are invalid; the message lists every problem."""


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
    invited = opening.open_with_staff(_clinic_id(options.clinic), read_settings(options.settings), staff)
    print(f"clinic {options.clinic} is open")
    for email, roles in staff.items():
        mail = "gets a mail to choose a password" if email in invited else "was invited less than ten minutes ago"
        print(f"{email} ({', '.join(roles)}) {mail}")


def second_factor(options: argparse.Namespace) -> None:
    """Set whether a clinic's signing requires a second factor."""
    changed = operator_settings.set_second_factor(_clinic_id(options.clinic), required=options.policy == "required")
    print(f"a second factor at signing is {'now' if changed else 'already'} {options.policy} in {options.clinic}")


def consent_policy(options: argparse.Namespace) -> None:
    """Change what a clinic requires of consents, and show it."""
    names = operator_settings.CONSENT_SETTINGS
    changes = {name: value for name in names if (value := getattr(options, name)) is not None}
    settings = operator_settings.change(_clinic_id(options.clinic), "consent-policy", **changes)
    before, after = (one.model_dump(mode="json", include=set(names)) for one in settings)
    for name, value in after.items():
        was = "" if value == before[name] else f", was {json.dumps(before[name])}"
        print(f"{name}: {json.dumps(value)}{was}")


def message_settings(options: argparse.Namespace) -> None:
    """Change how the clinic's messages are signed and when doctors are reminded, and show it."""
    changes: dict[str, Any] = {}
    if options.name is not None:
        changes["message_name"] = options.name.strip() or None
    if options.first_names is not None:
        changes["first_name_in_messages"] = options.first_names
    if options.unsigned_after_days is not None:
        changes["unsigned_after_days"] = options.unsigned_after_days or None
    _, after = operator_settings.change(_clinic_id(options.clinic), "message-settings", **changes)
    for name in operator_settings.MESSAGE_SETTINGS:
        print(f"{name}: {json.dumps(getattr(after, name), ensure_ascii=False)}")


def bounced(options: argparse.Namespace) -> None:
    """Note that an address takes no messages, or forget that."""
    changed = bouncing.change(_clinic_id(options.clinic), options.address, bounces=not options.forget)
    state = "may be used again" if options.forget else "takes no messages"
    print(f"the address {state}" if changed else "nothing changed")


def message_texts(_options: argparse.Namespace) -> None:
    """Print the text messages in all languages."""
    for kind in wording.by_sms():
        for spoken in MessageLanguage:
            print(f"{kind} ({spoken}): {wording.language(spoken).texts[kind].sms}")


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
    reserved = sorted(values.keys() & Record.model_fields.keys())
    problems = [f"{name}: is not a setting" for name in reserved]
    settings = {name: values[name] for name in values if name not in reserved}
    try:
        ClinicSettings.new("clinic", Stamp(SYSTEM, datetime.now(UTC)), **settings)
    except ValidationError as error:
        problems += [f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in error.errors()]
    if problems:
        raise UsageError("\n".join([f"{file} is not valid:", *problems]))
    return values


def _clinic_id(text: str) -> str:
    if not _CLINIC_ID.match(text):
        raise UsageError(f"{text} is not a clinic id: 3 to 40 lower-case letters and digits")
    return text


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
    command = commands.add_parser("second-factor", help="set whether signing requires a second factor")
    command.add_argument("clinic", help="id of the clinic")
    command.add_argument("policy", choices=["required", "optional"])
    command.set_defaults(run=second_factor)
    _add_consent_policy(commands.add_parser("consent-policy", help="show or change what consents a clinic requires"))
    _add_messages(commands)
    return parser


def _add_messages(commands: Any) -> None:
    command = commands.add_parser("message-settings", help="show or change how a clinic's messages are signed")
    command.add_argument("clinic", help="id of the clinic")
    command.add_argument("--name", help="the clinic's name in messages; empty: its own")
    command.add_argument("--first-names", action=argparse.BooleanOptionalAction, help="mails greet patients by name")
    command.add_argument("--unsigned-after-days", type=int, choices=range(367), metavar="DAYS", help="0: never")
    command.set_defaults(run=message_settings)
    command = commands.add_parser("bounced", help="note that an address takes no messages")
    command.add_argument("clinic", help="id of the clinic")
    command.add_argument("address", help="a mail address, or a telephone number in E.164")
    command.add_argument("--forget", action="store_true", help="let the address be used again")
    command.set_defaults(run=bounced)
    command = commands.add_parser("message-texts", help="print the text messages, to be registered")
    command.set_defaults(run=message_texts)


def _add_consent_policy(command: argparse.ArgumentParser) -> None:
    purposes = [purpose.value for purpose in ConsentPurpose if purpose != ConsentPurpose.RECORDING]
    command.add_argument("clinic", help="id of the clinic")
    command.add_argument("--policy", dest="consent_policy", choices=[one.value for one in ConsentPolicy])
    command.add_argument("--recording-purposes", nargs="*", choices=purposes, help="besides recording; none: no others")
    command.add_argument("--witness", dest="consent_witness_required", action=argparse.BooleanOptionalAction)
    command.add_argument("--backdating-days", dest="consent_backdating_days", type=_days, metavar="DAYS")
    command.add_argument("--after-withdrawal", choices=[one.value for one in AfterWithdrawal])
    command.set_defaults(run=consent_policy)


def _days(text: str) -> int:
    """Days that a consent may be given before it is recorded. Raises ValueError."""
    days = int(text)
    if not 0 <= days <= MOST_CONSENT_BACKDATING_DAYS:
        raise ValueError
    return days


if __name__ == "__main__":
    sys.exit(main())
