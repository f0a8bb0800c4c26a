"""Idempotency: the answer to a request is kept with its effect, so that a repeated request gets the same answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.records.problems import FieldError, Invalid
from shared.vault.cipher import FieldBinding, seal, unseal
from shared.vault.keyring import Keyring

RETENTION = timedelta(hours=24)


@dataclass(frozen=True)
class StoredResponse:
    """What the client was told."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class ReplayCandidate:
    """An answer that was given before, and who may be given it again."""

    answer: StoredResponse
    patient_ids: Sequence[str]
    """The patients whom it is about."""
    clinical: bool
    """Whether it says what receptionists never receive."""


class Replayed(Exception):
    """The request was done before; this is what was answered then."""

    def __init__(self, answer: StoredResponse) -> None:
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
    render: Callable[[Any, bool], StoredResponse]
    """From the result (and whether clinical fields may be shown) to the answer."""

    @property
    def path(self) -> str:
        return f"requests/{hashlib.sha256(f'{self.scope} {self.key}'.encode()).hexdigest()}"

    def candidate(self, result: Any, patient_ids: Sequence[str], *, clinical: bool) -> ReplayCandidate:
        """The answer that a result gives to somebody who may see clinical fields, or may not."""
        answer = self.render(result, clinical)
        return ReplayCandidate(answer, patient_ids, clinical=clinical and answer != self.render(result, False))

    def document(self, given: ReplayCandidate, keyring: Keyring, now: datetime) -> dict[str, Any]:
        """The document that is committed with the effect; all but whom it is about is sealed."""
        kept = {"digest": self._digest(), "clinical": given.clinical, **asdict(given.answer)}
        return {
            "expires_at": now + RETENTION,
            "patient_ids": list(given.patient_ids),
            "sealed": {"answer": seal(keyring.aead, self._binding(keyring), "answer", kept)},
        }

    def stored_candidate(self, document: Mapping[str, Any], keyring: Keyring, now: datetime) -> ReplayCandidate | None:
        """What was answered when the request was done before, if it was. Raises Invalid when the key was used for
        another request."""
        if document["expires_at"] <= now:
            return None
        kept = unseal(keyring.aead, self._binding(keyring), "answer", document["sealed"]["answer"])
        if kept.pop("digest") != self._digest():
            raise Invalid(errors=[FieldError("Idempotency-Key", "was used for another request")])
        clinical = kept.pop("clinical")
        return ReplayCandidate(StoredResponse(**kept), document["patient_ids"], clinical)

    def _digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def _binding(self, keyring: Keyring) -> FieldBinding:
        return FieldBinding(keyring.clinic_id, "clinic", "Answer", self.path)
