"""The staff: users, their roles and their profiles."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field

from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.types import Email, Id, Language, Moment, Name, Phone, Role, ShortText, Text, Zone

LARGEST_LOGO_BYTES = 200_000
_PNG = b"\x89PNG\r\n\x1a\n"
_PICTURES = (_PNG, b"\xff\xd8\xff")


def _picture(encoded: str) -> str:
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if len(data) > LARGEST_LOGO_BYTES:
        raise ValueError(f"larger than {LARGEST_LOGO_BYTES} bytes")
    if not data.startswith(_PICTURES):
        raise ValueError("neither PNG nor JPEG")
    return encoded


Picture = Annotated[str, AfterValidator(_picture)]
"""A PNG or JPEG in base64."""


def _distinct(roles: list[Role]) -> list[Role]:
    if len(set(roles)) < len(roles):
        raise ValueError("a role is named twice")
    return [role for role in Role if role in roles]


Roles = Annotated[
    list[Role],
    Field(min_length=1, max_length=len(Role), json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]
"""The roles of a user, without repetition."""


class NewUser(Value):
    """A person to invite."""

    email: Email
    roles: Roles


class RolesChange(Value):
    """The new roles of a user."""

    roles: Roles


class Invitation(Value):
    """The way for an invited person to sign in."""

    invitation_link: str
    """Leads to the page for choosing a password. Keep it secret: anybody with the link can sign in as that person. It
    is not shown again."""


class User(Record):
    """A member of the clinic's staff; the id is the Firebase user id."""

    kind: ClassVar[str] = "User"
    collection: ClassVar[str] = "users"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    email: Encrypted[Email]
    roles: Plain[list[Role]] = Field(min_length=1)
    disabled: Plain[bool] = False
    tokens_valid_after: Internal[Plain[Moment]]
    """ID tokens issued before this are refused."""

    def may(self, allowed: frozenset[Role]) -> bool:
        """True if the user has one of the allowed roles."""
        return not allowed.isdisjoint(self.roles)

    def accepts(self, issued_at: datetime) -> bool:
        """True if an ID token issued at this time is still valid."""
        return not self.disabled and issued_at >= self.tokens_valid_after

    @property
    def is_active_admin(self) -> bool:
        """True for an enabled user with the role admin; every clinic needs one."""
        return Role.ADMIN in self.roles and not self.disabled

    @property
    def is_active_doctor(self) -> bool:
        """True for an enabled user with the role doctor."""
        return Role.DOCTOR in self.roles and not self.disabled

    def disabled_at(self, stamp: Stamp) -> Self:
        """The user without access, with all earlier tokens revoked. Raises Conflict if disabled already."""
        if self.disabled:
            raise Conflict("the user is disabled already")
        return self.revised(stamp, disabled=True, tokens_valid_after=stamp.at)

    def enabled_at(self, stamp: Stamp) -> Self:
        """The user with access restored. Raises Conflict if not disabled."""
        if not self.disabled:
            raise Conflict("the user is not disabled")
        return self.revised(stamp, disabled=False)


class Notifications(Value):
    """The notifications that a practitioner receives."""

    report_ready: bool = True
    transcription_failed: bool = True
    appointment_reminders: bool = True


class ProfileUpdate(Value):
    """A practitioner's profile as the practitioner writes it."""

    first_name: Name
    last_name: Name
    email: Email | None = None
    phone: Phone | None = None
    license_number: ShortText | None = None
    specialization: ShortText | None = None
    organization: ShortText | None = None
    clinic_name: ShortText | None = None
    clinic_address: Text | None = None
    timezone: Zone = "Asia/Kolkata"
    language: Language = "en-IN"
    notifications: Notifications = Notifications.model_construct()


class UserProfile(Record):
    """A practitioner's details on reports and bills."""

    kind: ClassVar[str] = "UserProfile"
    collection: ClassVar[str] = "profiles"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    first_name: Encrypted[Name]
    last_name: Encrypted[Name]
    email: Encrypted[Email | None] = None
    phone: Encrypted[Phone | None] = None
    license_number: Encrypted[ShortText | None] = None
    specialization: Encrypted[ShortText | None] = None
    organization: Encrypted[ShortText | None] = None
    clinic_name: Encrypted[ShortText | None] = None
    clinic_address: Encrypted[Text | None] = None
    logo: Internal[Encrypted[Picture | None]] = None
    """Served by a separate resource; see `logo_file`."""
    timezone: Plain[Zone] = "Asia/Kolkata"
    language: Plain[Language] = "en-IN"
    notifications: Plain[Notifications] = Notifications.model_construct()

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def logo_file(self) -> tuple[bytes, str] | None:
        """The logo and its media type."""
        if self.logo is None:
            return None
        content = base64.b64decode(self.logo)
        return content, "image/png" if content.startswith(_PNG) else "image/jpeg"


class HasLogo(Value):
    """Computed from a profile."""

    has_logo: bool
    """True if `/profile/logo` has a logo."""


class Doctor(Value):
    """A doctor of the clinic, with name and specialization."""

    id: Id
    first_name: Name | None
    last_name: Name | None
    specialization: ShortText | None
    """Names and specialization are null until the doctor has written a profile."""

    @classmethod
    def of(cls, user_id: str, profile: UserProfile | None) -> Self:
        return cls(
            id=user_id,
            first_name=profile and profile.first_name,
            last_name=profile and profile.last_name,
            specialization=profile and profile.specialization,
        )
