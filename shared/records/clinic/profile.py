"""The profile of a practitioner: the details on reports and bills, with the logo."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from shared.records.clinic.identity import SigningIdentity
from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.record import Keyset, Record, Value
from shared.records.spoken_languages import SpeechSettings
from shared.records.text import Name, ShortText, Text, is_visible
from shared.records.types import Email, Language, Phone, TypedPhone, Zone

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


def media_type_of(picture: bytes) -> str:
    """The media type of a picture that was checked."""
    return "image/png" if picture.startswith(_PNG) else "image/jpeg"


class Notifications(Value):
    """The push messages that a practitioner gets."""

    report_ready: bool = True
    """When the draft of a report is ready."""


class ProfileUpdate(Value):
    """A practitioner's profile as the practitioner writes it."""

    first_name: Name
    last_name: Name
    email: Email | None = None
    phone: TypedPhone | None = None
    """A number without a country code is of the clinic's country."""
    phone_unverified: bool = False
    """Keeps `phone` although its country has no number of this length."""
    licence_number: ShortText | None = None
    specialization: ShortText | None = None
    organization: ShortText | None = None
    clinic_name: ShortText | None = None
    clinic_address: Text | None = None
    time_zone: Zone = "Asia/Kolkata"
    language: Language = "en-IN"
    stt_settings: SpeechSettings = SpeechSettings.model_construct()
    """The languages of visits that the doctor starts without `stt_settings`."""
    notifications: Notifications = Notifications.model_construct()


class ProfileExcerpt(Value):
    """What many requests need of a profile, kept in the user's own record, which each request of the user reads."""

    full_name: str | None = None
    """Null without a profile."""
    stt_settings: SpeechSettings | None = None
    """Null without a profile."""


class UserProfile(Record):
    """A practitioner's details on reports and bills."""

    kind: ClassVar[str] = "UserProfile"
    collection: ClassVar[str] = "profiles"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    first_name: Encrypted[Name]
    last_name: Encrypted[Name]
    email: Encrypted[Email | None] = None
    phone: Encrypted[Phone | None] = None
    phone_unverified: Plain[bool] = False
    """True if no numbering plan had the number when it was written."""
    licence_number: Encrypted[ShortText | None] = None
    specialization: Encrypted[ShortText | None] = None
    organization: Encrypted[ShortText | None] = None
    clinic_name: Encrypted[ShortText | None] = None
    clinic_address: Encrypted[Text | None] = None
    logo: Internal[Encrypted[Picture | None]] = None
    """Served by a separate resource; see `logo_file`."""
    time_zone: Plain[Zone] = "Asia/Kolkata"
    language: Plain[Language] = "en-IN"
    stt_settings: Plain[SpeechSettings] = SpeechSettings.model_construct()
    notifications: Plain[Notifications] = Notifications.model_construct()

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def excerpt(self) -> ProfileExcerpt:
        return ProfileExcerpt(full_name=self.full_name, stt_settings=self.stt_settings)

    @property
    def signing_identity(self) -> SigningIdentity | None:
        """The name and licence number, or None unless both are visible text."""
        if not is_visible(self.full_name) or not is_visible(self.licence_number or ""):
            return None
        return SigningIdentity(full_name=self.full_name, licence_number=self.licence_number or "")

    @property
    def logo_file(self) -> tuple[bytes, str] | None:
        """The logo and its media type."""
        if self.logo is None:
            return None
        content = base64.b64decode(self.logo)
        return content, media_type_of(content)


class HasLogo(Value):
    """Computed from a profile."""

    has_logo: bool
    """True if `/profile/logo` has a logo."""
