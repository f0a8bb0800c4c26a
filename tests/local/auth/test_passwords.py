"""Passwords: reset links and codes, and crashes."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import firebase_admin
import pytest
import urllib3
from firebase_admin import auth

from local.services.auth.endpoint import AccountsEndpoint
from local.services.auth.errors import IdentityToolkitError
from local.services.auth.register import Register
from local.services.kit.identity import PROJECT
from local.services.kit.servers import HttpServer
from tests.local.auth.client import EMAIL, FORM, PASSWORD, Client, error_code

PAGE = re.compile(r'name="password"')


def test_a_rejected_password_creates_no_account(client: Client) -> None:
    url = f"{client.url}/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts"
    new = {"email": EMAIL, "password": "short"}
    owner = {"Authorization": "Bearer owner"}
    assert urllib3.request("POST", url, json=new, headers=owner, retries=False).status == 400
    assert urllib3.request("POST", url, json={**new, "password": PASSWORD}, headers=owner).status == 200


def test_a_new_password_revokes_all_tokens(client: Client, admin: Any) -> None:
    before = int(time.time())
    user = auth.create_user(email=EMAIL, password=PASSWORD, app=admin)
    auth.update_user(user.uid, valid_since=1, app=admin)
    auth.update_user(user.uid, password="chosen later", app=admin)
    assert auth.get_user(user.uid, app=admin).tokens_valid_after_timestamp >= before * 1000


def test_only_password_reset_links_are_allowed(client: Client) -> None:
    request = {"requestType": "EMAIL_SIGNIN", "email": EMAIL}
    assert error_code(client.toolkit("sendOobCode", request)) == "OPERATION_NOT_ALLOWED"


def test_the_reset_link_of_firebase_admin_sets_a_password_once(client: Client, admin: Any) -> None:
    auth.create_user(email=EMAIL, app=admin)
    link = auth.generate_password_reset_link(EMAIL, app=admin)
    assert PAGE.search(urllib3.request("GET", link).data.decode())
    short = urllib3.request("POST", link, body=urlencode({"password": "short"}), headers=FORM)
    assert b"WEAK_PASSWORD" in short.data
    urllib3.request("POST", link, body=urlencode({"password": PASSWORD}), headers=FORM)
    assert client.sign_in()["email"] == EMAIL
    assert urllib3.request("GET", link, retries=False).status == 400


def test_a_sent_code_resets_a_forgotten_password(client: Client, admin: Any) -> None:
    auth.create_user(email=EMAIL, password="forgotten", app=admin)
    for address in (EMAIL, "who@clinic.example"):
        assert client.toolkit("sendOobCode", {"requestType": "PASSWORD_RESET", "email": address})[0] == 200
    codes = urllib3.request("GET", f"{client.url}/emulator/v1/projects/{PROJECT}/oobCodes").json()["oobCodes"]
    assert [sent["email"] for sent in codes] == [EMAIL]
    reset = {"oobCode": codes[0]["oobCode"], "newPassword": PASSWORD}
    assert client.toolkit("resetPassword", reset)[0] == 200
    client.sign_in()
    assert error_code(client.toolkit("resetPassword", reset)) == "INVALID_OOB_CODE"


def test_a_new_password_and_its_used_code_are_stored_together_or_not_at_all(tmp_path: Path) -> None:
    def broken_clock() -> float:
        raise OSError("no time")

    accounts = Register(tmp_path)
    uid = accounts.create(EMAIL, "", lambda _: None).uid
    code = accounts.new_code(uid)
    with pytest.raises(IdentityToolkitError, match="WEAK_PASSWORD"):
        accounts.redeem(code, "short")
    with pytest.raises(OSError, match="no time"):
        Register(tmp_path, broken_clock).redeem(code, PASSWORD)
    assert accounts.owner_of(code).password == ""
    accounts.redeem(code, PASSWORD)
    assert accounts.sign_in(EMAIL, PASSWORD).uid == uid
    with pytest.raises(IdentityToolkitError, match="INVALID_OOB_CODE"):
        accounts.redeem(code, PASSWORD)


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
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert EMAIL.encode() in stored
    assert PASSWORD.encode() not in stored
