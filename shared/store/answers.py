"""Idempotency: the answer to a request is kept with its effect, so that a repeated request gets the same answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.records.problems import FieldError, Invalid
from shared.vault.cipher import Place, seal, unseal
from shared.vault.keyring import Keyring

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Answer:
    """What the client was told."""

    status: int
    headers: Mapping[str, str]
    body: str


class Replayed(Exception):  # noqa: N818 - it is an outcome
    """The request was done before; this is what was answered then."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("replayed")
        self.answer = answer


@dataclass(frozen=True)
class Idempotency:
    """One request that must have its effect once."""

    key: str
    """The client's Idempotency-Key."""
    scope: str
    """User, method and path: the same key elsewhere is another request."""
    body: bytes
    render: Callable[[Any, bool], Answer]
    """From the result (and whether clinical fields may be shown) to the answer."""

    @property
    def path(self) -> str:
        return f"requests/{hashlib.sha256(f'{self.scope} {self.key}'.encode()).hexdigest()}"

    def document(self, answer: Answer, keyring: Keyring, now: datetime) -> dict[str, Any]:
        """The document that is committed with the effect; the answer and the request's digest are sealed."""
        kept = {"digest": self._digest(), **asdict(answer)}
        return {
            "expires_at": now + KEPT,
            "sealed": {"answer": seal(keyring.aead, self._place(keyring), "answer", kept)},
        }

    def check(self, document: Mapping[str, Any], keyring: Keyring, now: datetime) -> None:
        """Raises Replayed when the request was done, Invalid when the key was used for another one."""
        if document["expires_at"] <= now:
            return
        kept = unseal(keyring.aead, self._place(keyring), "answer", document["sealed"]["answer"])
        if kept.pop("digest") != self._digest():
            raise Invalid(errors=[FieldError("Idempotency-Key", "was used for another request")])
        raise Replayed(Answer(**kept))

    def _digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def _place(self, keyring: Keyring) -> Place:
        return Place(keyring.clinic_id, "clinic", "Answer", self.path)
