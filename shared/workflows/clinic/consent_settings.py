"""Changing what an open clinic requires of its patients' consents. Done by the platform's operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.records.clinic.settings import ClinicSettings
from shared.store import clinic_keys
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic.opening import RefusedError

NAMES = (
    "consent_policy",
    "recording_purposes",
    "consent_witness_required",
    "consent_backdating_days",
    "after_withdrawal",
)
"""The settings of consents."""


def change(clinic_id: str, changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Change settings of consents; returns those of before and of after. Nothing is written without a change.

    Recordings and drafts that are on their way follow the new settings from their next step on. Raises RefusedError if
    there is no such clinic.
    """
    if not clinic_keys.exists(clinic_id):
        raise RefusedError(f"there is no clinic {clinic_id}")

    def transaction(work: UnitOfWork) -> tuple[dict[str, Any], dict[str, Any]]:
        settings = work.settings()
        changed = settings.revised(work.stamp, **changes)
        if shown(changed) != shown(settings):
            work.save(changed)
        return shown(settings), shown(changed)

    return system_clinic(clinic_id, "consent-policy").perform("clinic.consent_policy", transaction)


def shown(settings: ClinicSettings) -> dict[str, Any]:
    """The settings of consents in JSON, by name."""
    return settings.model_dump(mode="json", include=set(NAMES))
