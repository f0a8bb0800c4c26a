"""The caller: who they are, what they may do, and in which clinic."""

from __future__ import annotations

from typing import Self

from shared.records.clinic.people import User
from shared.records.clinic.profile import ProfileUpdate, UserProfile
from shared.records.clinic.public_settings import PublicSettings
from shared.records.clinic.settings import ClinicSettings
from shared.records.record import Value
from shared.records.types import Email, Id, Role


class OwnProfile(ProfileUpdate):
    """The caller's profile, as in `GET /profile`."""

    revision: int
    """In quotes, the ETag for `PUT /profile`."""
    has_logo: bool
    """True if `/profile/logo` has a logo."""

    @classmethod
    def of(cls, profile: UserProfile) -> Self:
        written = {name: getattr(profile, name) for name in ProfileUpdate.model_fields}
        return cls(**written, revision=profile.revision, has_logo=profile.logo is not None)


class Me(Value):
    """The caller."""

    id: Id
    email: Email
    roles: list[Role]
    """What the caller may do; the table of operations in docs/api.md lists the roles of each."""
    clinic: PublicSettings
    profile: OwnProfile | None
    """Null until the caller has written a profile."""

    @classmethod
    def of(cls, user: User, settings: ClinicSettings, profile: UserProfile | None) -> Self:
        return cls(
            id=user.id,
            email=user.email,
            roles=user.roles,
            clinic=PublicSettings.of(settings),
            profile=profile and OwnProfile.of(profile),
        )
