"""Access tokens of the metadata server, as every deployed function has it
(cloud.google.com/run/docs/container-contract#metadata-server).

google-auth asks it too, but loads `requests` for that, and asks for more: 60 ms of every cold start.
"""

from __future__ import annotations

from time import monotonic

from shared.rest.api import Api, Call
from shared.rest.connections import Connections
from shared.rest.credentials import Headers
from shared.rest.errors import ApiError, DeadlineExceeded, Internal, Unavailable
from shared.rest.retries import retried

_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
"""What a call may do is decided by the roles of the function's account."""
_EARLY = 225.0
"""Seconds before its end at which a token is refreshed, as google-auth does: the server has a new one by then."""
_TIMEOUT = 5.0
_ATTEMPTS = 5
_ALL_SECONDS = 30.0
"""For one request, and for all attempts and the pauses between them."""


class MetadataTokens:
    """Tokens of the function's own account, for all APIs."""

    def __init__(self, address: str) -> None:
        """`address` is host or host:port of the server."""
        api = Api(Connections(address, secure=False), headers={"metadata-flavor": "Google"})
        self._ask = retried(api.call, (DeadlineExceeded, Internal, Unavailable), _ALL_SECONDS, attempts=_ATTEMPTS)
        self._headers: Headers = {}
        self._until = 0.0

    def is_fresh(self) -> bool:
        return monotonic() < self._until

    def headers(self, method: str, url: str) -> Headers:
        del method, url
        if not self.is_fresh():
            self._refresh()
        return self._headers

    def _refresh(self) -> None:
        begun = monotonic()
        try:
            answer = self._ask(Call(f"{_PATH}?scopes={_SCOPE}"), _TIMEOUT)
            self._headers = {"authorization": f"Bearer {answer['access_token']}"}
            self._until = begun + float(answer["expires_in"]) - _EARLY
        except (ApiError, KeyError, TypeError, ValueError) as error:
            raise Unavailable(f"no access token: {error}") from error
