"""The local Identity Toolkit, called by firebase-admin and with the requests of the client SDKs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import firebase_admin
import pytest
import urllib3
from firebase_admin import auth

from local.services.auth import register
from local.services.auth.endpoint import AccountsEndpoint
from local.services.auth.errors import IdentityToolkitError
from local.services.auth.register import Register
from local.services.kit.identity import PROJECT
from local.services.kit.private_files import write_private
from local.services.kit.servers import HttpServer

EMAIL = "desk@clinic.example"
PASSWORD = "horse battery"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAGE = re.compile(r'name="password"')


class Client:
    """A client app: it has only an API key."""

    def __init__(self, url: str) -> None:
        self.url = url

    def toolkit(self, method: str, body: object) -> tuple[int, dict[str, Any]]:
        url = f"{self.url}/identitytoolkit.googleapis.com/v1/accounts:{method}?key=any"
        answer = urllib3.request("POST", url, json=body, retries=False)
        return answer.status, answer.json()

    def sign_in(self, password: str = PASSWORD) -> dict[str, Any]:
        status, body = self.toolkit("signInWithPassword", {"email": EMAIL, "password": password})
        assert status == 200, body
        return body

    def refresh(self, token: str) -> tuple[int, dict[str, Any]]:
        fields = {"grant_type": "refresh_token", "refresh_token": token}
        url = f"{self.url}/securetoken.googleapis.com/v1/token?key=any"
        answer = urllib3.request("POST", url, body=urlencode(fields), headers=FORM, retries=False)
        return answer.status, answer.json()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    server = HttpServer(AccountsEndpoint(tmp_path).app)
    try:
        yield Client(server.url)
    finally:
        server.stop()


@pytest.fixture
def admin(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", client.url.removeprefix("http://"))
    app = firebase_admin.initialize_app(options={"projectId": PROJECT}, name="accounts-test")
    try:
        yield app
    finally:
        firebase_admin.delete_app(app)


def refusal(answer: tuple[int, dict[str, Any]]) -> str:
    status, body = answer
    assert status == 400
    return str(body["error"]["message"])


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


def test_accounts_are_found_listed_changed_and_deleted(client: Client, admin: Any) -> None:
    made = auth.create_user(uid="u1", email="Desk@Clinic.Example", display_name="Desk", app=admin)
    assert auth.get_user_by_email(EMAIL, app=admin).uid == made.uid == "u1"
    auth.update_user("u1", email="front@clinic.example", disabled=True, app=admin)
    found = auth.get_user("u1", app=admin)
    assert (found.email, found.disabled, found.display_name) == ("front@clinic.example", True, "Desk")
    assert [user.uid for user in auth.list_users(app=admin).iterate_all()] == ["u1"]
    auth.delete_user("u1", app=admin)
    with pytest.raises(auth.UserNotFoundError):
        auth.get_user("u1", app=admin)


def test_many_accounts_are_deleted_at_once_and_listed_page_by_page(admin: Any) -> None:
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

    assert refusal(client.refresh(signed_in["refreshToken"])) == "INVALID_REFRESH_TOKEN"
    assert refusal(client.toolkit("resetPassword", {"oobCode": code, "newPassword": PASSWORD})) == "INVALID_OOB_CODE"


def test_a_rejected_password_creates_no_account(client: Client) -> None:
    url = f"{client.url}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts"
    new = {"email": EMAIL, "password": "short"}
    owner = {"Authorization": "Bearer owner"}
    assert urllib3.request("POST", url, json=new, headers=owner, retries=False).status == 400
    assert urllib3.request("POST", url, json={**new, "password": PASSWORD}, headers=owner).status == 200


def test_a_new_uid_has_28_letters_and_digits_as_firebases_own(admin: Any) -> None:
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


def test_a_wrong_password_and_an_unknown_address_look_the_same(client: Client, admin: Any) -> None:
    auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    wrong = client.toolkit("signInWithPassword", {"email": EMAIL, "password": "other"})
    unknown = client.toolkit("signInWithPassword", {"email": "who@clinic.example", "password": PASSWORD})
    assert refusal(wrong) == refusal(unknown) == "INVALID_LOGIN_CREDENTIALS"


def test_a_disabled_account_neither_signs_in_nor_refreshes(client: Client, admin: Any) -> None:
    user = auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    refresh_token = client.sign_in()["refreshToken"]
    auth.update_user(user.uid, disabled=True, app=admin)
    attempt = client.toolkit("signInWithPassword", {"email": EMAIL, "password": PASSWORD})
    assert refusal(attempt) == refusal(client.refresh(refresh_token)) == "USER_DISABLED"


def test_a_revoked_refresh_token_is_invalid(client: Client, admin: Any) -> None:
    user = auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    refresh_token = client.sign_in()["refreshToken"]
    auth.update_user(user.uid, valid_since=2**33, app=admin)
    assert refusal(client.refresh(refresh_token)) == "TOKEN_EXPIRED"
    assert refusal(client.refresh("never given")) == "INVALID_REFRESH_TOKEN"


def test_a_new_password_revokes_all_tokens(client: Client, admin: Any) -> None:
    before = int(time.time())
    user = auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    auth.update_user(user.uid, valid_since=1, app=admin)
    auth.update_user(user.uid, password="chosen later", app=admin)
    assert auth.get_user(user.uid, app=admin).tokens_valid_after_timestamp >= before * 1000


def test_people_cannot_sign_up_delete_their_account_or_change_its_address(client: Client, admin: Any) -> None:
    assert refusal(client.toolkit("signUp", {"email": EMAIL, "password": PASSWORD})) == "ADMIN_ONLY_OPERATION"
    auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    own = {"idToken": client.sign_in()["idToken"]}
    assert refusal(client.toolkit("delete", own)) == "ADMIN_ONLY_OPERATION"
    assert refusal(client.toolkit("update", {**own, "email": "me@clinic.example"})) == "OPERATION_NOT_ALLOWED"
    assert refusal(client.toolkit("update", {**own, "customAttributes": "{}"})) == "INSUFFICIENT_PERMISSION"


def test_people_change_their_own_name_and_password(client: Client, admin: Any) -> None:
    auth.create_user(email=EMAIL, password="forgotten", app=admin)
    own = {"idToken": client.sign_in("forgotten")["idToken"]}
    status, changed = client.toolkit("update", {**own, "displayName": "Desk", "password": PASSWORD})
    assert (status, changed["displayName"]) == (200, "Desk")
    assert auth.verify_id_token(changed["idToken"], app=admin)["name"] == "Desk"
    assert client.sign_in()["email"] == EMAIL


def test_a_refreshed_token_has_the_time_of_its_sign_in(client: Client, admin: Any) -> None:
    auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    signed_in = client.sign_in()
    time.sleep(1.1)
    renewed = auth.verify_id_token(client.refresh(signed_in["refreshToken"])[1]["id_token"], app=admin)
    assert renewed["auth_time"] == auth.verify_id_token(signed_in["idToken"], app=admin)["auth_time"]
    assert renewed["iat"] > renewed["auth_time"]


def test_only_password_reset_links_are_allowed(client: Client) -> None:
    wanted = {"requestType": "EMAIL_SIGNIN", "email": EMAIL}
    assert refusal(client.toolkit("sendOobCode", wanted)) == "OPERATION_NOT_ALLOWED"


def test_a_request_without_a_key_is_rejected(client: Client) -> None:
    url = f"{client.url}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword"
    assert urllib3.request("POST", url, json={}, retries=False).status == 403


def test_the_link_of_firebase_admin_shows_a_page_that_sets_a_password_once(client: Client, admin: Any) -> None:
    auth.create_user(email=EMAIL, app=admin)
    link = auth.generate_password_reset_link(EMAIL, app=admin)
    assert PAGE.search(urllib3.request("GET", link).data.decode())
    short = urllib3.request("POST", link, body=urlencode({"password": "short"}), headers=FORM)
    assert b"WEAK_PASSWORD" in short.data
    urllib3.request("POST", link, body=urlencode({"password": PASSWORD}), headers=FORM)
    assert client.sign_in()["email"] == EMAIL
    assert urllib3.request("GET", link, retries=False).status == 400


def test_a_forgotten_password_is_reset_by_the_code_that_was_sent(client: Client, admin: Any) -> None:
    auth.create_user(email=EMAIL, password="forgotten", app=admin)
    for address in (EMAIL, "who@clinic.example"):
        assert client.toolkit("sendOobCode", {"requestType": "PASSWORD_RESET", "email": address})[0] == 200
    codes = urllib3.request("GET", f"{client.url}/emulator/v1/projects/{PROJECT}/oobCodes").json()["oobCodes"]
    assert [sent["email"] for sent in codes] == [EMAIL]
    reset = {"oobCode": codes[0]["oobCode"], "newPassword": PASSWORD}
    assert client.toolkit("resetPassword", reset)[0] == 200
    client.sign_in()
    assert refusal(client.toolkit("resetPassword", reset)) == "INVALID_OOB_CODE"


def test_people_see_their_own_account_without_its_password_hash(client: Client, admin: Any) -> None:
    auth.create_user(uid="u1", email=EMAIL, password=PASSWORD, app=admin)
    status, body = client.toolkit("lookup", {"idToken": client.sign_in()["idToken"]})
    assert (status, body["users"][0]["localId"]) == (200, "u1")
    assert "password" not in json.dumps(body).replace('"providerId": "password"', "")
    assert refusal(client.toolkit("lookup", {"idToken": "none"})) == "INVALID_ID_TOKEN"


def test_admin_calls_need_a_bearer_token(client: Client) -> None:
    url = f"{client.url}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts?key=any"
    assert urllib3.request("POST", url, json={"email": EMAIL}, retries=False).status == 401


def test_browsers_may_call_from_any_origin(client: Client) -> None:
    url = f"{client.url}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword"
    answer = urllib3.request("OPTIONS", url, headers={"Origin": "http://localhost:3000"}, retries=False)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")


def test_an_invalid_body_is_rejected(client: Client) -> None:
    bodies: list[object] = [{}, [], {"email": 1, "password": None}, {"email": EMAIL, "password": ["x"]}]
    for body in bodies:
        assert client.toolkit("signInWithPassword", body)[0] == 400
    assert urllib3.request("GET", f"{client.url}/elsewhere", retries=False).status == 404


def test_a_kill_between_a_new_password_and_its_code_is_impossible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = Register(tmp_path)
    uid = accounts.create(EMAIL, "", lambda _: None).uid
    code = accounts.new_code(uid)
    written: list[tuple[bool, bool]] = []

    def note(path: Path, content: bytes) -> None:
        kept = json.loads(content)
        written.append((bool(kept["accounts"][uid]["password"]), code in kept["codes"]))
        write_private(path, content)

    monkeypatch.setattr(register, "write_private", note)
    with pytest.raises(IdentityToolkitError, match="WEAK_PASSWORD"):
        accounts.redeem(code, "short")
    accounts.redeem(code, PASSWORD)
    assert written == [(True, False)]
    with pytest.raises(IdentityToolkitError, match="INVALID_OOB_CODE"):
        accounts.redeem(code, PASSWORD)


def test_a_half_written_file_does_not_break_the_next_start(tmp_path: Path) -> None:
    Register(tmp_path).create(EMAIL, "u1", lambda _: None)
    (tmp_path / "accounts.new").write_text('{"accounts": {"u1')
    restarted = Register(tmp_path)
    assert restarted.find(uid="u1")
    restarted.create("doctor@clinic.example", "u2", lambda _: None)
    assert [account.uid for account in Register(tmp_path).all()] == ["u1", "u2"]


def test_accounts_and_passwords_survive_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for first in (True, False):
        server = HttpServer(AccountsEndpoint(tmp_path).app)
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", f"127.0.0.1:{server.port}")
        app = firebase_admin.initialize_app(options={"projectId": PROJECT}, name="accounts-restart")
        try:
            if first:
                auth.create_user(email=EMAIL, password=PASSWORD, app=app)
            assert Client(server.url).sign_in()["email"] == EMAIL
        finally:
            firebase_admin.delete_app(app)
            server.stop()
    assert PASSWORD not in (tmp_path / "accounts.json").read_text()
