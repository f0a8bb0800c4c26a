"""The certificates of a clinic: whom the PDF signature of its reports names."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field

from shared.records.privacy import Encrypted
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.types import Moment, ResourceName

MOST_CERTIFICATES = 50
"""The newest ones that are kept. Each signed PDF has its certificate in it, so an older one is missed by nobody."""
RENEWED_BEFORE = timedelta(days=30)
"""A certificate that ends sooner is no longer used for new signatures."""


class Origin(StrEnum):
    """Who issued a certificate."""

    SELF_SIGNED = "self_signed"
    """The signing key itself: readers say that the document is unaltered, and that nobody vouches for the clinic."""
    UPLOADED = "uploaded"
    """A certification authority, for the clinic."""


class Certificate(Value):
    """An X.509 certificate of a version of the signing key."""

    number: int
    """Counts the certificates of the clinic, from 1."""
    key_version: ResourceName
    """The Cloud KMS key version whose public key it certifies."""
    chain: str
    """The certificate and, after it, those of its issuers, in PEM."""
    origin: Origin
    not_before: Moment
    not_after: Moment
    added_at: Moment

    def is_usable(self, key_version: str, now: datetime) -> bool:
        """True if signatures by this key version may name it now."""
        return self.key_version == key_version and self.not_before <= now < self.not_after - RENEWED_BEFORE


class ClinicCertificates(Record):
    """The certificates of a clinic, the newest last. None is changed: another one is added."""

    kind: ClassVar[str] = "ClinicCertificates"
    collection: ClassVar[str] = "certificates"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    certificates: Encrypted[list[Certificate]] = Field(default=[], max_length=MOST_CERTIFICATES)

    def usable(self, key_version: str, now: datetime) -> Certificate | None:
        """The certificate for new signatures by a key version: of those that can be used the newest uploaded one, else
        the newest. None without any."""
        found = [one for one in self.certificates if one.is_usable(key_version, now)]
        uploaded = [one for one in found if one.origin == Origin.UPLOADED]
        best = uploaded or found
        return best[-1] if best else None

    def with_certificate(
        self, chain: str, key_version: str, origin: Origin, valid: tuple[datetime, datetime], stamp: Stamp
    ) -> Self:
        """The record with one more certificate, valid from and until the times."""
        last = self.certificates[-1].number if self.certificates else 0
        added = Certificate(
            number=last + 1,
            key_version=key_version,
            chain=chain,
            origin=origin,
            not_before=valid[0],
            not_after=valid[1],
            added_at=stamp.at,
        )
        return self.revised(stamp, certificates=[*self.certificates, added][-MOST_CERTIFICATES:])


CERTIFICATES_ID = "pdf"
"""The id of the one record of a clinic."""
