"""Accounts: administration, self-service and storage."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from firebase_admin import auth

from local.services.kit.identity import PROJECT
from tests.local.auth.client import EMAIL, PASSWORD, Client, error_code


def test_accounts_are_found_listed_changed_and_deleted(client: Client, admin: Any) -> None:
    created = auth.create_user(uid="u1", email="Desk@Clinic.Example", display_name="Desk", app=admin)
    assert auth.get_user_by_email(EMAIL, app=admin).uid == created.uid == "u1"
    auth.update_user("u1", email="front@clinic.example", disabled=True, app=admin)
    found = auth.get_user("u1", app=admin)
    assert (found.email, found.disabled, found.display_name) == ("front@clinic.example", True, "Desk")
    assert [user.uid for user in auth.list_users(app=admin).iterate_all()] == ["u1"]
    auth.delete_user("u1", app=admin)
    with pytest.raises(auth.UserNotFoundError):
        auth.get_user("u1", app=admin)


def test_accounts_are_deleted_in_bulk_and_listed_in_pages(admin: Any) -> None:
    for number in range(5):
        auth.create_user(uid=f"u{number}", email=f"{number}@clinic.example", app=admin)
    page = auth.list_users(max_results=3, app=admin)
    assert [user.uid for user in page.users] == ["u0", "u1", "u2"]
    assert [user.uid for user in page.get_next_page().users] == ["u3", "u4"]
    assert auth.delete_users(["u0", "u3", "u9"], app=admin).failure_count == 0
    assert [user.uid for user in auth.list_users(app=admin).iterate_all()] == ["u1", "u2", "u4"]


def test_credentials_of_a_deleted_account_are_invalid_for_a_new_account_with_its_uid(
    client: Client, admin: Any
) -> None:
    auth.create_user(uid="u1", email=EMAIL, password=PASSWORD, app=admin)
    signed_in = client.sign_in()
    (code,) = parse_qs(urlsplit(auth.generate_password_reset_link(EMAIL, app=admin)).query)["oobCode"]

    auth.delete_user("u1", app=admin)
    auth.create_user(uid="u1", email=EMAIL, app=admin)

    assert error_code(client.refresh(signed_in["refreshToken"])) == "INVALID_REFRESH_TOKEN"
    assert error_code(client.toolkit("resetPassword", {"oobCode": code, "newPassword": PASSWORD})) == "INVALID_OOB_CODE"


def test_a_new_uid_has_28_letters_and_digits_as_in_firebase(admin: Any) -> None:
    uids = [auth.create_user(email=f"u{count}@clinic.example", app=admin).uid for count in range(20)]
    assert len(set(uids)) == 20
    assert all(len(uid) == 28 and uid.isalnum() and uid.isascii() for uid in uids)


def test_an_address_belongs_to_one_account(client: Client, admin: Any) -> None:
    auth.create_user(uid="u1", email=EMAIL, app=admin)
    other = auth.create_user(uid="u2", email="other@clinic.example", app=admin)
    with pytest.raises(auth.EmailAlreadyExistsError):
        auth.create_user(email=EMAIL.upper(), app=admin)
    with pytest.raises(auth.EmailAlreadyExistsError):
        auth.update_user(other.uid, email=EMAIL, app=admin)
    assert auth.get_user(other.uid, app=admin).email == "other@clinic.example"


def test_users_cannot_sign_up_delete_their_account_or_change_its_address(client: Client, admin: Any) -> None:
    assert error_code(client.toolkit("signUp", {"email": EMAIL, "password": PASSWORD})) == "ADMIN_ONLY_OPERATION"
    auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    own = {"idToken": client.sign_in()["idToken"]}
    assert error_code(client.toolkit("delete", own)) == "ADMIN_ONLY_OPERATION"
    assert error_code(client.toolkit("update", {**own, "email": "me@clinic.example"})) == "OPERATION_NOT_ALLOWED"
    assert error_code(client.toolkit("update", {**own, "customAttributes": "{}"})) == "INSUFFICIENT_PERMISSION"


def test_users_change_their_own_name_and_password(client: Client, admin: Any) -> None:
    auth.create_user(email=EMAIL, password="forgotten", app=admin)
    own = {"idToken": client.sign_in("forgotten")["idToken"]}
    status, changed = client.toolkit("update", {**own, "displayName": "Desk", "password": PASSWORD})
    assert (status, changed["displayName"]) == (200, "Desk")
    assert auth.verify_id_token(changed["idToken"], app=admin)["name"] == "Desk"
    assert client.sign_in()["email"] == EMAIL


def test_users_see_their_own_account_without_its_password_hash(client: Client, admin: Any) -> None:
    auth.create_user(uid="u1", email=EMAIL, password=PASSWORD, app=admin)
    status, body = client.toolkit("lookup", {"idToken": client.sign_in()["idToken"]})
    assert (status, body["users"][0]["localId"]) == (200, "u1")
    assert "password" not in json.dumps(body).replace('"providerId": "password"', "")
    assert error_code(client.toolkit("lookup", {"idToken": "none"})) == "INVALID_ID_TOKEN"


def test_admin_calls_need_a_bearer_token(client: Client) -> None:
    url = f"{client.url}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts?key=any"
    assert urllib3.request("POST", url, json={"email": EMAIL}, retries=False).status == 401
