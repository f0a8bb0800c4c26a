"""The proof of a signed report: found, verified, and read.

A report is signed if its proof exists, whatever its plain status says. Everything shown of a signed report comes from
the verified bytes.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from shared.records.problems import SignatureInvalid
from shared.records.record import patient_of, session_of
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.signed import Signature, SignedCopy, SignedReport
from shared.records.reports.signed_payload import SignedPayload, digest_of
from shared.records.types import STORED
from shared.store.unit_of_work import UnitOfWork
from shared.vault import kms
from shared.workflows.stored_proofs import stored_proof

_log = logging.getLogger("synapse.security")


@dataclass(frozen=True)
class Proof:
    """A verified proof."""

    payload: SignedPayload
    canonical: bytes
    signature: Signature

    def shown(self, report: Report) -> Report:
        """The report as signed. What the signed bytes do not hold (scores, other times of the draft) stays."""
        snapshot = self.payload.report
        return report.model_copy(
            update={
                "report_number": snapshot.report_number,
                "session_id": snapshot.session_id,
                "patient_id": snapshot.patient_id,
                "doctor_id": snapshot.doctor_id,
                "report_type": snapshot.report_type,
                "source": snapshot.source,
                "sources": snapshot.sources,
                "status": ReportStatus.SIGNED,
                "ai_model": snapshot.drafted_by,
                "generation_completed_at": snapshot.drafted_at,
                "version": snapshot.version,
                "manually_edited": bool(snapshot.corrections),
                "correction_notes": snapshot.correction_notes,
                "reviewed_by": snapshot.reviewed_by,
                "reviewed_at": snapshot.reviewed_at,
                "signed_by": self.payload.signer_id,
                "signed_at": self.payload.signed_at,
                "error_code": None,
            }
        )

    @property
    def copy(self) -> SignedCopy:
        """The proof with its public key, for verification by others."""
        return SignedCopy(
            report_id=self.payload.report.report_id,
            canonical=base64.b64encode(self.canonical).decode(),
            content_digest=self.signature.content_digest,
            signature=self.signature.signature,
            key_version=self.payload.key_version,
            public_key=kms.public_key(self.payload.key_version),
        )


def proof_of(work: UnitOfWork, report: Report) -> Proof | None:
    """The verified proof of a report; None for a report that is not signed. Raises SignatureInvalid.

    SignedReport must have been prefetched, or this costs another read.
    """
    stored = stored_proof(work, report.id)
    if stored is not None:
        return verified(work, report.id, stored)
    if report.status == ReportStatus.SIGNED or report.signed_at is not None:
        raise _invalid(work, report.id, "proof_missing")
    return None


def proofs_of(work: UnitOfWork, reports: Sequence[Report]) -> list[Proof | None]:
    """The verified proof of each report, as `proof_of`; all are read in one call."""
    work.prefetch(*(SignedReport.ref(report.id) for report in reports))
    return [proof_of(work, report) for report in reports]


def shown(work: UnitOfWork, reports: Sequence[Report]) -> list[Report]:
    """Reports of a list, signed ones as signed. Raises SignatureInvalid."""
    proofs = zip(reports, proofs_of(work, reports), strict=True)
    return [proof.shown(report) if proof else report for report, proof in proofs]


def verified(work: UnitOfWork, report_id: str, stored: SignedReport) -> Proof:
    """The proof, if our key signed its bytes and they are of this report. Raises SignatureInvalid."""
    canonical = stored.canonical.encode(errors="surrogatepass")  # no signed bytes have surrogates: the digest differs
    digest = digest_of(canonical)
    try:
        payload = SignedPayload.model_validate_json(canonical, context=STORED)
        signature = base64.b64decode(stored.signature, validate=True)
        genuine = kms.verifies(signature, digest, payload.key_version)
    except ValidationError:
        raise _invalid(work, report_id, "payload_unreadable") from None
    except ValueError:
        raise _invalid(work, report_id, "signature_malformed") from None
    except kms.UntrustedKeyError as untrusted:
        raise _invalid(work, report_id, str(untrusted)) from None
    if not genuine:
        raise _invalid(work, report_id, "signature_wrong")
    if not _is_of(payload, work.clinic_id, report_id):
        raise _invalid(work, report_id, "other_report")
    return Proof(payload, canonical, payload.shown_signature(digest, stored.signature))


def _is_of(payload: SignedPayload, clinic_id: str, report_id: str) -> bool:
    """True if the signed bytes are of this clinic, patient, session and report."""
    of = payload.report
    signed = (of.clinic_id, of.patient_id, of.session_id, of.report_id)
    return signed == (clinic_id, patient_of(report_id), session_of(report_id), report_id)


def _invalid(work: UnitOfWork, report_id: str, reason: str) -> SignatureInvalid:
    """Log the security event; the alert `signature_invalid` fires on it."""
    _log.critical("signature invalid", extra={"clinic_id": work.clinic_id, "id": report_id, "reason": reason})
    return SignatureInvalid()
