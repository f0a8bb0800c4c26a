"""What authorises a call of Google's APIs: its headers, with an access token.

Only a refresh of the token has a thread: so that nobody waits for it longer than for an answer.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Protocol

from shared.rest.errors import DeadlineExceeded

Headers = Mapping[str, str]


class Tokens(Protocol):
    """Gives access tokens."""

    def is_fresh(self) -> bool:
        """True if the last token is valid for some minutes yet."""

    def headers(self, method: str, url: str) -> Headers:
        """The headers of a call. A token that is not fresh is refreshed first. Raises Unavailable when that fails."""


class CallCredentials:
    """The headers of calls, with one refresh of a token for all callers at once."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._lock = threading.Lock()
        self._refresh: Future[Headers] | None = None

    def headers(self, method: str, url: str, seconds: float) -> Headers:
        """The headers of a call. Raises Unavailable when there is no token, and DeadlineExceeded when that takes longer
        than so many seconds."""
        if self._tokens.is_fresh():
            return self._tokens.headers(method, url)
        try:
            return self._refreshed(method, url).result(seconds)
        except TimeoutError as error:
            raise DeadlineExceeded("no access token in time") from error

    def _refreshed(self, method: str, url: str) -> Future[Headers]:
        with self._lock:
            refresh = self._refresh
            if refresh is None or refresh.done():
                refresh = Future()
                threading.Thread(target=self._answer, args=(refresh, method, url), name="refresh", daemon=True).start()
                self._refresh = refresh
            return refresh

    def _answer(self, refresh: Future[Headers], method: str, url: str) -> None:
        try:
            refresh.set_result(self._tokens.headers(method, url))
        except Exception as error:
            refresh.set_exception(error)
