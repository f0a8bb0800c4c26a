"""Requests about users, used by several test files."""

from __future__ import annotations

from typing import Any

from shared.gateways import accounts
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.mails import choose_password
from tests.support.password_sign_in import sign_in
from tools import google_firestore

ROUNDS = 5
"""Repetitions of a race."""
FOLLOWER = "on_staff_changed"
"""The function that updates the Firebase account of a changed user."""


def address(clinic: TestClinic, name: str = "asha") -> str:
    return f"{name}@{clinic.id}.example"


def invite(clinic: TestClinic, *roles: str, name: str = "asha", **options: Any) -> Reply:
    """Invite a user, by default as a doctor. `options` are those of `ApiClient.post`."""
    return clinic.admin.post("/users", {"email": address(clinic, name), "roles": list(roles or ["doctor"])}, **options)


def read_user(clinic: TestClinic, person: ApiClient | str) -> Reply:
    user_id = person if isinstance(person, str) else person.user_id
    return clinic.admin.get(f"/users/{user_id}").ok()


def change(
    clinic: TestClinic, person: ApiClient, action: str, *roles: str, by: ApiClient | None = None, etag: str = ""
) -> Reply:
    """Send the action `roles`, `disable` or `enable` for a user; by default with the current ETag."""
    path, etag = f"/users/{person.user_id}/{action}", etag or read_user(clinic, person).etag
    by = by or clinic.admin
    return by.put(path, {"roles": list(roles)}, etag=etag) if roles else by.post(path, key="", etag=etag)


def make_admin(clinic: TestClinic, person: ApiClient) -> ApiClient:
    change(clinic, person, "roles", "admin").ok()
    return person


def accept_invitation(clinic: TestClinic, invited: Reply, name: str = "asha") -> ApiClient:
    """Set a password with the link of the mail of an invitation, and sign in."""
    email = address(clinic, name)
    assert invited.body["email"] == email
    choose_password(clinic.stack, email)
    return sign_in(clinic.stack, email)


def initial_staff(clinic: TestClinic) -> list[ApiClient]:
    """The users with whom the clinic was opened."""
    return [clinic.doctor, clinic.other_doctor, clinic.receptionist, clinic.admin]


def firebase_account(user_id: str) -> accounts.Account:
    found = accounts.find(user_id)
    assert found is not None
    return found


def stored_user(clinic: TestClinic, user_id: str) -> Any:
    """The user's document in Firestore."""
    return google_firestore.client().document(f"clinics/{clinic.id}/users/{user_id}").get()
