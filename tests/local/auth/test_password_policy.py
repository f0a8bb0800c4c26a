"""The project's password policy at the local Identity Toolkit, and that the deployed one is the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from infra.catalogue import ROOT
from local.services.auth.account import POLICY_LENGTH
from local.services.auth.client import create_account
from local.services.auth.endpoint import AccountsEndpoint
from local.services.kit.servers import HttpServer

SHORT, LONG = "eleven char", "twelve chars"
REFUSAL = (
    "PASSWORD_DOES_NOT_MEET_REQUIREMENTS : Missing password requirements: "
    "[Password must contain at least 12 characters]"
)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    server = HttpServer(AccountsEndpoint(tmp_path).app)
    create_account(server.url, "asha", "banyan")
    yield server.url
    server.stop()


def ask(url: str, method: str, body: object) -> tuple[int, Any]:
    reply = urllib3.request(
        "POST", f"{url}/identitytoolkit.googleapis.com/v1/accounts:{method}?key=any", json=body, retries=False
    )
    return reply.status, reply.json()


def chosen(url: str, password: str) -> str:
    """The error of choosing a password by the link of a mail; empty for none."""
    ask(url, "sendOobCode", {"requestType": "PASSWORD_RESET", "email": "asha@accounts.example"})
    mails = urllib3.request("GET", f"{url}/emulator/mails", headers={"Accept": "application/json"}).json()["mails"]
    code = re.findall(r"oobCode=([^&]+)", mails[0]["link"])[0]
    status, body = ask(url, "resetPassword", {"oobCode": code, "newPassword": password})
    return "" if status == 200 else str(body["error"]["message"])


def test_password_of_fewer_than_twelve_characters_is_refused_by_the_link(url: str) -> None:
    assert chosen(url, SHORT) == REFUSAL
    assert chosen(url, LONG) == ""


def test_password_of_fewer_than_twelve_characters_is_refused_to_its_owner(url: str) -> None:
    chosen(url, LONG)
    signed_in = ask(url, "signInWithPassword", {"email": "asha@accounts.example", "password": LONG})[1]

    status, body = ask(url, "update", {"idToken": signed_in["idToken"], "password": SHORT})

    assert (status, body["error"]["message"]) == (400, REFUSAL)
    assert ask(url, "signInWithPassword", {"email": "asha@accounts.example", "password": LONG})[0] == 200


def test_sdks_can_read_the_policy(url: str) -> None:
    reply = urllib3.request("GET", f"{url}/identitytoolkit.googleapis.com/v2/passwordPolicy?key=any")

    assert reply.json()["customStrengthOptions"] == {"minPasswordLength": POLICY_LENGTH}


def test_deployed_policy_is_the_same() -> None:
    script = (ROOT / "infra" / "password-policy.sh").read_text(encoding="utf-8")
    (body,) = re.findall(r"-d '(\{.*\})'", script, re.S)
    policy = json.loads(body)["passwordPolicyConfig"]

    assert policy["passwordPolicyEnforcementState"] == "ENFORCE"
    assert policy["passwordPolicyVersions"] == [{"customStrengthOptions": {"minPasswordLength": POLICY_LENGTH}}]


def test_mails_are_shown_on_a_page_with_their_links(url: str) -> None:
    chosen(url, LONG)

    page = urllib3.request("GET", f"{url}/emulator/mails").data.decode()

    assert "asha@accounts.example" in page
    assert "oobCode=" in page
