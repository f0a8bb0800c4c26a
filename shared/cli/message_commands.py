"""Commands about messages: how they are signed, which addresses take none, and their texts."""

from __future__ import annotations

import argparse
import json
from typing import Any

from shared.cli.usage import clinic_id
from shared.records.messages import wording
from shared.records.messages.kinds import MessageLanguage
from shared.workflows.clinic import operator_settings
from shared.workflows.messages import bouncing


def add(commands: Any) -> None:
    """Add the commands to the command line."""
    command = commands.add_parser("message-settings", help="show or change how a clinic's messages are signed")
    command.add_argument("clinic", help="id of the clinic")
    command.add_argument("--name", help="the clinic's name in messages; empty: its own")
    command.add_argument("--first-names", action=argparse.BooleanOptionalAction, help="mails greet patients by name")
    command.add_argument(
        "--doctor-names", action=argparse.BooleanOptionalAction, help="patients read the doctor's name"
    )
    command.add_argument(
        "--cancel-by-link-hours", type=int, choices=range(337), metavar="HOURS", help="0: until it begins"
    )
    command.add_argument("--unsigned-after-days", type=int, choices=range(367), metavar="DAYS", help="0: never")
    command.set_defaults(run=message_settings)
    command = commands.add_parser("bounced", help="note that an address takes no messages")
    command.add_argument("clinic", help="id of the clinic")
    command.add_argument("address", help="a mail address, or a telephone number in E.164")
    command.add_argument("--forget", action="store_true", help="let the address be used again")
    command.set_defaults(run=bounced)
    command = commands.add_parser("message-texts", help="print the text messages, to be registered")
    command.set_defaults(run=message_texts)


def message_settings(options: argparse.Namespace) -> None:
    """Change how the clinic's messages are signed and when doctors are reminded, and show it."""
    changes: dict[str, Any] = {}
    if options.name is not None:
        changes["message_name"] = options.name.strip() or None
    if options.first_names is not None:
        changes["first_name_in_messages"] = options.first_names
    if options.doctor_names is not None:
        changes["doctor_name_in_messages"] = options.doctor_names
    if options.cancel_by_link_hours is not None:
        changes["cancel_by_link_hours"] = options.cancel_by_link_hours
    if options.unsigned_after_days is not None:
        changes["unsigned_after_days"] = options.unsigned_after_days or None
    _, after = operator_settings.change(clinic_id(options.clinic), "message-settings", **changes)
    for name in operator_settings.MESSAGE_SETTINGS:
        print(f"{name}: {json.dumps(getattr(after, name), ensure_ascii=False)}")


def bounced(options: argparse.Namespace) -> None:
    """Note that an address takes no messages, or forget that."""
    changed = bouncing.change(clinic_id(options.clinic), options.address, bounces=not options.forget)
    state = "may be used again" if options.forget else "takes no messages"
    print(f"the address {state}" if changed else "nothing changed")


def message_texts(_options: argparse.Namespace) -> None:
    """Print the text messages in all languages."""
    for kind in wording.by_sms():
        for spoken in MessageLanguage:
            print(f"{kind} ({spoken}): {wording.language(spoken).texts[kind].sms}")
