"""The caller's own profile: how a practitioner appears on reports and bills."""

from __future__ import annotations

from shared.records.people import ProfileUpdate, UserProfile
from shared.store.clinic import Clinic
from shared.store.work import Work


def get(clinic: Clinic) -> UserProfile:
    """The caller's profile."""
    return clinic.perform("profile.read", lambda work: work.get(UserProfile.at(work.user_id)))


def put(clinic: Clinic, wanted: ProfileUpdate) -> UserProfile:
    """Write the caller's profile, the first time or again."""

    def story(work: Work) -> UserProfile:
        place = UserProfile.at(work.user_id)
        profile = work.replace(place)
        if profile is None:
            return work.create(UserProfile.new(place.id, by=work.user_id, at=work.now, **dict(wanted)))
        return work.save(profile.revised(by=work.user_id, at=work.now, **dict(wanted)))

    return clinic.perform("profile.write", story)
