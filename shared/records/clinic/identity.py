"""The identity of a signer: name and licence number, as confirmed by an admin of the clinic."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from shared.records.problems import FieldError
from shared.records.record import Stamp, Value
from shared.records.text import ShortText, is_visible
from shared.records.types import Id, Moment


class SigningIdentity(Value):
    """A name and a licence number, as signatures show them."""

    full_name: ShortText = Field(min_length=1)
    licence_number: ShortText = Field(min_length=1)

    def field_errors(self) -> list[FieldError]:
        """The fields without a visible letter or digit."""
        invisible = [name for name, text in self if not is_visible(text)]
        return [FieldError(f"/{name}", "has no visible letter or digit") for name in invisible]

    def differences(self, profile: SigningIdentity) -> list[FieldError]:
        """The fields that are not as in the profile."""
        differing = [name for name, text in self if text != getattr(profile, name)]
        return [FieldError(f"/{name}", "is not what the profile says") for name in differing]


class IdentityConfirmation(Value):
    """An admin's confirmation that a name and a licence number are those of the user."""

    full_name: ShortText
    licence_number: ShortText
    confirmed_by: Id
    """The admin; the user's own id if the user is an admin."""
    confirmed_at: Moment

    @classmethod
    def of(cls, identity: SigningIdentity, stamp: Stamp) -> Self:
        return cls(**dict(identity), confirmed_by=stamp.by, confirmed_at=stamp.at)

    def covers(self, identity: SigningIdentity | None) -> bool:
        """True if exactly this name and this licence number were confirmed."""
        return identity is not None and (self.full_name, self.licence_number) == (
            identity.full_name,
            identity.licence_number,
        )


class PrintedIdentity(Value):
    """Computed from a user's profile: what a signature of the user would show."""

    full_name: str | None
    licence_number: str | None
    """Both are null until the user has written a profile."""
    identity_confirmed: bool
    """True if an admin confirmed exactly this name and this licence number. Without it the user cannot sign."""
