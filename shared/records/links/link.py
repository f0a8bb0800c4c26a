"""A link: what it opens, with which passcode, until when, and who opened it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import Field

from shared.records.links.passcode import PasscodeKind
from shared.records.links.purpose import LinkPurpose
from shared.records.links.visit import AgreedVisit
from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.types import Id, Moment

MOST_WRONG = 5
"""Wrong passcodes that lock a link, in all its life: the right one in between does not buy more guesses."""
MOST_OPENINGS = 20
SHORTEST_VALID, LONGEST_VALID = timedelta(hours=1), timedelta(days=30)


class LinkState(StrEnum):
    """What a link is good for now."""

    OPEN = "open"
    REVOKED = "revoked"
    """The practice withdrew it."""
    LOCKED = "locked"
    """Too many wrong passcodes. Revoke it, and share again."""
    EXPIRED = "expired"
    USED = "used"
    """Opened as often as it may be."""


class Opening(Value):
    """One time that a link was opened."""

    at: Moment
    address: str = Field(max_length=45)
    """The IP address from which it was opened; empty if it is unknown."""


class Link(Record):
    """A link. Its id is a keyed hash of the token in the URL, so nobody who reads the database can make the URL.

    It is sealed under the clinic's keys, because it is found before anybody is known. Who it was sent to is in the
    record that it was made for.
    """

    kind: ClassVar[str] = "Link"
    collection: ClassVar[str] = "links"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    purpose: Plain[LinkPurpose]
    visit: Plain[AgreedVisit | None] = None
    """What was agreed on when the link was made, if it is for an appointment: after a change the link does nothing."""
    subject_id: Plain[Id]
    """The record that it was made for."""
    patient_id: Plain[Id]
    passcode_kind: Plain[PasscodeKind]
    """Of a link for an appointment the date of birth, of which its page asks for the year."""
    code_hash: Internal[Encrypted[str | None]] = None
    """A keyed hash of the code in hexadecimal; null if the passcode is the date of birth."""
    opens_until: Plain[Moment]
    """When it expires. The record is kept longer: Firestore deletes what has `expires_at`."""
    most_openings: Plain[int] = Field(ge=1, le=MOST_OPENINGS)
    openings: Encrypted[list[Opening]] = Field(default=[], max_length=MOST_OPENINGS)
    wrong_passcodes: Plain[int] = 0
    revoked_at: Plain[Moment | None] = None
    revoked_by: Plain[Id | None] = None

    def state(self, now: datetime) -> LinkState:
        """What it is good for at a moment."""
        if self.revoked_at is not None:
            return LinkState.REVOKED
        if self.wrong_passcodes >= MOST_WRONG:
            return LinkState.LOCKED
        if now >= self.opens_until:
            return LinkState.EXPIRED
        return LinkState.USED if len(self.openings) >= self.most_openings else LinkState.OPEN

    def shown(self, now: datetime) -> dict[str, Any]:
        """What the practice sees of it: fields of a share."""
        kept = ("most_openings", "openings", "wrong_passcodes", "revoked_at", "revoked_by")
        return {"state": self.state(now), **{name: getattr(self, name) for name in kept}}

    def opened(self, address: str, stamp: Stamp) -> Self:
        """The link after it was opened once more."""
        opening = Opening(at=stamp.at, address=address[:45])
        return self.revised(stamp, openings=[*self.openings, opening])

    def guessed(self, stamp: Stamp) -> Self:
        """The link after a wrong passcode."""
        return self.revised(stamp, wrong_passcodes=self.wrong_passcodes + 1)

    def revoked(self, stamp: Stamp) -> Self:
        """The link that opens nothing any more; itself if it is revoked already."""
        if self.revoked_at is not None:
            return self
        return self.revised(stamp, revoked_at=stamp.at, revoked_by=stamp.by)
