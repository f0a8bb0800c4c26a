"""Authentication: verifies Firebase ID tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from shared.records.clinic import sign_in
from shared.records.problems import Forbidden, Unauthenticated
from shared.records.types import Role, is_id
from shared.store.context import Caller
from shared.workflows.clinic import sign_ins


class Identity(NamedTuple):
    """The user of a verified token. The clinic claim only routes; the clinic's records hold the user's rights."""

    user_id: str
    clinic_id: str
    issued_at: datetime
    """The earlier of the issue and the sign-in, which a refreshed token keeps."""
    signed_in_at: datetime
    """The time of the sign-in; a refreshed token keeps it."""
    second_factor: bool
    """True if the sign-in had a second factor."""

    def caller(self, allowed: frozenset[Role]) -> Caller:
        """The user as the caller of an operation that is open to these roles."""
        return Caller(
            user_id=self.user_id,
            allowed=allowed,
            token_issued_at=self.issued_at,
            signed_in_at=self.signed_in_at,
            second_factor=self.second_factor,
        )


def identify(authorization: str | None) -> Identity:
    """The identity of a bearer token. Raises Unauthenticated, Forbidden when the user belongs to no clinic, or
    Unavailable when Google does not answer."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    now = datetime.now(UTC)
    claims = sign_ins.verified_claims(token, now)
    user_id, issued_at, signed_in_at = claims["sub"], _moment(claims.get("iat")), _moment(claims.get("auth_time"))
    if not sign_in.times_are_possible(issued_at, signed_in_at, _moment(claims.get("exp")), now):
        raise Unauthenticated
    if not is_id(user_id):
        raise Unauthenticated
    clinic = claims.get("clinic")
    if not isinstance(clinic, str) or not clinic.isalnum():
        raise Forbidden
    sign_ins.require_current(user_id, issued_at, now)
    return Identity(user_id, clinic, min(issued_at, signed_in_at), signed_in_at, _has_second_factor(claims))


def _has_second_factor(claims: Mapping[str, Any]) -> bool:
    """True if the sign-in had a second factor (Identity Platform: `firebase.sign_in_second_factor`)."""
    firebase = claims.get("firebase")
    factor = firebase.get("sign_in_second_factor") if isinstance(firebase, dict) else None
    return isinstance(factor, str) and bool(factor)


def _moment(claim: Any) -> datetime:
    """A time in a token. Unsigned tokens, which only local stacks accept, may contain anything."""
    try:
        return datetime.fromtimestamp(claim, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Unauthenticated from None
