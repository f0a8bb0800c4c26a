"""When a sign-in and its ID tokens are valid: the rules on their times, which have whole seconds.

For a revocation in the clinic's records, the time of a token is the earlier of `iat` and `auth_time`: a token that was
refreshed after the revocation still belongs to the sign-in before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

CLOCK_SKEW = timedelta(seconds=10)
"""How far the issuer's clock may be ahead of ours."""


def valid_from(revoked_at: datetime) -> datetime:
    """The first time at which a token is valid again after a revocation: the next whole second.

    Tokens of the second of the revocation are refused, because those from before it look the same.
    """
    return revoked_at.replace(microsecond=0) + timedelta(seconds=1)


def is_valid(token_time: datetime, valid_after: datetime) -> bool:
    """True if a token of this time was not revoked."""
    return token_time >= valid_after


def times_are_possible(issued_at: datetime, signed_in_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """True if a token can have these times: not issued or signed in ahead of our clock by more than CLOCK_SKEW, and
    not expired. An expired token gets no tolerance: its client has a way to renew it."""
    return max(issued_at, signed_in_at) <= now + CLOCK_SKEW and now < expires_at
