"""Signatures of the function's own service account, made by the IAM Credentials API.

A deployed function has no private key. The client of IAM would be one more package, and google-auth's signer calls a
fixed address only; so this is one REST call
(cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob).
"""

from __future__ import annotations

import base64
from typing import Any

from shared import settings
from shared.records.problems import Unavailable
from shared.singleton import singleton

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_SECONDS = 10
"""Timeout of one call."""
_BUSY_STATUSES = {429, 500, 502, 503, 504}


@singleton
def own_account() -> Any:
    """Credentials that sign as the account that the function runs as, for google-cloud-storage."""
    import google.auth
    from google.auth.credentials import Signing
    from google.auth.transport.requests import AuthorizedSession, Request

    found, _ = google.auth.default(scopes=[_SCOPE])
    credentials: Any = found  # only those of service accounts have an address
    if not credentials.valid:
        credentials.refresh(Request())  # on Cloud Run the account's address is known only afterwards
    email, session = str(credentials.service_account_email), AuthorizedSession(credentials)

    class OwnAccount(Signing):
        """The account, as google-auth describes who signs."""

        signer = None
        signer_email = email

        def sign_bytes(self, message: bytes) -> bytes:
            return _sign(session, email, message)

    return OwnAccount()


def _sign(session: Any, email: str, message: bytes) -> bytes:
    """The RSA signature (SHA-256) of a message. Raises Unavailable when IAM cannot sign now."""
    import requests
    from google.auth.exceptions import TransportError

    base = settings.load(settings.IamEndpoint).iam_endpoint or "https://iamcredentials.googleapis.com"
    url = f"{base}/v1/projects/-/serviceAccounts/{email}:signBlob"
    body = {"payload": base64.b64encode(message).decode()}
    try:
        response = session.post(url, json=body, timeout=_SECONDS)
    except (requests.ConnectionError, requests.Timeout, TransportError):
        raise Unavailable from None
    if response.status_code in _BUSY_STATUSES:
        raise Unavailable
    response.raise_for_status()
    return base64.b64decode(response.json()["signedBlob"])
