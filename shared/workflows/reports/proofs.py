"""The proof of a signed report: found, verified, and read.

A report is signed if its proof exists, whatever its plain status says. Everything shown of a signed report comes from
the verified bytes. A report that waits for a co-signature is shown from the bytes that its author signed; they are no
proof before the supervisor has signed them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.lazily import lazily
from shared.records.reports.additions import CosignaturePayload
from shared.records.reports.signed_payload import SignedPayload
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.stored_proofs import stored_proof

with lazily(globals()):
    from shared.records.reports.report import Report, ReportStatus
    from shared.records.reports.signed import AuthoredReport, Cosignature, Signature, SignedCopy, SignedReport
    from shared.workflows.reports.verification import Genuine, Stored, genuine, invalid


@dataclass(frozen=True)
class Proof:
    """The verified bytes of a report, with the co-signature where they ask for one."""

    signed: Genuine[SignedPayload]
    cosigned: Genuine[CosignaturePayload] | None = None

    @property
    def payload(self) -> SignedPayload:
        return self.signed.payload

    @property
    def signature(self) -> Signature:
        """The author's signature."""
        return self.payload.shown_signature(self.signed.digest, self.signed.signature)

    @property
    def cosignature(self) -> Signature | None:
        """The supervisor's signature; None if the report needs none, or waits for it."""
        made = self.cosigned
        return made.payload.shown_signature(made.digest, made.signature) if made else None

    @property
    def is_final(self) -> bool:
        """False while the report waits for its co-signature."""
        return self.payload.cosigner_id is None or self.cosigned is not None

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
                "lost_audio": snapshot.lost_audio,
                "status": ReportStatus.SIGNED if self.is_final else ReportStatus.COSIGNATURE_PENDING,
                "ai_model": snapshot.drafted_by,
                "generation_completed_at": snapshot.drafted_at,
                "version": snapshot.version,
                "manually_edited": bool(snapshot.corrections),
                "correction_notes": snapshot.correction_notes,
                "psychotherapy_notes": snapshot.psychotherapy_notes,
                "reviews": snapshot.reviews,
                "reviewed_by": snapshot.reviewed_by,
                "reviewed_at": snapshot.reviewed_at,
                "signed_by": self.payload.signer_id,
                "signed_at": self.payload.signed_at,
                "cosigner_id": self.payload.cosigner_id,
                "cosigned_at": self.cosigned.payload.signed_at if self.cosigned else None,
                "error_code": None,
            }
        )

    @property
    def copy(self) -> SignedCopy:
        """The proof with its public key, for verification by others; without addenda."""
        report_id = self.payload.report.report_id
        cosignature = self.cosigned.part(report_id) if self.cosigned else None
        return SignedCopy(**dict(self.signed.part(report_id)), cosignature=cosignature)


def proof_of(work: UnitOfWork, report: Report) -> Proof | None:
    """The verified proof of a report; None for a report that is not signed by all who must. Raises SignatureInvalid.

    SignedReport must have been prefetched, or this costs another read; so does a co-signature.
    """
    stored = stored_proof(work, report.id)
    if stored is not None:
        return verified(work, report.id, stored)
    if report.status == ReportStatus.COSIGNATURE_PENDING:
        return None
    if report.status == ReportStatus.SIGNED or report.signed_at is not None:
        raise invalid(work, report.id, "proof_missing")
    return None


def shown_proof(work: UnitOfWork, report: Report) -> Proof | None:
    """What a reader is shown of a report that its author signed: the proof, or what waits for the co-signature, which
    costs another read. Raises SignatureInvalid."""
    proof = proof_of(work, report)
    return waiting_proof(work, report) if proof is None and report.awaits_cosignature else proof


def waiting_proof(work: UnitOfWork, report: Report) -> Proof:
    """What the author signed of a report that waits for the co-signature. Raises SignatureInvalid."""
    stored = work.get_or_none(AuthoredReport.ref(AuthoredReport.id_of(report.id, report.version)))
    if stored is None:
        raise invalid(work, report.id, "proof_missing")
    return awaiting_cosignature(work, report.id, stored)


def awaiting_cosignature(work: UnitOfWork, report_id: str, stored: AuthoredReport) -> Proof:
    """What an author signed, if it is of the version that the document is of. Raises SignatureInvalid."""
    signed = genuine(work, report_id, stored, SignedPayload)
    of_version = AuthoredReport.id_of(report_id, signed.payload.report.version) == stored.id
    if not of_version or signed.payload.cosigner_id is None:
        raise invalid(work, report_id, "other_version")
    return Proof(signed)


def proofs_of(work: UnitOfWork, reports: Sequence[Report]) -> list[Proof | None]:
    """The verified proof of each report, as `proof_of`; all are read in one call."""
    cosigned = [Cosignature.ref(report.id) for report in reports if report.cosigned_at]
    work.prefetch(*(SignedReport.ref(report.id) for report in reports), *cosigned)
    return [proof_of(work, report) for report in reports]


def shown(work: UnitOfWork, reports: Sequence[Report]) -> list[Report]:
    """Reports of a list, signed ones as signed. Raises SignatureInvalid."""
    proofs = zip(reports, proofs_of(work, reports), strict=True)
    return [proof.shown(report) if proof else report for report, proof in proofs]


def verified(work: UnitOfWork, report_id: str, stored: SignedReport) -> Proof:
    """The proof, with the co-signature that it asks for. Raises SignatureInvalid."""
    signed = genuine(work, report_id, stored, SignedPayload)
    if signed.payload.cosigner_id is None:
        return Proof(signed)
    cosignature = work.get_or_none(Cosignature.ref(report_id)) or work.get_or_none(
        Cosignature.ref(report_id), live=False
    )
    if cosignature is None:
        raise invalid(work, report_id, "cosignature_missing")
    return cosigned(work, signed, cosignature)


def cosigned(work: UnitOfWork, signed: Genuine[SignedPayload], stored: Stored) -> Proof:
    """The proof with this co-signature, if it is the named supervisor's of exactly these bytes. Raises
    SignatureInvalid."""
    report = signed.payload.report
    made = genuine(work, report.report_id, stored, CosignaturePayload)
    says = made.payload.report_digest, made.payload.version, made.payload.signer_id
    if says != (signed.digest.hex(), report.version, signed.payload.cosigner_id):
        raise invalid(work, report.report_id, "cosignature_of_another")
    return Proof(signed, made)
