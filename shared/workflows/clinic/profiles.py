"""The caller's own profile: how a practitioner appears on reports and bills."""

from __future__ import annotations

import base64

from shared.records.clinic.people import HasLogo, ProfileUpdate, UserProfile
from shared.records.problems import NotFound
from shared.records.record import Detailed
from shared.store.clinic import Clinic
from shared.store.work import Work

Profile = Detailed[UserProfile, HasLogo]


def get(clinic: Clinic) -> Profile:
    """The caller's profile."""
    return clinic.perform("profile.read", lambda work: _shown(work.get(UserProfile.at(work.user_id))))


def put(clinic: Clinic, wanted: ProfileUpdate) -> Profile:
    """Write the caller's profile, the first time or again. The logo stays."""

    def story(work: Work) -> Profile:
        place = UserProfile.at(work.user_id)
        profile = work.replace(place)
        if profile is None:
            return _shown(work.create(UserProfile.new(place.id, by=work.user_id, at=work.now, **dict(wanted))))
        return _shown(work.save(profile.revised(by=work.user_id, at=work.now, **dict(wanted))))

    return clinic.perform("profile.write", story)


def logo(clinic: Clinic) -> tuple[bytes, str, int]:
    """The caller's logo, its media type, and the revision of the profile."""

    def story(work: Work) -> tuple[bytes, str, int]:
        profile = work.get(UserProfile.at(work.user_id))
        if profile.logo_file is None:
            raise NotFound
        return *profile.logo_file, profile.revision

    return clinic.perform("logo.read", story)


def put_logo(clinic: Clinic, picture: bytes) -> Profile:
    """Give the caller's profile a logo, or another one."""

    def story(work: Work) -> Profile:
        from shared.render.logo import ready_to_print

        profile = work.edit(UserProfile.at(work.user_id))
        encoded = base64.b64encode(ready_to_print(picture)).decode()
        return _shown(work.save(profile.revised(by=work.user_id, at=work.now, logo=encoded)))

    return clinic.perform("logo.write", story)


def delete_logo(clinic: Clinic) -> None:
    """Take the logo off the caller's profile."""

    def story(work: Work) -> None:
        profile = work.edit(UserProfile.at(work.user_id))
        if profile.logo is None:
            raise NotFound
        work.save(profile.revised(by=work.user_id, at=work.now, logo=None))

    clinic.perform("logo.delete", story)


def _shown(profile: UserProfile) -> Profile:
    return Detailed(profile, HasLogo(has_logo=profile.logo is not None))
