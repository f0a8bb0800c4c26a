"""Sign-in, tokens and rejected requests of client apps."""

from __future__ import annotations

import time
from typing import Any

import urllib3
from firebase_admin import auth

from tests.local.auth.client import EMAIL, PASSWORD, Client, error_code


def test_sign_in_returns_a_token_with_the_claims_set_by_firebase_admin(client: Client, admin: Any) -> None:
    user = auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    auth.set_custom_user_claims(user.uid, {"clinic": "aster"}, app=admin)
    claims = auth.verify_id_token(client.sign_in()["idToken"], app=admin)
    assert (claims["uid"], claims["clinic"], claims["email"]) == (user.uid, "aster", EMAIL)


def test_a_refreshed_token_has_new_claims(client: Client, admin: Any) -> None:
    user = auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    refresh_token = client.sign_in()["refreshToken"]
    auth.set_custom_user_claims(user.uid, {"clinic": "begonia"}, app=admin)
    status, body = client.refresh(refresh_token)
    assert status == 200
    assert auth.verify_id_token(body["id_token"], app=admin)["clinic"] == "begonia"


def test_a_wrong_password_and_an_unknown_address_have_the_same_error(client: Client, admin: Any) -> None:
    auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    wrong = client.toolkit("signInWithPassword", {"email": EMAIL, "password": "other"})
    unknown = client.toolkit("signInWithPassword", {"email": "who@clinic.example", "password": PASSWORD})
    assert error_code(wrong) == error_code(unknown) == "INVALID_LOGIN_CREDENTIALS"


def test_a_disabled_account_neither_signs_in_nor_refreshes(client: Client, admin: Any) -> None:
    user = auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    refresh_token = client.sign_in()["refreshToken"]
    auth.update_user(user.uid, disabled=True, app=admin)
    attempt = client.toolkit("signInWithPassword", {"email": EMAIL, "password": PASSWORD})
    assert error_code(attempt) == error_code(client.refresh(refresh_token)) == "USER_DISABLED"


def test_a_revoked_refresh_token_is_invalid(client: Client, admin: Any) -> None:
    user = auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    refresh_token = client.sign_in()["refreshToken"]
    auth.update_user(user.uid, valid_since=2**33, app=admin)
    assert error_code(client.refresh(refresh_token)) == "TOKEN_EXPIRED"
    assert error_code(client.refresh("never issued")) == "INVALID_REFRESH_TOKEN"


def test_a_refreshed_token_has_the_time_of_its_sign_in(client: Client, admin: Any) -> None:
    auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    signed_in = client.sign_in()
    time.sleep(1.1)
    renewed = auth.verify_id_token(client.refresh(signed_in["refreshToken"])[1]["id_token"], app=admin)
    assert renewed["auth_time"] == auth.verify_id_token(signed_in["idToken"], app=admin)["auth_time"]
    assert renewed["iat"] > renewed["auth_time"]


def test_a_request_without_a_key_is_rejected(client: Client) -> None:
    url = f"{client.url}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword"
    assert urllib3.request("POST", url, json={}, retries=False).status == 403


def test_browsers_may_call_from_any_origin(client: Client) -> None:
    url = f"{client.url}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword"
    answer = urllib3.request("OPTIONS", url, headers={"Origin": "http://localhost:3000"}, retries=False)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")


def test_an_invalid_body_is_rejected(client: Client) -> None:
    bodies: list[object] = [{}, [], {"email": 1, "password": None}, {"email": EMAIL, "password": ["x"]}]
    for body in bodies:
        assert client.toolkit("signInWithPassword", body)[0] == 400
    assert urllib3.request("GET", f"{client.url}/elsewhere", retries=False).status == 404
