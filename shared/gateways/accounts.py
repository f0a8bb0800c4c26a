"""Firebase Authentication: the accounts of the staff. An account's `clinic` claim only routes; records hold the roles.

The user id of a created account begins with the clinic's id, so the account belongs to the clinic from the start. If
two clinics invite the same person concurrently, one creates the account and the other finds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from shared import settings
from shared.gateways import identity_platform
from shared.gateways.identity_platform import RefusedError
from shared.records.problems import Unavailable
from shared.records.types import new_id
from shared.singleton import singleton

_SECONDS = 10
"""Timeout of one call."""
_ADDRESS_REASONS = {"EMAIL_NOT_FOUND", "INVALID_EMAIL", "INVALID_RECIPIENT_EMAIL", "USER_DISABLED"}
"""Error codes that a retry cannot fix."""


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
    found = _found(user_id)
    return found.clinic_id if found else ""


def route(user_id: str, clinic_id: str) -> None:
    """Set the clinic claim of the account's next tokens."""
    from firebase_admin import auth

    with _raise_unavailable():
        auth.set_custom_user_claims(user_id, claims_of(clinic_id), app=_app())


def mail_invitation(email: str) -> None:
    """Let Identity Platform mail a link for choosing a password to the account's address.

    Raises AddressError, or Unavailable when sending may be retried.
    """
    try:
        identity_platform.mail_password_link(email)
    except RefusedError as refused:
        if refused.reason in _ADDRESS_REASONS:
            raise AddressError(email) from None
        raise


# Names for one call: infra/check derives the grants of a function from the names that it reaches, and a resource of
# the API may look an account up, but not change it.


def state(user_id: str) -> Account | None:
    """The account of a person who sends a request, or None if it does not exist (any more)."""
    return _found(user_id)


def find(user_id: str) -> Account | None:
    """The account to synchronise, or None if it does not exist (any more)."""
    return _found(user_id)


def _found(user_id: str) -> Account | None:
    user = identity_platform.account(user_id)
    return _described(user) if user else None


def _described(user: Mapping[str, Any]) -> Account:
    """An account as Identity Platform describes it
    (cloud.google.com/identity-platform/docs/reference/rest/v1/UserInfo)."""
    claims = json.loads(user.get("customAttributes") or "{}")
    id_prefix, hyphen, _ = str(user["localId"]).partition("-")
    return Account(
        clinic_id=str(claims.get("clinic", id_prefix if hyphen else "")),
        claims=claims,
        disabled=bool(user.get("disabled")),
        valid_since=int(user.get("validSince") or 0),
    )


def follow(user_id: str, clinic_id: str, *, disabled: bool) -> None:
    """Synchronise the account: set the clinic claim of its next tokens, and disable or enable signing in."""
    from firebase_admin import auth

    with _raise_unavailable():
        auth.update_user(user_id, custom_claims=claims_of(clinic_id), disabled=disabled, app=_app())


def sign_out(user_id: str, valid_since: int) -> None:
    """Revoke the sign-ins before a time, in seconds since the epoch: they get no new ID tokens."""
    from firebase_admin import auth

    with _raise_unavailable():
        auth.update_user(user_id, valid_since=valid_since, app=_app())


def delete(user_id: str) -> None:
    """Delete the account, if it exists; its address is free then."""
    from firebase_admin import auth

    with _raise_unavailable(), suppress(auth.UserNotFoundError):
        auth.delete_user(user_id, app=_app())


def release(user_id: str, valid_since: int) -> None:
    """Take the account out of its clinic, and revoke its sign-ins before a time (seconds since the epoch)."""
    from firebase_admin import auth

    with _raise_unavailable(), suppress(auth.UserNotFoundError):
        auth.update_user(user_id, custom_claims=auth.DELETE_ATTRIBUTE, valid_since=valid_since, app=_app())


def belongs_by_id(user_id: str, clinic_id: str) -> bool:
    """True if the account was created for this clinic."""
    return user_id.startswith(f"{clinic_id}-")


def claims_of(clinic_id: str) -> dict[str, Any]:
    """The custom claims of a clinic's accounts."""
    return {"clinic": clinic_id}


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
