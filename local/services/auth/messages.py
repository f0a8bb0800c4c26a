"""Request fields and response bodies of Identity Toolkit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from local.services.auth.account import Account
from local.services.auth.errors import IdentityToolkitError
from local.services.auth.tokens import id_token

JsonObject = Mapping[str, Any]
ACTION = "/emulator/action"
"""The path of the page on which a person chooses a password."""
TOKEN_SECONDS = 3600
_ADDRESS = re.compile(r"[^@]+@[^@]+")


def required(body: JsonObject, name: str, code: str) -> str:
    """A text field. Raises IdentityToolkitError with `code` without it."""
    value = body.get(name)
    if not value:
        raise IdentityToolkitError(code)
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def email_of(body: JsonObject) -> str:
    """The e-mail address in lower case. Raises IdentityToolkitError without a valid one."""
    address = required(body, "email", "MISSING_EMAIL")
    if not _ADDRESS.fullmatch(address):
        raise IdentityToolkitError("INVALID_EMAIL")
    return address.lower()


def claims_of(token: str) -> JsonObject:
    """The claims of an ID token. Raises IdentityToolkitError for a malformed one."""
    from google.auth import jwt

    try:
        claims: JsonObject = jwt.decode(token, verify=False)
    except ValueError:
        raise IdentityToolkitError("INVALID_ID_TOKEN") from None
    return claims


def apply(account: Account, body: JsonObject, now: int, *, own: bool = False) -> None:
    """Change the fields that the body names; `own` if by the person. A new address or password revokes the account's
    tokens."""
    if "password" in body:
        account.set_password(body["password"], now, chosen=own)
    if "email" in body and (address := email_of(body)) != account.email:
        account.email, account.email_verified, account.valid_since = address, False, now
    account.display_name = str(body.get("displayName", account.display_name))
    if "DISPLAY_NAME" in body.get("deleteAttribute", []):
        account.display_name = ""
    account.email_verified = bool(body.get("emailVerified", account.email_verified))
    account.disabled = bool(body.get("disableUser", body.get("disabled", account.disabled)))
    account.valid_since = int(body.get("validSince", account.valid_since))
    if "customAttributes" in body:
        account.claims = json.dumps(dict(json.loads(body["customAttributes"])))


def response(kind: str, **fields: object) -> dict[str, Any]:
    """A response of Identity Toolkit; empty fields are left out."""
    return {"kind": f"identitytoolkit#{kind}Response", **{name: value for name, value in fields.items() if value}}


def updated(account: Account) -> dict[str, Any]:
    """The response to a change of an account."""
    return response(
        "SetAccountInfo",
        localId=account.uid,
        email=account.email,
        emailVerified=account.email_verified,
        displayName=account.display_name,
        providerUserInfo=_providers(account),
    )


def user_info(account: Account) -> JsonObject:
    """An account without its password hash."""
    info = {
        "localId": account.uid,
        "email": account.email,
        "emailVerified": account.email_verified,
        "displayName": account.display_name,
        "disabled": account.disabled,
        "customAttributes": account.claims,
        "validSince": str(account.valid_since or ""),
        "createdAt": str(account.created_at),
        "lastLoginAt": str(account.signed_in_at or ""),
        "providerUserInfo": _providers(account),
    }
    return {name: value for name, value in info.items() if value not in ("", [])}


def new_id_token(account: Account) -> str:
    """The account's ID token; its custom claims never override the standard ones."""
    named = {"name": account.display_name} if account.display_name else {}
    identity = {
        "email": account.email,
        "email_verified": account.email_verified,
        "firebase": {"identities": {"email": [account.email]}, "sign_in_provider": "password"},
    }
    claims = named | json.loads(account.claims or "{}") | identity
    return id_token(account.uid, claims, seconds=TOKEN_SECONDS, signed_in_at=account.signed_in_at // 1000)


def action_link(host: str, code: str, continue_url: str = "") -> str:
    """The link to the page on which the person chooses a password; the client SDKs' `parseActionCodeURL` reads it."""
    query = {"mode": "resetPassword", "lang": "en", "oobCode": code, "apiKey": "fake-api-key"}
    return f"{host}{ACTION}?{urlencode(query | ({'continueUrl': continue_url} if continue_url else {}))}"


def _providers(account: Account) -> list[dict[str, str]]:
    """The account's sign-in methods."""
    if not account.password:
        return []
    named = {"displayName": account.display_name} if account.display_name else {}
    address = dict.fromkeys(("email", "federatedId", "rawId"), account.email)
    return [{"providerId": "password", **address, **named}]
