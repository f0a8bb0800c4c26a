"""The caller, and the caller's own profile: how a practitioner appears on reports and bills."""

from __future__ import annotations

import base64
from typing import Any

from shared.lazily import lazily
from shared.records.clinic.people import User
from shared.records.clinic.profile import HasLogo, ProfileUpdate, UserProfile
from shared.records.problems import NotFound, raise_if_any
from shared.records.record import Detailed
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records import phone_fields
    from shared.records.clinic.me import Me
    from shared.workflows.visits import languages

Profile = Detailed[UserProfile, HasLogo]


def get(clinic: Clinic) -> Profile:
    """The caller's profile."""
    return clinic.perform("profile.read", lambda work: _shown(work.get(UserProfile.ref(work.user_id))))


def me(clinic: Clinic) -> Me:
    """The caller, with the public settings of the clinic; whether or not the caller has a profile."""

    def transaction(work: UnitOfWork) -> Me:
        profile, user = UserProfile.ref(work.user_id), User.ref(work.user_id)
        work.prefetch(profile, work.settings_ref())
        return Me.of(work.get(user), work.settings(), work.get_or_none(profile))

    return clinic.perform("user.me", transaction)


def put(clinic: Clinic, update: ProfileUpdate) -> Profile:
    """Create or replace the caller's profile. The logo stays.

    Another name or licence number voids the confirmation of the earlier one; the user has an excerpt of the profile, of
    the same commit. Raises Invalid for languages that the speech model does not take.
    """
    raise_if_any(list(languages.errors_of(update.stt_settings.languages, "/stt_settings")))

    def transaction(work: UnitOfWork) -> Profile:
        ref = UserProfile.ref(work.user_id)
        national = update.phone is not None and not update.phone.startswith("+")
        work.prefetch(ref, *([work.settings_ref()] if national else []))
        profile = work.get_or_none_for_update(ref)
        values = {**dict(update), **_phone(update, work.settings().country if national else None)}
        if profile is None:
            written = work.create(UserProfile.new(ref.id, work.stamp, **values))
        else:
            written = work.save_edit(profile, profile.edited(work.stamp, **values))
        if work.user:
            user = work.user.identity_voided(written, work.stamp) or work.user
            work.save_edit(work.user, user.with_excerpt(written))
        return _shown(written)

    return clinic.perform("profile.write", transaction)


def _phone(update: ProfileUpdate, country: str | None) -> dict[str, Any]:
    """The number in E.164, marked if no numbering plan has it. Raises Invalid."""
    fields, errors = phone_fields.marked(update.phone, country, insisted=update.phone_unverified)
    raise_if_any(errors)
    return fields


def logo(clinic: Clinic) -> tuple[bytes, str, int]:
    """The caller's logo, its media type, and the revision of the profile."""

    def transaction(work: UnitOfWork) -> tuple[bytes, str, int]:
        profile = work.get(UserProfile.ref(work.user_id))
        if profile.logo_file is None:
            raise NotFound
        return *profile.logo_file, profile.revision

    return clinic.perform("logo.read", transaction)


def put_logo(clinic: Clinic, picture: bytes) -> Profile:
    """Set or replace the logo of the caller's profile."""

    def transaction(work: UnitOfWork) -> Profile:
        from shared.render.logo import ready_to_print

        profile = work.get_for_update(UserProfile.ref(work.user_id))
        encoded = base64.b64encode(ready_to_print(picture)).decode()
        return _shown(work.save(profile.revised(work.stamp, logo=encoded)))

    return clinic.perform("logo.write", transaction)


def delete_logo(clinic: Clinic) -> None:
    """Delete the logo of the caller's profile."""

    def transaction(work: UnitOfWork) -> None:
        profile = work.get_for_update(UserProfile.ref(work.user_id))
        if profile.logo is None:
            raise NotFound
        work.save(profile.revised(work.stamp, logo=None))

    clinic.perform("logo.delete", transaction)


def _shown(profile: UserProfile) -> Profile:
    return Detailed(profile, HasLogo(has_logo=profile.logo is not None))
