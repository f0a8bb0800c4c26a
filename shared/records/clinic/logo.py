"""The logo of a clinic."""

from __future__ import annotations

import base64
import hashlib
from typing import ClassVar, Self

from shared.records.clinic.profile import Picture, media_type_of
from shared.records.privacy import Encrypted
from shared.records.record import Keyset, Record, Stamp


class ClinicLogo(Record):
    """A picture, written once; its id is the digest of its bytes. The settings name the one that is printed now.

    It is a record of its own because nearly every request reads the settings, and few print. Earlier ones stay, for
    the earlier versions of the settings.
    """

    kind: ClassVar[str] = "ClinicLogo"
    collection: ClassVar[str] = "logos"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    picture: Encrypted[Picture]

    @classmethod
    def of(cls, content: bytes, stamp: Stamp) -> Self:
        """The record of a PNG or JPEG that is ready to be printed."""
        return cls.new(digest_of(content), stamp, picture=base64.b64encode(content).decode())

    @property
    def file(self) -> tuple[bytes, str]:
        """The picture and its media type."""
        content = base64.b64decode(self.picture)
        return content, media_type_of(content)


def digest_of(content: bytes) -> str:
    """The name of a picture: its SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
