"""Accounts at Razorpay: their links, and what is paid, refunded and disputed there. Nothing moves money."""

from __future__ import annotations

import secrets
import string
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

KEY_SECRET = "razorpay-key-secret"  # noqa: S105 - of this machine only
"""Opens every account: each key id is an account of its own."""
LOST, BROKEN_AFTER = "lost", "broken after"
"""The link is made, and the connection is closed, or the answer is 500."""
TOO_MANY, BROKEN = 429, 503
"""The link is not made."""
MOST_KEPT = 1_000
_ALPHABET = string.ascii_letters + string.digits


def new_id(kind: str) -> str:
    """An id as Razorpay writes it, such as `pay_29QQoUBi66xm2f`."""
    return f"{kind}_{''.join(secrets.choice(_ALPHABET) for _ in range(14))}"


@dataclass
class PaymentLink:
    """A link, as the API describes it."""

    account: str
    """The key id that made it."""
    amount: int
    currency: str
    reference_id: str
    description: str
    expire_by: int
    notes: dict[str, str]
    id: str = field(default_factory=lambda: new_id("plink"))
    status: str = "created"
    created_at: int = field(default_factory=lambda: int(time.time()))

    def json(self) -> dict[str, Any]:
        return {
            "accept_partial": False,
            "amount": self.amount,
            "amount_paid": self.amount if self.status == "paid" else 0,
            "cancelled_at": 0,
            "created_at": self.created_at,
            "currency": self.currency,
            "customer": {},
            "description": self.description,
            "expire_by": self.expire_by,
            "expired_at": 0,
            "id": self.id,
            "notes": self.notes or [],
            "notify": {"email": False, "sms": False},
            "payments": None,
            "reference_id": self.reference_id,
            "reminder_enable": False,
            "short_url": f"https://rzp.io/i/{self.id.removeprefix('plink_')}",
            "status": self.status,
            "user_id": "",
        }


class Accounts:
    """Thread-safe. Within an account a reference names one link for ever."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._links: deque[PaymentLink] = deque(maxlen=MOST_KEPT)
        self._references: set[tuple[str, str]] = set()
        self._errors: list[int | str] = []
        self.filters = True
        """False: the list ignores the filter by reference, as Razorpay's test mode is said to."""

    def plant(self, *errors: int | str) -> None:
        """Answer the next requests for a link by these errors."""
        with self._lock:
            self._errors.extend(errors)

    def next_error(self) -> int | str | None:
        with self._lock:
            return self._errors.pop(0) if self._errors else None

    def make(self, link: PaymentLink) -> bool:
        """Keep a link; False if its reference was used before."""
        with self._lock:
            key = link.account, link.reference_id
            if key in self._references:
                return False
            self._references.add(key)
            self._links.append(link)
            return True

    def links(self, account: str, reference: str = "") -> list[PaymentLink]:
        """The links of an account, newest first: all, or those with this reference."""
        with self._lock:
            own = [one for one in reversed(self._links) if one.account == account]
            return [one for one in own if reference in ("", one.reference_id)]

    def every(self) -> list[PaymentLink]:
        """The links of all accounts, newest first."""
        with self._lock:
            return [*reversed(self._links)]

    def find(self, account: str, id: str) -> PaymentLink | None:
        """A link of an account."""
        return next((one for one in self.links(account) if one.id == id), None)

    def cancel(self, link: PaymentLink) -> bool:
        """Cancel a link; False unless it is open."""
        with self._lock:
            if link.status != "created":
                return False
            link.status = "cancelled"
            return True
