"""A disclosure: to whom a signed report was passed outside of the clinic, why, and by which link."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from shared.records.links.link import Link, LinkState, Opening
from shared.records.links.passcode import PasscodeKind
from shared.records.messages.address import masked
from shared.records.messages.kinds import Channel
from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.record import Keyset, Record, Value
from shared.records.reports.sharing import RecipientKind, SharePurpose
from shared.records.text import Name
from shared.records.types import Id, Moment, new_id


class Disclosure(Record):
    """One share of a report with somebody outside. It never changes; the link has its state.

    It is kept as long as the report: patients may ask to whom their data was passed.
    """

    kind: ClassVar[str] = "Disclosure"
    collection: ClassVar[str] = "disclosures"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    report_id: Plain[Id]
    link_id: Internal[Plain[Id]]
    recipient_kind: Plain[RecipientKind]
    recipient_name: Encrypted[Name | None] = None
    recipient_address: Internal[Encrypted[str]]
    """The address or number that the link was sent to."""
    channel: Plain[Channel]
    purpose: Plain[SharePurpose]
    passcode: Plain[PasscodeKind]
    substance_use: Encrypted[bool] = False
    """True: the document carries the notice of 42 CFR Part 2."""


class LinkShare(Value):
    """A share of a report by a link, with the state of the link and every opening."""

    id: Id
    report_id: Id
    recipient_kind: RecipientKind
    recipient_name: Name | None
    sent_to: str
    """The address or number, masked."""
    channel: Channel
    purpose: SharePurpose
    passcode: PasscodeKind
    substance_use: bool
    state: LinkState
    expires_at: Moment
    most_openings: int
    openings: list[Opening]
    """When, and from which address, it was opened."""
    wrong_passcodes: int
    shared_at: Moment
    shared_by: Id
    revoked_at: Moment | None
    revoked_by: Id | None

    @classmethod
    def of(cls, disclosure: Disclosure, link: Link, now: datetime) -> Self:
        same = (
            "id",
            "report_id",
            "recipient_kind",
            "recipient_name",
            "channel",
            "purpose",
            "passcode",
            "substance_use",
        )
        return cls(
            **{name: getattr(disclosure, name) for name in same},
            **link.shown(now),
            expires_at=link.opens_until,
            sent_to=masked(disclosure.channel, disclosure.recipient_address),
            shared_at=disclosure.created_at,
            shared_by=disclosure.created_by,
        )


class NewLinkShare(LinkShare):
    """A share that was made just now."""

    code: str | None
    """The code that the practice tells the recipient; null for another kind of passcode. It is shown only here."""


def disclosure_id(report_id: str) -> str:
    """A new id of a disclosure of this report."""
    return f"{report_id}-{new_id(10)}"


def report_of(disclosure_id: str) -> str:
    """The id of the report within the id of a disclosure."""
    return disclosure_id.rpartition("-")[0]
