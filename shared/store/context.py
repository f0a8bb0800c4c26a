"""The request that a unit of work belongs to: its clinic, its caller and its preconditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.records.problems import FreshSignInRequired, SecondFactorRequired
from shared.records.record import SYSTEM
from shared.records.types import Role
from shared.store.audit import Origin
from shared.store.idempotency import Idempotency
from shared.vault.keyring import Keyrings

KEYRINGS = Keyrings()
"""The opened keyrings of this process."""


_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Caller:
    """A user with the roles that the operation is open to, or the system itself."""

    user_id: str
    allowed: frozenset[Role]
    token_issued_at: datetime
    signed_in_at: datetime = _NEVER
    """The time of the sign-in (`auth_time`). A refreshed token keeps it."""
    second_factor: bool = False
    """True if the sign-in had a second factor."""

    def require_fresh_sign_in(self, now: datetime) -> None:
        """Raises FreshSignInRequired unless the user signed in within the last 5 minutes."""
        if now - self.signed_in_at > FreshSignInRequired.max_age:
            raise FreshSignInRequired

    def require_second_factor(self) -> None:
        """Raises SecondFactorRequired unless the user signed in with a second factor."""
        if not self.second_factor:
            raise SecondFactorRequired


SYSTEM_CALLER = Caller(SYSTEM, frozenset(), _NEVER)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class RequestContext:
    """One request or job in one clinic."""

    clinic_id: str
    caller: Caller
    origin: Origin
    clock: Callable[[], datetime] = utc_now
    if_match: int | None = None
    """The revision in the request's If-Match header."""
    idempotency: Idempotency | None = None
    keyrings: Keyrings = KEYRINGS
    shown_per_hour: int | None = None
    """How many patient records the caller may be shown in an hour, if this request counts: reads do, changes do not."""
