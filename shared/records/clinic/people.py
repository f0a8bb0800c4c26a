"""The staff: who may do what, and how they present themselves."""

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


Roles = Annotated[list[Role], Field(min_length=1, json_schema_extra={"uniqueItems": True}), AfterValidator(_distinct)]
"""What somebody may do: each role once."""


class NewUser(Value):
    """Somebody to be invited."""

    email: Email
    roles: Roles


class RolesChange(Value):
    """What somebody may do from now on."""

    roles: Roles


class Invitation(Value):
    """How somebody who was invited gets in."""

    invitation_link: str
    """Leads to where they choose a password. Keep it secret: who has it can sign in as them. It is not shown again."""


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
        """Whether any of the user's roles is among the allowed ones."""
        return not allowed.isdisjoint(self.roles)

    def accepts(self, issued_at: datetime) -> bool:
        """Whether a token issued then still counts."""
        return not self.disabled and issued_at >= self.tokens_valid_after

    @property
    def is_active_admin(self) -> bool:
        """Whether the clinic could be run by this user alone."""
        return Role.ADMIN in self.roles and not self.disabled

    @property
    def is_active_doctor(self) -> bool:
        """Whether this is a doctor at work."""
        return Role.DOCTOR in self.roles and not self.disabled

    def disabled_at(self, stamp: Stamp) -> Self:
        """The user, who may do nothing any more and is signed out everywhere. Raises Conflict."""
        if self.disabled:
            raise Conflict("the user is disabled already")
        return self.revised(stamp, disabled=True, tokens_valid_after=stamp.at)

    def enabled_at(self, stamp: Stamp) -> Self:
        """The user, who may sign in again. Raises Conflict."""
        if not self.disabled:
            raise Conflict("the user is not disabled")
        return self.revised(stamp, disabled=False)


class Notifications(Value):
    """What the practitioner wants to hear of."""

    report_ready: bool = True
    transcription_failed: bool = True
    appointment_reminders: bool = True


class ProfileUpdate(Value):
    """A practitioner's profile as they write it."""

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
    """How a practitioner appears on reports and bills."""

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
    """Has a resource of its own; see `logo_file`."""
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
    """What is computed of a profile."""

    has_logo: bool
    """Whether there is a logo at `/profile/logo`."""


class Doctor(Value):
    """A doctor of the clinic, as colleagues name them."""

    id: Id
    first_name: Name | None
    last_name: Name | None
    specialization: ShortText | None
    """These are None until the doctor has written a profile."""

    @classmethod
    def of(cls, user_id: str, profile: UserProfile | None) -> Self:
        return cls(
            id=user_id,
            first_name=profile and profile.first_name,
            last_name=profile and profile.last_name,
            specialization=profile and profile.specialization,
        )
