"""Firebase Authentication: the accounts of the staff. An account's `clinic` claim only routes; records hold the roles.

The user id of a created account begins with the clinic's id, so the account belongs to the clinic from the start. If
two clinics invite the same person concurrently, one creates the account and the other finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from shared import settings
from shared.records.problems import Unavailable
from shared.records.types import new_id
from shared.singleton import singleton

_SECONDS = 10
"""Timeout of one call."""


class AddressError(Exception):
    """Firebase rejects the e-mail address; the argument is the address."""


@dataclass(frozen=True)
class Account:
    """The attributes of an account that are synchronised with the user's record."""

    clinic_id: str
    """The owning clinic; empty for none."""
    claims: Mapping[str, Any]
    disabled: bool
    valid_since: int
    """Seconds since the epoch; earlier sign-ins are revoked."""


def account_of(email: str, clinic_id: str) -> str:
    """The user id of the account with this address; creates an account for the clinic if there is none.

    Raises AddressError.
    """
    from firebase_admin import auth, exceptions

    if user_id := with_address(email):
        return user_id
    with _raise_unavailable():
        try:
            uid = f"{clinic_id}-{new_id()}"
            return str(auth.create_user(uid=uid, email=email, app=_app()).uid)
        except (auth.EmailAlreadyExistsError, auth.UidAlreadyExistsError):
            # Created concurrently, or by this call itself if the first response was lost.
            return str(auth.get_user_by_email(email, app=_app()).uid)
        except exceptions.InvalidArgumentError:
            raise AddressError(email) from None


def with_address(email: str) -> str:
    """The user id of the account with this address; empty if there is none. Raises AddressError."""
    from firebase_admin import auth, exceptions

    with _raise_unavailable():
        try:
            return str(auth.get_user_by_email(email, app=_app()).uid)
        except auth.UserNotFoundError:
            return ""
        except (ValueError, exceptions.InvalidArgumentError):
            raise AddressError(email) from None


def clinic_of(user_id: str) -> str:
    """The owning clinic of an account, from its claim or else from its user id; empty for none."""
    from firebase_admin import auth

    with _raise_unavailable():
        return _account(auth.get_user(user_id, app=_app())).clinic_id


def route(user_id: str, clinic_id: str) -> None:
    """Set the clinic claim of the account's next tokens."""
    from firebase_admin import auth

    with _raise_unavailable():
        auth.set_custom_user_claims(user_id, claims_of(clinic_id), app=_app())


def password_link(email: str) -> str:
    """Generate a link for choosing a password. Anybody with the link can sign in to the account."""
    from firebase_admin import auth

    with _raise_unavailable():
        return str(auth.generate_password_reset_link(email, app=_app()))


def find(user_id: str) -> Account | None:
    """The account, or None if it does not exist (any more)."""
    from firebase_admin import auth

    with _raise_unavailable():
        try:
            return _account(auth.get_user(user_id, app=_app()))
        except auth.UserNotFoundError:
            return None


def follow(user_id: str, clinic_id: str, *, disabled: bool) -> None:
    """Synchronise the account: set the clinic claim of its next tokens, and disable or enable signing in."""
    from firebase_admin import auth

    with _raise_unavailable():
        auth.update_user(user_id, custom_claims=claims_of(clinic_id), disabled=disabled, app=_app())


def sign_out(user_id: str) -> None:
    """Revoke the refresh tokens of the account: earlier sign-ins get no new ID tokens."""
    from firebase_admin import auth

    with _raise_unavailable():
        auth.revoke_refresh_tokens(user_id, app=_app())


def claims_of(clinic_id: str) -> dict[str, Any]:
    """The custom claims of a clinic's accounts."""
    return {"clinic": clinic_id}


def _account(user: Any) -> Account:
    claims = user.custom_claims or {}
    id_prefix, hyphen, _ = str(user.uid).partition("-")
    return Account(
        clinic_id=str(claims.get("clinic", id_prefix if hyphen else "")),
        claims=claims,
        disabled=bool(user.disabled),
        valid_since=int(user.tokens_valid_after_timestamp) // 1000,
    )


@contextmanager
def _raise_unavailable() -> Iterator[None]:
    """Raises Unavailable for transient errors: Identity Toolkit does not respond, or is overloaded."""
    from firebase_admin import exceptions

    transient = (
        exceptions.DeadlineExceededError,
        exceptions.InternalError,
        exceptions.ResourceExhaustedError,
        exceptions.UnavailableError,
    )
    try:
        yield
    except transient:
        raise Unavailable from None


@singleton
def _app() -> Any:
    import firebase_admin

    options = {"projectId": settings.load(settings.Project).google_cloud_project, "httpTimeout": _SECONDS}
    return firebase_admin.initialize_app(options=options, name="accounts")
