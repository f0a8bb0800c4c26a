"""Sign-in with e-mail address and password, as the client SDKs of Firebase do it."""

from __future__ import annotations

import urllib3

from local.stack.stack import Stack
from tests.support.client import ApiClient

PASSWORD = "chosen by themselves"


def toolkit(stack: Stack, method: str, body: object) -> urllib3.BaseHTTPResponse:
    """Call a method of Identity Toolkit."""
    url = f"{stack.url}/identitytoolkit.googleapis.com/v1/accounts:{method}?key=any"
    return urllib3.request("POST", url, json=body, retries=False)


def sign_in(stack: Stack, email: str) -> ApiClient:
    """A client with the ID token of the account that has this address and `PASSWORD`."""
    response = toolkit(stack, "signInWithPassword", {"email": email, "password": PASSWORD})
    assert response.status == 200, response.data
    client = ApiClient(stack.url, response.json()["localId"], "")
    client.token = response.json()["idToken"]
    return client
