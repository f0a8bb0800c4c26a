"""The staff: who may do what, and how they present themselves."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.record import Keyset, Record, Value
from shared.records.types import Email, Language, Moment, Name, Phone, Role, ShortText, Text, Zone

LARGEST_LOGO_BYTES = 200_000
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


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


class User(Record):
    """A member of the clinic's staff; the id is the Firebase user id."""

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
    logo: Picture | None = None
    timezone: Zone = "Asia/Kolkata"
    language: Language = "en-IN"
    notifications: Notifications = Notifications.model_construct()


class UserProfile(Record):
    """How a practitioner appears on reports and bills."""

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
    logo: Encrypted[Picture | None] = None
    timezone: Plain[Zone] = "Asia/Kolkata"
    language: Plain[Language] = "en-IN"
    notifications: Plain[Notifications] = Notifications.model_construct()

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"
