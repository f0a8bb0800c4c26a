"""Functions that verify ID tokens as when deployed, beside the stack's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.services.auth.issuer import Firebase
from local.stack.stack import Stack, Variant
from tests.support.client import ApiClient


@dataclass(frozen=True)
class Verifying:
    """Functions that verify tokens as when deployed, and the issuer of the tokens."""

    variant: Variant
    firebase: Firebase

    def client(self, user: ApiClient, **claims: object) -> ApiClient:
        """A client for the same user, with a signed token."""
        signed = ApiClient(self.variant.url, user.user_id, "")
        signed.token = self.firebase.token(user.user_id, **claims)
        return signed


@contextmanager
def verifying(stack: Stack, folder: Path) -> Iterator[Verifying]:
    """A second copy of the stack's functions, without the emulator setting that accepts any token."""
    firebase = Firebase(folder, stack.url, Path(stack.client_environment()["SSL_CERT_FILE"]))
    try:
        with stack.variant(firebase.variables()) as variant:
            yield Verifying(variant, firebase)
    finally:
        firebase.stop()
