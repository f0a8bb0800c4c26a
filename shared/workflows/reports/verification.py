"""Verification of signed bytes: our key signed them, and they say that they are of this clinic and report."""

from __future__ import annotations

import base64
import logging
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import ValidationError

from shared.lazily import lazily
from shared.records.problems import SignatureInvalid
from shared.records.record import patient_of, session_of
from shared.records.reports.additions import AddendumPayload, CosignaturePayload
from shared.records.reports.signed_payload import SignedPayload
from shared.records.types import STORED
from shared.store.unit_of_work import UnitOfWork
from shared.vault import kms

with lazily(globals()):
    from shared.records.canonical import CanonicalValue
    from shared.records.reports.signed import SignedBytes, SignedPart
    from shared.records.reports.signed_payload import digest_of

_log = logging.getLogger("synapse.security")
P = TypeVar("P", SignedPayload, CosignaturePayload, AddendumPayload)


class Stored(Protocol):
    """Bytes with their signature: a document, or a part of one."""

    @property
    def canonical(self) -> str: ...
    @property
    def signature(self) -> str: ...


@dataclass(frozen=True)
class Genuine(Generic[P]):
    """Signed bytes that were verified, and what they say."""

    payload: P
    canonical: bytes
    digest: bytes
    signature: str
    """Base64 of the DER signature."""

    @property
    def stored(self) -> SignedBytes:
        return SignedBytes(canonical=self.canonical.decode(), signature=self.signature)

    def part(self, report_id: str) -> SignedPart:
        """The bytes with their public key, for verification by others."""
        return SignedPart(
            report_id=report_id,
            canonical=base64.b64encode(self.canonical).decode(),
            content_digest=self.digest.hex(),
            signature=self.signature,
            key_version=self.payload.key_version,
            public_key=kms.public_key(self.payload.key_version),
        )


def genuine(work: UnitOfWork, report_id: str, stored: Stored, model: type[P]) -> Genuine[P]:
    """The payload of signed bytes, if our key signed them and they are of this report. Raises SignatureInvalid."""
    canonical = stored.canonical.encode(errors="surrogatepass")  # no signed bytes have surrogates: the digest differs
    digest = digest_of(canonical)
    try:
        payload = model.model_validate_json(canonical, context=STORED)
        signature = base64.b64decode(stored.signature, validate=True)
        is_ours = kms.verifies(signature, digest, payload.key_version)
    except ValidationError:
        raise invalid(work, report_id, "payload_unreadable") from None
    except ValueError:
        raise invalid(work, report_id, "signature_malformed") from None
    except kms.UntrustedKeyError as untrusted:
        raise invalid(work, report_id, str(untrusted)) from None
    if not is_ours:
        raise invalid(work, report_id, "signature_wrong")
    if not _is_of(payload, work.clinic_id, report_id):
        raise invalid(work, report_id, "other_report")
    return Genuine(payload, canonical, digest, stored.signature)


def invalid(work: UnitOfWork, report_id: str, reason: str) -> SignatureInvalid:
    """Log the security event; the alert `signature_invalid` fires on it."""
    _log.critical("signature invalid", extra={"clinic_id": work.clinic_id, "id": report_id, "reason": reason})
    return SignatureInvalid()


def _is_of(payload: CanonicalValue, clinic_id: str, report_id: str) -> bool:
    """True if the signed bytes are of this clinic, patient, session and report."""
    of = payload.report if isinstance(payload, SignedPayload) else payload
    signed = tuple(getattr(of, name) for name in ("clinic_id", "patient_id", "session_id", "report_id"))
    return signed == (clinic_id, patient_of(report_id), session_of(report_id), report_id)
