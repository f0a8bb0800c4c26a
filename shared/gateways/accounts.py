"""Firebase Authentication: the accounts of the staff. An account's `clinic` claim only routes; roles are our own.

An account that is made here has the clinic's id in its own: so it is the clinic's from its first moment, and of two
clinics that invite somebody at the same time, one makes the account and the other meets it.
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
"""How long one call may take."""


class AddressError(Exception):
    """Firebase takes no such address; it is the argument."""


@dataclass(frozen=True)
class Account:
    """An account, as far as it follows a record of ours."""

    clinic_id: str
    """Whose it is; empty for nobody's."""
    claims: Mapping[str, Any]
    disabled: bool
    valid_since: int
    """Seconds since the epoch; who signed in before is signed out."""


def account_of(email: str, clinic_id: str) -> str:
    """The user id of the account with this address; made for the clinic, if there is none. Raises AddressError."""
    from firebase_admin import auth, exceptions

    if there := with_address(email):
        return there
    with _answering():
        try:
            uid = f"{clinic_id}-{new_id()}"
            return str(auth.create_user(uid=uid, email=email, app=_app()).uid)
        except (auth.EmailAlreadyExistsError, auth.UidAlreadyExistsError):
            # Made meanwhile, by somebody else or by this very call, whose first answer was lost.
            return str(auth.get_user_by_email(email, app=_app()).uid)
        except exceptions.InvalidArgumentError:
            raise AddressError(email) from None


def with_address(email: str) -> str:
    """The user id of the account with this address; empty when there is none. Raises AddressError."""
    from firebase_admin import auth, exceptions

    with _answering():
        try:
            return str(auth.get_user_by_email(email, app=_app()).uid)
        except auth.UserNotFoundError:
            return ""
        except (ValueError, exceptions.InvalidArgumentError):
            raise AddressError(email) from None


def clinic_of(user_id: str) -> str:
    """The clinic that the account is of: its tokens name it, or it was made for it; empty when it is of none."""
    from firebase_admin import auth

    with _answering():
        return _account(auth.get_user(user_id, app=_app())).clinic_id


def route(user_id: str, clinic_id: str) -> None:
    """Have the account's next tokens name this clinic."""
    from firebase_admin import auth

    with _answering():
        auth.set_custom_user_claims(user_id, claims_of(clinic_id), app=_app())


def password_link(email: str) -> str:
    """A link with which the person chooses a password. Who has it can sign in as them."""
    from firebase_admin import auth

    with _answering():
        return str(auth.generate_password_reset_link(email, app=_app()))


def find(user_id: str) -> Account | None:
    """The account, or none when there is no such account (any more)."""
    from firebase_admin import auth

    with _answering():
        try:
            return _account(auth.get_user(user_id, app=_app()))
        except auth.UserNotFoundError:
            return None


def follow(user_id: str, clinic_id: str, *, disabled: bool) -> None:
    """Have the account's next tokens name this clinic, or keep the person from signing in."""
    from firebase_admin import auth

    with _answering():
        auth.update_user(user_id, custom_claims=claims_of(clinic_id), disabled=disabled, app=_app())


def sign_out(user_id: str) -> None:
    """Whoever signed in to the account before now gets no new tokens."""
    from firebase_admin import auth

    with _answering():
        auth.revoke_refresh_tokens(user_id, app=_app())


def claims_of(clinic_id: str) -> dict[str, Any]:
    """What the tokens of a clinic's people say besides who they are."""
    return {"clinic": clinic_id}


def _account(user: Any) -> Account:
    claims = user.custom_claims or {}
    made_for, hyphen, _ = str(user.uid).partition("-")
    return Account(
        clinic_id=str(claims.get("clinic", made_for if hyphen else "")),
        claims=claims,
        disabled=bool(user.disabled),
        valid_since=int(user.tokens_valid_after_timestamp) // 1000,
    )


@contextmanager
def _answering() -> Iterator[None]:
    """Raises Busy when Identity Toolkit does not answer, or has too much to do."""
    from firebase_admin import exceptions

    passing = (
        exceptions.DeadlineExceededError,
        exceptions.InternalError,
        exceptions.ResourceExhaustedError,
        exceptions.UnavailableError,
    )
    try:
        yield
    except passing:
        raise Unavailable from None


@singleton
def _app() -> Any:
    import firebase_admin

    options = {"projectId": settings.load(settings.Project).google_cloud_project, "httpTimeout": _SECONDS}
    return firebase_admin.initialize_app(options=options, name="accounts")
