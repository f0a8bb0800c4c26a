"""Firebase Authentication: the accounts of the staff. An account's `clinic` claim only routes; roles are our own."""

from __future__ import annotations

from functools import cache
from typing import Any

from shared import settings


def account_of(email: str) -> str:
    """The user id of the account with this address; made, if there is none."""
    from firebase_admin import auth

    try:
        return str(auth.get_user_by_email(email, app=_app()).uid)
    except auth.UserNotFoundError:
        pass
    try:
        return str(auth.create_user(email=email, app=_app()).uid)
    except auth.EmailAlreadyExistsError:  # somebody else made it meanwhile
        return str(auth.get_user_by_email(email, app=_app()).uid)


def clinic_of(user_id: str) -> str:
    """The clinic that the account's tokens name; empty when they name none."""
    from firebase_admin import auth

    return str((auth.get_user(user_id, app=_app()).custom_claims or {}).get("clinic", ""))


def route(user_id: str, clinic_id: str) -> None:
    """Have the account's next tokens name this clinic."""
    from firebase_admin import auth

    auth.set_custom_user_claims(user_id, {"clinic": clinic_id}, app=_app())


def password_link(email: str) -> str:
    """A link with which the person chooses a password. Who has it can sign in as them."""
    from firebase_admin import auth

    return str(auth.generate_password_reset_link(email, app=_app()))


@cache
def _app() -> Any:
    import firebase_admin

    project = settings.load(settings.Project).google_cloud_project
    return firebase_admin.initialize_app(options={"projectId": project}, name="accounts")
