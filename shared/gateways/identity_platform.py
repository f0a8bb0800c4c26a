"""Identity Platform over REST: what firebase-admin cannot do, and what each instance asks for its first request,
because firebase-admin is slow to import (cloud.google.com/identity-platform/docs/reference/rest)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared import settings
from shared.records.problems import Unavailable
from shared.rest import errors as rest
from shared.rest.api import Api, Call
from shared.rest.opening import open_api, open_plain_api
from shared.rest.retries import retried
from shared.singleton import singleton

_SECONDS = 10.0
"""Timeout of one call."""
_HOST = "identitytoolkit.googleapis.com"
_SCOPES = "cloud-platform", "identitytoolkit"
_TRANSIENT_STATUSES = {429, 500, 502, 503, 504}
_TRANSIENT_REASONS = {"RESET_PASSWORD_EXCEED_LIMIT", "TOO_MANY_ATTEMPTS_TRY_LATER", "QUOTA_EXCEEDED"}
"""Error codes of limits, which have status 400."""
_ATTEMPTS = 5
"""Of a look-up, when the connection or the service fails."""
_REPEATED_SECONDS = 8.0
"""For which the pauses between them last at most, all together."""


class RefusedError(RuntimeError):
    """The call is refused, and would be again; the argument is the status and the error code."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.reason = reason
        """Such as EMAIL_NOT_FOUND."""


def account(user_id: str) -> Mapping[str, Any] | None:
    """The `UserInfo` of an account; None if it does not exist. Sent again when the connection or the service fails.

    Raises Unavailable, RefusedError.
    """
    look_up = retried(_api().call, (rest.Internal, rest.Unavailable), _REPEATED_SECONDS, attempts=_ATTEMPTS)
    try:
        found = _answer(look_up, "accounts:lookup", {"localId": [user_id]}).get("users")
    except RefusedError as refused:
        if refused.reason != "USER_NOT_FOUND":
            raise
        return None
    return found[0] if found else None


def mail_password_link(email: str) -> None:
    """Let Identity Platform mail a link for choosing a password. It is sent once, and only to that mailbox: without
    `returnOobLink` the response does not contain the link. Raises Unavailable, RefusedError."""
    _answer(_api().call, "accounts:sendOobCode", {"requestType": "PASSWORD_RESET", "email": email})


def _answer(send: Callable[[Call, float], Any], method: str, content: Mapping[str, Any]) -> Any:
    try:
        return send(Call(f"{_projects()}/{method}", content=content), _SECONDS)
    except rest.ApiError as error:
        reason = error.message.partition(" ")[0]  # a text may follow the error code
        if not error.status or error.status in _TRANSIENT_STATUSES or reason in _TRANSIENT_REASONS:
            raise Unavailable from None
        raise RefusedError(error.status, reason) from None


def _projects() -> str:
    """The path of the project."""
    project = f"/v1/projects/{settings.load(settings.Project).google_cloud_project}"
    return f"/{_HOST}{project}" if _local() else project


def _local() -> str | None:
    """The address of the local service, which has the same paths below the name of the host."""
    address: str | None = settings.load(settings.AccountsEndpoint).firebase_auth_emulator_host
    return address


@singleton
def _api() -> Api:
    """With the function's own credentials; the local service takes the token `owner`."""
    if local := _local():
        return open_plain_api(local, {"authorization": "Bearer owner"})
    return open_api(_HOST, _SCOPES)
