"""The letterhead of what is printed now."""

from __future__ import annotations

from shared.records.clinic.logo import ClinicLogo
from shared.records.clinic.profile import UserProfile
from shared.records.letterhead import Letterhead
from shared.store.unit_of_work import UnitOfWork


def current(work: UnitOfWork, profile: UserProfile | None) -> Letterhead:
    """The letterhead of a practitioner, or of the clinic alone.

    The clinic's logo costs a read of its own, and only where it is printed: for a practitioner without one.
    """
    settings = work.settings()
    if settings.logo_sha256 is None or (profile is not None and profile.logo is not None):
        return Letterhead.of(profile, settings)
    return Letterhead.of(profile, settings, work.get(ClinicLogo.ref(settings.logo_sha256)))
