"""A share by a link, as the practice sees it: where the link went, its state, and who opened it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from shared.records.links.link import Link, LinkState, Opening
from shared.records.messages.address import masked
from shared.records.messages.kinds import Channel
from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.record import Keyset, Record, Value
from shared.records.types import Id, Moment


class Share(Record):
    """The record of one share: where its link went, and by whom. It never changes; the link has its state.

    It is kept as long as what was shared: patients may ask to whom their data was passed.
    """

    keyset: ClassVar[Keyset] = Keyset.RETAINED

    link_id: Internal[Plain[Id]]
    channel: Plain[Channel]
    recipient_address: Internal[Encrypted[str]]
    """The address or number that the link was sent to."""


class SharedLink(Value):
    """A share with the state of its link and every opening. A subclass adds fields with the names of its record."""

    id: Id
    sent_to: str
    """The address or number, masked."""
    channel: Channel
    state: LinkState
    expires_at: Moment
    most_openings: int
    openings: list[Opening]
    """When, and from which address, it was opened."""
    wrong_passcodes: int
    shared_at: Moment
    shared_by: Id
    """The person, or `system`."""
    revoked_at: Moment | None
    revoked_by: Id | None

    @classmethod
    def of(cls, share: Share, link: Link, now: datetime) -> Self:
        alike = cls.model_fields.keys() & type(share).model_fields.keys()
        return cls(
            **{name: getattr(share, name) for name in alike},
            **link.shown(now),
            expires_at=link.opens_until,
            sent_to=masked(share.channel, share.recipient_address),
            shared_at=share.created_at,
            shared_by=share.created_by,
        )
