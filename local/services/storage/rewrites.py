"""Rewrites that take several calls.

Google rewrites an object within one location and one storage class in one call, and else as much as it can in half a
minute, or `maxBytesRewrittenPerCall` (cloud.google.com/storage/docs/json_api/v1/objects/rewrite, November 2026).
"""

from __future__ import annotations

import secrets
import threading

from local.services.storage.conditions import Resource
from local.services.storage.errors import invalid
from local.services.storage.web import StorageRequest

GRAIN = 1 << 20
"""The smallest limit of a call, of which each is a multiple, and what a call to another place rewrites here."""
_SAME = ("location", "storageClass")

Target = tuple[str, str, str]
"""The id of the source, which has its generation, and the bucket and name of the object that it becomes."""


class Rewrites:
    """The rewrites that are not done, by their tokens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unfinished: dict[str, tuple[Target, int]] = {}

    def most_bytes(self, request: StorageRequest, bucket: Resource, to_bucket: Resource) -> int:
        """How much this call rewrites at most."""
        wanted = request.args.get("maxBytesRewrittenPerCall", type=int)
        if wanted is not None and (wanted < GRAIN or wanted % GRAIN):
            raise invalid(f"maxBytesRewrittenPerCall must be a multiple of {GRAIN}.")
        if all(bucket[name] == to_bucket[name] for name in _SAME):
            return 1 << 62
        return wanted or GRAIN

    def done(self, token: str | None, target: Target) -> int:
        """The bytes that earlier calls rewrote. Raises StorageError for a token of another rewrite."""
        if token is None:
            return 0
        with self._lock:
            known, done = self._unfinished.get(token, (None, 0))
        if known != target:
            raise invalid("Invalid rewriteToken.")
        return done

    def token(self, target: Target, done: int) -> str:
        token = secrets.token_urlsafe()
        with self._lock:
            self._unfinished[token] = (target, done)
        return token
