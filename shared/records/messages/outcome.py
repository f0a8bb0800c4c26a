"""What became of handing a message to its provider."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What an answer means, or the lack of one."""

    ACCEPTED = "accepted"
    BUSY = "busy"
    """Nothing was sent; later it may be."""
    REFUSED = "refused"
    """Nothing was sent, and the same message never will be."""
    BOUNCED = "bounced"
    """The address takes no messages."""
    LOST = "lost"
    """There was no answer: the message may have been sent."""


@dataclass(frozen=True)
class Outcome:
    """A verdict, with the provider's code and its id of the message."""

    verdict: Verdict
    code: str = ""
    """Such as `smtp_550`; empty for an accepted message."""
    provider_id: str | None = None


class Delivery(Enum):
    """What the provider knows of a text message that it accepted."""

    PENDING = "pending"
    ARRIVED = "arrived"
    NOT_DELIVERED = "not_delivered"
    """It could not be delivered this time."""
    BOUNCED = "bounced"
    """The number takes no text messages."""


class Lookup(Enum):
    """Whether the provider has a text message whose answer was lost."""

    FOUND = "found"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    """The provider shows no texts of its messages, so it cannot be told."""
