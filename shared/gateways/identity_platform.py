"""Identity Platform over REST: what firebase-admin cannot do, and what each instance asks for its first request,
because firebase-admin is slow to import (cloud.google.com/identity-platform/docs/reference/rest)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared import settings
from shared.records.problems import Unavailable
from shared.singleton import singleton

_SECONDS = 10
"""Timeout of one call."""
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/identitytoolkit")
_TRANSIENT_STATUSES = {429, 500, 502, 503, 504}
_TRANSIENT_REASONS = {"RESET_PASSWORD_EXCEED_LIMIT", "TOO_MANY_ATTEMPTS_TRY_LATER", "QUOTA_EXCEEDED"}
"""Error codes of limits, which have status 400."""
_REPEATS, _REPEATED_STATUSES = 4, (500, 503)
"""How often a look-up is sent again after such a status."""
_LOOKUP = "accounts:lookup"


class RefusedError(RuntimeError):
    """The call is refused, and would be again; the argument is the status and the error code."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.reason = reason
        """Such as EMAIL_NOT_FOUND."""


def account(user_id: str) -> Mapping[str, Any] | None:
    """The `UserInfo` of an account; None if it does not exist. Sent again, as firebase-admin does, when the connection
    or the service fails.

    Raises Unavailable, RefusedError.
    """
    try:
        response = _post(_LOOKUP, {"localId": [user_id]})
    except RefusedError as refused:
        if refused.reason != "USER_NOT_FOUND":
            raise
        return None
    found: list[Mapping[str, Any]] = response.json().get("users") or []
    return found[0] if found else None


def mail_password_link(email: str) -> None:
    """Let Identity Platform mail a link for choosing a password. It is sent once, and only to that mailbox: without
    `returnOobLink` the response does not contain the link. Raises Unavailable, RefusedError."""
    _post("accounts:sendOobCode", {"requestType": "PASSWORD_RESET", "email": email})


def _post(method: str, content: Mapping[str, Any]) -> Any:
    import requests

    try:
        response = _session().post(f"{_projects()}/{method}", json=content, timeout=_SECONDS)
    except (requests.ConnectionError, requests.Timeout):
        raise Unavailable from None
    if response.ok:
        return response
    reason = _reason_of(response)
    if response.status_code in _TRANSIENT_STATUSES or reason in _TRANSIENT_REASONS:
        raise Unavailable
    raise RefusedError(response.status_code, reason)


def _reason_of(response: Any) -> str:
    """The error code of a response, such as EMAIL_NOT_FOUND; a text may follow it."""
    try:
        return str(response.json()["error"]["message"]).partition(" ")[0]
    except (ValueError, KeyError, TypeError):
        return ""


def _projects() -> str:
    """The URL of the project."""
    local = settings.load(settings.AccountsEndpoint).firebase_auth_emulator_host
    base = f"http://{local}/identitytoolkit.googleapis.com" if local else "https://identitytoolkit.googleapis.com"
    return f"{base}/v1/projects/{settings.load(settings.Project).google_cloud_project}"


@singleton
def _session() -> Any:
    """An HTTP session with the function's own credentials; the local endpoint accepts the token `owner`."""
    import google.auth
    import requests
    from google.auth.transport.requests import AuthorizedSession
    from requests.adapters import HTTPAdapter
    from urllib3.util.retry import Retry

    if settings.load(settings.AccountsEndpoint).firebase_auth_emulator_host:
        session = requests.Session()
        session.headers["Authorization"] = "Bearer owner"
    else:
        credentials, _ = google.auth.default(scopes=_SCOPES)
        session = AuthorizedSession(credentials)
    again = Retry(
        total=None,
        connect=1,
        read=1,
        status=_REPEATS,
        status_forcelist=_REPEATED_STATUSES,
        raise_on_status=False,
        backoff_factor=0.5,
        allowed_methods=None,
        respect_retry_after_header=False,
    )
    session.mount(f"{_projects()}/{_LOOKUP}", HTTPAdapter(max_retries=again))
    return session
