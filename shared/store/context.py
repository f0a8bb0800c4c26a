"""The request that a unit of work belongs to: its clinic, its caller and its preconditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.records.record import SYSTEM
from shared.records.types import Role
from shared.store.audit import Origin
from shared.store.idempotency import Idempotency
from shared.vault.keyring import Keyrings

KEYRINGS = Keyrings()
"""The opened keyrings of this process."""


@dataclass(frozen=True)
class Caller:
    """A user with the roles that the operation is open to, or the system itself."""

    user_id: str
    allowed: frozenset[Role]
    token_issued_at: datetime


SYSTEM_CALLER = Caller(SYSTEM, frozenset(), datetime.min.replace(tzinfo=UTC))


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
