"""Whether Identity Platform still accepts a sign-in: passwords change there, and sign-ins are revoked there.

A look-up for every request would cost 50 ms and a quota. Each instance remembers an account for a minute, so a change
of a password, a revocation, or an account that was disabled or deleted there ends older tokens within 60 seconds.
While Identity Platform does not answer, what was known within the last ten minutes counts.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from shared import settings
from shared.gateways import accounts, sign_in_tokens
from shared.gateways.accounts import Account
from shared.gateways.signed_tokens import InvalidToken
from shared.records.clinic import sign_in
from shared.records.problems import Unauthenticated, Unavailable
from shared.singleton import singleton

STALE_SECONDS = 600.0
"""How long an answer counts while Identity Platform gives none."""
REFUSAL_SECONDS = 0.5
"""How long a refusal is remembered at most."""
_TOKEN_SECOND = 1.0
"""Times of tokens have whole seconds: a token may be issued this long after its `iat`."""
_CAPACITY = 10_000
"""Accounts that an instance remembers; the least recently used one is forgotten."""


@dataclass
class _Entry:
    """What is known about one account; the lock lets concurrent requests share one look-up."""

    account: Account | None = None
    looked_up_at: float | None = None
    lock: Lock = field(default_factory=Lock)


class AccountCache:
    """The accounts that this instance has looked up lately. Thread-safe."""

    def __init__(
        self,
        look_up: Callable[[str], Account | None],
        fresh_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        capacity: int = _CAPACITY,
    ) -> None:
        self._look_up = look_up
        self._fresh_seconds = fresh_seconds
        self._clock = clock
        self._capacity = capacity
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = Lock()

    def get(self, user_id: str, *, at_most: float | None = None) -> Account | None:
        """The account, or None if it does not exist; looked up again if it is known for longer than `at_most` seconds,
        by default a minute. Raises Unavailable."""
        fresh_seconds = self._fresh_seconds if at_most is None else min(at_most, self._fresh_seconds)
        entry = self._entry(user_id)
        with entry.lock:
            started = self._clock()
            age = None if entry.looked_up_at is None else started - entry.looked_up_at
            if entry.account is not None and age is not None and age < fresh_seconds:
                return entry.account
            try:
                account = self._look_up(user_id)
            except Unavailable:
                if age is not None and age < STALE_SECONDS:
                    return entry.account
                raise
            entry.account, entry.looked_up_at = account, started
            return account

    def _entry(self, user_id: str) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(user_id, _Entry())
            self._entries.move_to_end(user_id)
            if len(self._entries) > self._capacity:
                self._entries.popitem(last=False)
            return entry


def verified_claims(token: str, now: datetime) -> Mapping[str, Any]:
    """The claims of an ID token of Firebase; its `sub` is the user id.

    Raises Unauthenticated for one that is not valid now, Unavailable when Google's certificates cannot be fetched.
    """
    try:
        return sign_in_tokens.verified_claims(token, now.timestamp())
    except InvalidToken:
        raise Unauthenticated from None


def require_current(user_id: str, issued_at: datetime, now: datetime) -> None:
    """Raises Unauthenticated unless Identity Platform accepts a token that was issued then, or Unavailable.

    The time is `iat` alone: after a change of password, the person goes on with a new token of the old sign-in.
    """
    if _accepts(_cache().get(user_id), issued_at):
        return
    if not _accepts(_cache().get(user_id, at_most=refusal_counts_for(issued_at, now)), issued_at):
        raise Unauthenticated


def refusal_counts_for(issued_at: datetime, now: datetime) -> float:
    """How old a remembered refusal, in seconds, may be to count for a token that was issued then.

    A person who was just enabled signs in at once, and the token proves that the account was enabled when it was
    issued. So a refusal from before that moment, or from the same second, does not count.
    """
    return min(REFUSAL_SECONDS, max(0.0, (now - issued_at).total_seconds() - _TOKEN_SECOND))


def _accepts(account: Account | None, issued_at: datetime) -> bool:
    """True if a token of this time is good for the account."""
    if account is None or account.disabled:
        return False
    return sign_in.is_valid(issued_at, datetime.fromtimestamp(account.valid_since, UTC))


@singleton
def _cache() -> AccountCache:
    return AccountCache(accounts.state, settings.load(settings.Web).account_cache_seconds)
