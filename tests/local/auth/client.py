"""A client app of the local Identity Toolkit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import urllib3

EMAIL = "desk@clinic.example"
PASSWORD = "horse battery"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Client:
    """A client app, which has only an API key."""

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


def error_code(answer: tuple[int, dict[str, Any]]) -> str:
    status, body = answer
    assert status == 400
    return str(body["error"]["message"])
