"""Idempotency: the response to a request is committed with its effect, so that a repeated request gets the same one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from shared.records.problems import FieldError, Invalid
from shared.vault.cipher import FieldBinding, seal, unseal
from shared.vault.keyring import Keyring

RETENTION = timedelta(hours=24)
_KIND = "Answer"
"""Names the sealed value in its associated data. It must never change: stored responses would not open."""


@dataclass(frozen=True)
class StoredResponse:
    """A response as it was sent."""

    status: int
    headers: Mapping[str, str]
    body: str


class ReplayCandidate(NamedTuple):
    """A stored response, and what a caller must be allowed to see to get it again."""

    response: StoredResponse
    patient_ids: Sequence[str]
    """The patients that the response concerns."""
    report_ids: Sequence[str]
    """The reports that the caller saw without access to their patients."""
    identified_ids: Sequence[str]
    """The patients of whom the response says who they are, and nothing clinical."""
    clinical: bool
    """True if the response contains clinical fields."""


class Replayed(Exception):
    """The request was done before; carries the stored response."""

    def __init__(self, response: StoredResponse) -> None:
        super().__init__("replayed")
        self.response = response


@dataclass(frozen=True)
class Idempotency:
    """One request that must have its effect once."""

    key: str
    """The client's Idempotency-Key."""
    scope: str
    """User, method and route: the same key elsewhere is another request."""
    body: bytes
    render: Callable[[Any, bool], StoredResponse]
    """Makes the response from the result; the flag says whether clinical fields are shown."""
    has_clinical: Callable[[Any], bool]
    """True if a result has fields that the flag hides."""
    target: str = ""
    """The id in the path, or a number until it is resolved; empty if there is none."""

    @property
    def path(self) -> str:
        return f"requests/{hashlib.sha256(f'{self.scope} {self.target} {self.key}'.encode()).hexdigest()}"

    def resolved(self, target_id: str) -> Idempotency:
        """The same request with the id of its target in place of the number."""
        return replace(self, target=target_id)

    def candidate(
        self,
        result: Any,
        patient_ids: Sequence[str],
        report_ids: Sequence[str] = (),
        identified_ids: Sequence[str] = (),
        *,
        clinical: bool,
    ) -> ReplayCandidate:
        """The response of a result, for a caller who may or may not see clinical fields."""
        shows_clinical = clinical and self.has_clinical(result)
        return ReplayCandidate(
            self.render(result, clinical), patient_ids, report_ids, identified_ids, clinical=shows_clinical
        )

    def document(self, candidate: ReplayCandidate, keyring: Keyring, now: datetime) -> dict[str, Any]:
        """The document that is committed with the effect; the response is sealed."""
        stored = {"digest": self._digest(), "clinical": candidate.clinical, **asdict(candidate.response)}
        return {
            "expires_at": now + RETENTION,
            "patient_ids": list(candidate.patient_ids),
            "report_ids": list(candidate.report_ids),
            "identified_ids": list(candidate.identified_ids),
            "sealed": {"answer": seal(keyring.aead, self._binding(keyring), "answer", stored)},
        }

    def stored_candidate(self, document: Mapping[str, Any], keyring: Keyring, now: datetime) -> ReplayCandidate | None:
        """The stored response; None when expired. Raises Invalid when the key was used for another request."""
        if document["expires_at"] <= now:
            return None
        stored = unseal(keyring.aead, self._binding(keyring), "answer", document["sealed"]["answer"])
        if stored.pop("digest") != self._digest():
            raise Invalid(errors=[FieldError("Idempotency-Key", "was used for another request")])
        clinical = stored.pop("clinical")
        # Responses of an earlier release identified nobody.
        seen = document["patient_ids"], document["report_ids"], document.get("identified_ids", [])
        return ReplayCandidate(StoredResponse(**stored), *seen, clinical)

    def _digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def _binding(self, keyring: Keyring) -> FieldBinding:
        return FieldBinding(keyring.clinic_id, "clinic", _KIND, self.path)
