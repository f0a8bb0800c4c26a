"""The letterhead of what is printed now."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.clinic.profile import UserProfile
from shared.records.record import Ref
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.clinic.logo import ClinicLogo
    from shared.records.letterhead import Letterhead


def refs(doctor_id: str | None) -> list[Ref[UserProfile]]:
    """What the letterhead of a doctor, or of the clinic alone, is read from besides the settings."""
    return [UserProfile.ref(doctor_id)] if doctor_id else []


def of_doctor(work: UnitOfWork, doctor_id: str | None) -> Letterhead:
    """The letterhead of a doctor, or of the clinic alone."""
    profiles = [work.get_or_none(ref) for ref in refs(doctor_id)]
    return current(work, profiles[0] if profiles else None)


def current(work: UnitOfWork, profile: UserProfile | None) -> Letterhead:
    """The letterhead of a practitioner, or of the clinic alone.

    The clinic's logo costs a read of its own, and only where it is printed: for a practitioner without one.
    """
    settings = work.settings()
    if settings.logo_sha256 is None or (profile is not None and profile.logo is not None):
        return Letterhead.of(profile, settings)
    return Letterhead.of(profile, settings, work.get(ClinicLogo.ref(settings.logo_sha256)))
