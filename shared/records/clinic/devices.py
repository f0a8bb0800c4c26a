"""The devices of a user that get push messages by Firebase Cloud Messaging (FCM)."""

from __future__ import annotations

from collections.abc import Container
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints

from shared.records.privacy import Encrypted
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.types import Id, Moment, new_id

MOST_DEVICES = 10
"""Devices of one user. One more replaces the one that was registered earliest: apps that are reinstalled get a new
token, and nobody removes the old one."""

Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:-]+$", min_length=20, max_length=4096)]
"""A registration token of FCM. Whoever has it and may send for the project can send to the device: it is sealed."""


class Platform(StrEnum):
    """The system of a device."""

    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


class NewDevice(Value):
    """A device as its app registers it."""

    token: Token
    """The registration token that the app got from Firebase's SDK. Send it again when the SDK says that it changed."""
    platform: Platform


class Device(Value):
    """A registered device; its token is never shown."""

    id: Id
    platform: Platform
    registered_at: Moment
    """When its app last sent the token."""


class RegisteredDevice(Device):
    """A device with its token."""

    token: Token

    @property
    def shown(self) -> Device:
        """The device without its token."""
        return Device(id=self.id, platform=self.platform, registered_at=self.registered_at)


class Devices(Record):
    """All devices of one user, under the user's id."""

    kind: ClassVar[str] = "Devices"
    collection: ClassVar[str] = "devices"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    registered: Encrypted[list[RegisteredDevice]] = Field(default=[], max_length=MOST_DEVICES)
    """The latest first."""

    def with_device(self, new: NewDevice, stamp: Stamp) -> Self:
        """The devices with this one first. A known token keeps its id; the earliest of too many gives way."""
        known = next((device.id for device in self.registered if device.token == new.token), None)
        device = RegisteredDevice(id=known or new_id(), platform=new.platform, registered_at=stamp.at, token=new.token)
        others = [other for other in self.registered if other.token != new.token]
        return self.revised(stamp, registered=[device, *others][:MOST_DEVICES])

    def without(self, device_ids: Container[str], stamp: Stamp) -> Self:
        """The devices without these."""
        return self.revised(stamp, registered=[one for one in self.registered if one.id not in device_ids])
