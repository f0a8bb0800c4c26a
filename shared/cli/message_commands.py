"""Commands about messages: which addresses take none, and their texts."""

from __future__ import annotations

import argparse
from typing import Any

from shared.cli.usage import clinic_id
from shared.records.messages import wording
from shared.records.messages.kinds import MessageLanguage
from shared.workflows.messages import bouncing


def add(commands: Any) -> None:
    """Add the commands to the command line."""
    command = commands.add_parser("bounced", help="note that an address takes no messages")
    command.add_argument("clinic", help="id of the clinic")
    command.add_argument("address", help="a mail address, or a telephone number in E.164")
    command.add_argument("--forget", action="store_true", help="let the address be used again")
    command.set_defaults(run=bounced)
    command = commands.add_parser("message-texts", help="print the text messages, to be registered")
    command.set_defaults(run=message_texts)


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
