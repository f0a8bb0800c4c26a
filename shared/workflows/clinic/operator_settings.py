"""Settings of an open clinic that the platform's operator alone changes, by a command.

They guard what is signed against the clinic's own people: whoever has taken over the account of an admin, or is an
admin and a trainee, must not lift them. Everything else is the clinic's own (`own_settings`).
"""

from __future__ import annotations

from typing import Any

from shared.records.clinic.settings import ClinicSettings
from shared.store import clinic_keys
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.clinic.opening import RefusedError


def set_second_factor(clinic_id: str, *, required: bool) -> bool:
    """Set whether signing requires a second factor; returns whether that changed anything. Raises as `change`."""
    before, after = change(clinic_id, "second-factor", signing_requires_second_factor=required)
    return after is not before


def set_cosignature(clinic_id: str, *, required: bool) -> bool:
    """Set whether trainees' reports need a co-signature; returns whether that changed anything. Raises as `change`."""
    before, after = change(clinic_id, "cosignature", trainees_need_cosignature=required)
    return after is not before


def change(clinic_id: str, command: str, **changes: Any) -> tuple[ClinicSettings, ClinicSettings]:
    """Change settings by a command, such as `second-factor`; returns those of before and of after, which are the same
    object if nothing changed.

    Raises RefusedError if there is no such clinic.
    """
    if not clinic_keys.exists(clinic_id):
        raise RefusedError(f"there is no clinic {clinic_id}")

    def transaction(work: UnitOfWork) -> tuple[ClinicSettings, ClinicSettings]:
        settings = work.settings()
        return settings, work.save_edit(settings, settings.edited(work.stamp, **changes))

    action = f"clinic.{command.replace('-', '_')}"
    return system_clinic(clinic_id, command).perform(action, transaction)
