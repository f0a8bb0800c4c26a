"""The mails of the local Identity Platform, with the links to choose a password."""

from __future__ import annotations

import re
import time

import urllib3

from local.services.auth.endpoint import MAILS
from local.stack.stack import Stack
from tests.support.password_sign_in import PASSWORD, toolkit

_CODE = re.compile(r"oobCode=([^&\s]+)")


def mails_to(stack: Stack, email: str) -> list[str]:
    """The codes of the links that were mailed to an address so far, newest first."""
    reply = urllib3.request("GET", f"{stack.url}{MAILS}", headers={"Accept": "application/json"}, retries=False)
    return [_CODE.findall(mail["link"])[0] for mail in reply.json()["mails"] if mail["to"] == email]


def mailed_code(stack: Stack, email: str, timeout: float = 30) -> str:
    """The code of the last link that was mailed to an address; waits for the first mail."""
    deadline = time.monotonic() + timeout
    while not (codes := mails_to(stack, email)):
        assert time.monotonic() < deadline, f"no mail to {email}"
        time.sleep(0.05)
    return codes[0]


def choose_password(stack: Stack, email: str) -> None:
    """Choose the password with the link that was mailed to an address."""
    body = {"oobCode": mailed_code(stack, email), "newPassword": PASSWORD}
    response = toolkit(stack, "resetPassword", body)
    assert response.status == 200, response.data
