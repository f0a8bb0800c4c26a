"""The refusal of what a patient does not consent to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.problems import Problem
from shared.records.record import Value


class ConsentReason(StrEnum):
    """Why there is no live consent to a purpose."""

    MISSING = "missing"
    """The patient was not asked, or refused."""
    OTHER_SESSION = "other_session"
    """There are only consents for other visits."""
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    NOT_WRITTEN = "not_written"
    """The clinic needs a consent in writing; there is a verbal one."""
    NOT_SPECIFIC = "not_specific"
    """The clinic needs a consent to recording or AI processing alone, outside general terms."""


class MissingConsent(Value):
    """A purpose without a live consent, and why."""

    purpose: ConsentPurpose
    reason: ConsentReason


class ConsentMissing(Problem):
    """The patient does not consent to this now; `missing_consents` has each purpose and the reason."""

    status, name, title = 403, "consent-missing", "The patient's consent is missing"

    def __init__(self, missing: Sequence[MissingConsent]) -> None:
        super().__init__("; ".join(f"consent to {one.purpose}: {one.reason}" for one in missing))
        self.missing = tuple(missing)

    @property
    def members(self) -> Mapping[str, Any]:
        """The purposes and reasons."""
        return {"missing_consents": [one.model_dump(mode="json") for one in self.missing]}
