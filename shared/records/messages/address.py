"""Where a message goes: a mail address or a telephone number, and how it is shown to people."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import TypeAdapter, ValidationError

from shared.records.messages.kinds import Channel
from shared.records.privacy import Plain
from shared.records.record import Keyset, Record
from shared.records.types import Code, Email, Phone

_ADDRESS: dict[Channel, TypeAdapter[str]] = {
    Channel.MAIL: TypeAdapter(Email),
    Channel.SMS: TypeAdapter(Phone),
}
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f,;<>()\"\\]")
"""What would end a header or begin another address. An address that needs it in quotes is refused."""


def address_error(channel: Channel, address: str) -> str | None:
    """Why a message cannot be sent to this address by this channel; None if it can."""
    try:
        _ADDRESS[channel].validate_python(address)
    except ValidationError:
        return "is no mail address" if channel == Channel.MAIL else "is no telephone number in E.164"
    return "has characters that a message cannot be addressed with" if _UNSAFE.search(address) else None


def masked(channel: Channel, address: str) -> str:
    """The address as people are shown it: enough to recognise it, too little to use it."""
    if not address:
        return ""
    if channel == Channel.SMS:
        return f"{address[:3]}…{address[-2:]}"
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def normal(channel: Channel, address: str) -> str:
    """The form in which addresses are compared. Providers ignore the case of a name, whatever the standard allows."""
    return address.casefold() if channel == Channel.MAIL else address


class BouncedAddress(Record):
    """An address that takes no messages. The id is a keyed hash of channel and address; the address is not stored.

    It stays until an operator removes it. A person who gets another address has another id.
    """

    kind: ClassVar[str] = "BouncedAddress"
    collection: ClassVar[str] = "bounced_addresses"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    channel: Plain[Channel]
    code: Plain[Code]
    """What the provider said, such as `smtp_550`, or `by_hand`."""
