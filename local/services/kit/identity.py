"""The service accounts of functions and of triggers, and the caller of a local endpoint, as when deployed."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

PROJECT = "demo-synapse"
CERTIFICATES = "/oauth2/v1/certs"
"""Path of the public keys of identity tokens, on the IAM service."""


def service_account(function: str) -> str:
    """The e-mail address of the service account that `function` runs as."""
    return f"fn-{function.replace('_', '-')}@{PROJECT}.iam.gserviceaccount.com"


def trigger_account(kind: str) -> str:
    """The e-mail address of the service account that calls the functions of a kind: event, task or schedule."""
    return f"trigger-{kind}s@{PROJECT}.iam.gserviceaccount.com"


def caller(authorization: str | None) -> str:
    """The function of a bearer token (a JWT, not verified); empty if the token is not a function's."""
    try:
        payload = (authorization or "").removeprefix("Bearer ").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        email = str(claims.get("email") or claims.get("iss") or "")
    except (IndexError, ValueError):
        return ""
    account = email.partition("@")[0]
    return account.removeprefix("fn-").replace("-", "_") if account.startswith("fn-") else ""


def unsigned_jwt(claims: Mapping[str, object]) -> str:
    """A JSON Web Token with `alg: none`: local programs read the claims and verify no signature."""

    def part(value: Mapping[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."
