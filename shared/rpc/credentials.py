"""What authorises a call of Google's APIs: its headers, with an access token.

gRPC would ask for them in a thread of its own for each call. Here the thread that calls asks, and only a refresh of the
token has a thread: so that nobody waits for it longer than for an answer.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from google.api_core import exceptions
from google.auth.credentials import TokenState
from google.auth.exceptions import GoogleAuthError

Headers = Sequence[tuple[str, str]]


class _Called(NamedTuple):
    """What Google's plugin is told of a call."""

    service_url: str
    method_name: str


class CallCredentials:
    """The headers that Google's clients send for some credentials of google-auth."""

    def __init__(self, credentials: Any, host: str) -> None:
        """`host` is Google's of the API: the audience of tokens that the credentials sign themselves."""
        from google.auth.transport.grpc import AuthMetadataPlugin
        from google.auth.transport.requests import Request

        self._credentials = credentials
        self._host = host
        self._plugin = AuthMetadataPlugin(credentials, Request(), default_host=host, suppress_metrics_header=True)
        self._lock = threading.Lock()
        self._refresh: Future[Headers] | None = None

    def headers(self, service: str, method: str, seconds: float) -> Headers:
        """The headers of a call. A token that has expired, or is about to, is refreshed first, for all callers at once.

        Raises ServiceUnavailable when that fails, as gRPC does, and DeadlineExceeded when it takes longer.
        """
        called = _Called(f"https://{self._host}/{service}", method)
        try:
            if self._credentials.token_state is TokenState.FRESH:
                return self._asked(called)
            return self._refreshed(called).result(seconds)
        except GoogleAuthError as error:
            raise exceptions.ServiceUnavailable(f"no access token: {error}") from error
        except TimeoutError as error:
            raise exceptions.DeadlineExceeded("no access token in time") from error

    def _refreshed(self, called: _Called) -> Future[Headers]:
        with self._lock:
            refresh = self._refresh
            if refresh is None or refresh.done():
                refresh = Future()
                threading.Thread(target=self._answer, args=(refresh, called), name="refresh", daemon=True).start()
                self._refresh = refresh
            return refresh

    def _answer(self, refresh: Future[Headers], called: _Called) -> None:
        try:
            refresh.set_result(self._asked(called))
        except Exception as error:
            refresh.set_exception(error)

    def _asked(self, called: _Called) -> Headers:
        """What Google's plugin gives, which refreshes a token that is not fresh."""
        given: list[Headers] = []
        self._plugin(called, lambda headers, _error: given.append(headers))
        return given[0]
