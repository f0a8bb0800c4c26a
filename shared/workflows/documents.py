"""Converts records to printable documents."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.records.billing.bill import Bill, PaymentMethod
from shared.records.billing.issued import BillSnapshot
from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.reports.corrections import CorrectionCounts
from shared.records.reports.signed import Meaning, Signature
from shared.records.reports.signed_payload import ReportSnapshot
from shared.records.reports.statements import Statement
from shared.records.reports.template import Section
from shared.records.types import local_date
from shared.render.documents import (
    BillDocument,
    BillLine,
    LetterheadBlock,
    PatientBlock,
    PaymentLine,
    ReportDocument,
    ReportSection,
    SignatureBlock,
)

_MEANINGS = {
    Meaning.AUTHOR: "Author: wrote this report and answers for its content",
    Meaning.REVIEWER: "Reviewer: has read and checked this report",
    Meaning.APPROVER: "Approver: approves this report",
}
"""The printed text of each meaning."""


@dataclass(frozen=True)
class PrintedDocument:
    """A PDF with its file name, which names no patient, and the revision of its record."""

    content: bytes
    filename: str
    revision: int


def report_filename(snapshot: ReportSnapshot, signed_at: datetime | None) -> str:
    """`REP-20260001.pdf` for a draft, `REP-20260001-2026-11-04.pdf` with the date of the signature."""
    signed_on = f"-{local_date(signed_at, snapshot.time_zone)}" if signed_at else ""
    return f"{snapshot.report_number}{signed_on}.pdf"


def bill_filename(bill: Bill) -> str:
    """`INV-202609-000123.pdf`; a draft has no number yet."""
    return f"{bill.number or f'draft-{bill.id}'}.pdf"


def draft_document(snapshot: ReportSnapshot) -> ReportDocument:
    """An unsigned report, marked as a draft."""
    return _report(snapshot, None)


def signed_document(snapshot: ReportSnapshot, signature: Signature) -> ReportDocument:
    """A signed report; both arguments are from the verified bytes."""
    block = SignatureBlock(
        printed_name=signature.signer_name,
        licence_number=signature.licence_number,
        account_id=signature.signer_id,
        confirmed_by=signature.identity_confirmed_by,
        confirmed_at=signature.identity_confirmed_at,
        meaning=_MEANINGS[signature.meaning],
        signed_at=signature.signed_at,
        key_version=signature.key_version,
        content_digest=signature.content_digest,
        signature=signature.signature,
    )
    return _report(snapshot, block)


def bill_document(issued: BillSnapshot, ledger: Bill) -> BillDocument:
    """A bill as issued, and the account since then from the ledger; a draft has no account."""
    return BillDocument(
        letterhead=_letterhead(issued.issuer),
        patient=_patient(issued.subject),
        bill_number=issued.number,
        status=ledger.status.value,
        bill_date=issued.bill_date,
        due_date=issued.due_date,
        currency=issued.currency,
        lines=tuple(
            BillLine(item.description, Decimal(item.quantity), item.unit_price, item.amount, item.cpt_code or "")
            for item in issued.lines
        ),
        subtotal_minor=issued.subtotal,
        discount_minor=issued.discount,
        tax_label=issued.tax_label,
        tax_rate=issued.tax_rate,
        tax_minor=issued.tax,
        total_minor=issued.total,
        paid_minor=ledger.paid_amount,
        outstanding_minor=ledger.outstanding_amount,
        payments=tuple(
            PaymentLine(
                local_date(paid.received_at, issued.time_zone), _method(paid.method), paid.amount, paid.reference or ""
            )
            for paid in ledger.payment_history
        ),
        notes=issued.notes or "",
        payment_instructions=issued.payment_instructions or "",
        payment_terms=issued.payment_terms or "",
    )


def _report(snapshot: ReportSnapshot, signature: SignatureBlock | None) -> ReportDocument:
    return ReportDocument(
        letterhead=_letterhead(snapshot.issuer),
        patient=_patient(snapshot.subject),
        report_number=snapshot.report_number,
        session_number=snapshot.session_number,
        visit_started=snapshot.visit_started,
        zone=snapshot.time_zone,
        version=snapshot.version,
        sections=tuple(_sections(snapshot)),
        title=f"{_readable(snapshot.report_type.value)} report",
        corrections_note=_corrections_note(CorrectionCounts.of(snapshot.corrections)),
        signature=signature,
    )


def _sections(snapshot: ReportSnapshot) -> list[ReportSection]:
    printed = []
    for section in snapshot.sections:
        printed.append(ReportSection(section.title, 1, _texts(snapshot.statements, section.id)))
        printed += [
            ReportSection(part.title, 2, _texts(snapshot.statements, f"{section.id}.{part.id}"))
            for part in section.subsections
        ]
    return printed


def _corrections_note(counts: CorrectionCounts) -> str:
    """What the practitioner changed, such as "Statements: 3 corrected or added, 1 removed …"; empty if nothing."""
    edited = counts.corrected + counts.added
    parts = [f"{edited} corrected or added"] if edited else []
    parts += [f"{counts.removed} removed"] if counts.removed else []
    return f"Statements: {', '.join(parts)} by the practitioner." if parts else ""


def _texts(statements: list[Statement], section: str) -> tuple[str, ...]:
    return tuple(statement.text for statement in statements if statement.section == section)


def _letterhead(issuer: Letterhead) -> LetterheadBlock:
    return LetterheadBlock(
        practitioner_name=issuer.practitioner_name,
        credentials=issuer.specialization,
        licence_number=issuer.licence_number,
        clinic_name=issuer.clinic_name,
        clinic_address=issuer.clinic_address,
        phone=issuer.phone,
        email=issuer.email,
        logo=base64.b64decode(issuer.logo) if issuer.logo else None,
        gst_number=issuer.gst_number,
    )


def _patient(subject: PatientIdentity) -> PatientBlock:
    return PatientBlock(subject.name, subject.number, subject.date_of_birth, subject.gender)


def plain_text(sections: list[Section], statements: list[Statement]) -> str:
    """A report as readable text; a section about which nothing was said reads "Not discussed"."""
    lines: list[str] = []
    for section in sections:
        lines.append(section.title.upper())
        if not section.subsections:
            lines += _texts(statements, section.id) or ("Not discussed",)
        for part in section.subsections:
            texts = _texts(statements, f"{section.id}.{part.id}") or ("Not discussed",)
            lines += [f"{part.title}: {' '.join(texts)}"]
        lines.append("")
    return "\n".join(lines).strip()


def _method(method: PaymentMethod) -> str:
    """The printed name of a payment method."""
    return "UPI" if method == PaymentMethod.UPI else _readable(method.value)


def _readable(term: str) -> str:
    """The printed form of an enumeration value: `followup` becomes `Follow-up`."""
    return term.replace("followup", "follow-up").replace("_", " ").capitalize()
