"""Sending a bill to its patient: by which channel, and which link went where."""

from __future__ import annotations

from typing import ClassVar, Self

from shared.records.billing.bill import Bill
from shared.records.billing.ledger import must_be_issued, status_of
from shared.records.billing.types import BillStatus
from shared.records.conflict_codes import ConflictCode
from shared.records.links.link import Link
from shared.records.links.share import Share, SharedLink
from shared.records.messages.address import masked
from shared.records.messages.kinds import Channel, MessageKind
from shared.records.parties import Named
from shared.records.privacy import Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Stamp, Value
from shared.records.types import Id, Moment, new_id


class SendBill(Value):
    """How a bill is sent to its patient."""

    channel: Channel | None = None
    """By default a mail, or else a text message, as the patient can be written to."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels to try, in this order."""
        return (self.channel,) if self.channel else tuple(Channel)


class BillShare(Share):
    """One link to a bill that was sent to the patient."""

    kind: ClassVar[str] = "BillShare"
    collection: ClassVar[str] = "bill_shares"

    bill_id: Plain[Id]
    message_kind: Plain[MessageKind]
    """What brought the link: the bill, or a reminder of it."""
    message_id: Internal[Plain[Id | None]] = None
    """The message that brings it; null for a share from before this was kept."""


class BillLinkShare(SharedLink):
    """A share of a bill by a link."""

    bill_id: Id
    message_kind: MessageKind
    """What brought the link: the bill, or a reminder of it by a person or by the clinic's policy (`system`)."""


class SentTo(Value):
    """Where a bill was sent just now."""

    id: Id
    channel: Channel
    address: str
    """Masked, such as `a…@home.example` or `+91…78`."""
    expires_at: Moment
    """Until when the link opens the bill. It asks for the patient's date of birth."""

    @classmethod
    def of(cls, share: BillShare, link: Link) -> Self:
        return cls(
            id=share.id,
            channel=share.channel,
            address=masked(share.channel, share.recipient_address),
            expires_at=link.opens_until,
        )


class SentBill(Named):
    """The people of a bill, and where it was sent."""

    sent_to: SentTo


def is_sendable(bill: Bill) -> bool:
    """True for an issued bill that stands: neither cancelled nor replaced."""
    return bill.is_issued and bill.status != BillStatus.CANCELLED and bill.amended_by is None


def sent(bill: Bill, stamp: Stamp) -> Bill:
    """The bill after it was sent, once more or for the first time.

    Raises Conflict for a draft, a cancelled bill, and one that another bill replaces.
    """
    must_be_issued(bill)
    if bill.amended_by is not None:
        raise Conflict(ConflictCode.BILL_NOT_OPEN, f"the bill was replaced by {bill.amended_by}")
    after = bill.revised(stamp, sent_at=stamp.at)
    return after.amended(status=status_of(after, after.account))


def share_id(bill_id: str) -> str:
    """A new id of a share of this bill."""
    return f"{bill_id}-{new_id(10)}"


def bill_of(share_id: str) -> str:
    """The id of the bill within the id of a share."""
    return share_id.rpartition("-")[0]
