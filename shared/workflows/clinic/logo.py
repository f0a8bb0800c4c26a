"""The clinic's logo, which is printed where the practitioner has none."""

from __future__ import annotations

from shared.records.clinic.logo import ClinicLogo
from shared.records.clinic.settings import ClinicSettings
from shared.records.problems import NotFound
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork


def get(clinic: Clinic) -> tuple[bytes, str, int]:
    """The logo, its media type, and the revision of the settings. Raises NotFound if there is none."""

    def transaction(work: UnitOfWork) -> tuple[bytes, str, int]:
        settings = work.settings()
        if settings.logo_sha256 is None:
            raise NotFound
        return *work.get(ClinicLogo.ref(settings.logo_sha256)).file, settings.revision

    return clinic.perform("clinic_logo.read", transaction)


def put(clinic: Clinic, picture: bytes) -> ClinicSettings:
    """Set or replace the logo. Raises Invalid for a file that is no usable picture."""

    def transaction(work: UnitOfWork) -> ClinicSettings:
        from shared.render.logo import ready_to_print

        before = work.get_for_update(work.settings_ref())
        logo = ClinicLogo.of(ready_to_print(picture), work.stamp)
        if not work.exists(ClinicLogo.ref(logo.id)):
            work.create(logo)
        return work.save_edit(before, before.edited(work.stamp, logo_sha256=logo.id))

    return clinic.perform("clinic_logo.write", transaction)


def delete(clinic: Clinic) -> None:
    """Print no logo of the clinic any more. Raises NotFound if there is none."""

    def transaction(work: UnitOfWork) -> None:
        before = work.get_for_update(work.settings_ref())
        if before.logo_sha256 is None:
            raise NotFound
        work.save(before.revised(work.stamp, logo_sha256=None))

    clinic.perform("clinic_logo.delete", transaction)
