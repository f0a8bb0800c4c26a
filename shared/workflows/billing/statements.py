"""The statement of account of a patient, as data and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.records.billing.bill import Bill
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.statement import (
    MOST_STATED,
    MOST_STATED_BILLS,
    AccountStatement,
    StatementQuery,
    accounts_of,
)
from shared.records.conflict_codes import ConflictCode
from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.messages.kinds import language_of
from shared.records.parties import PatientName
from shared.records.patients.patient import Patient
from shared.records.problems import Conflict, FieldError, Invalid
from shared.store import pagination, queries
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from shared.workflows.documents import PrintedDocument


def get(clinic: Clinic, patient_id: str, query: StatementQuery) -> AccountStatement:
    """The statement of a period. Raises Conflict for a patient with more entries than a statement has."""
    return clinic.perform("patient.statement", lambda work: _statement(work, _patient(work, patient_id), query))


def pdf(clinic: Clinic, patient_id: str, query: StatementQuery) -> PrintedDocument:
    """The statement of a period as PDF, in the patient's language and under the clinic's letterhead. Raises Conflict
    for a character that cannot be printed.

    What prints is imported here: nearly all requests for patients print nothing.
    """
    from shared.render.pdf import statement_pdf
    from shared.workflows.billing import statement_paper
    from shared.workflows.documents import PrintedDocument
    from shared.workflows.printability import must_be_printable

    def transaction(work: UnitOfWork) -> PrintedDocument:
        patient = _patient(work, patient_id)
        document = statement_paper.document(
            _statement(work, patient, query),
            PatientIdentity.of(patient),
            issuer=Letterhead.of(None, work.settings()),
            address=patient.address.text if patient.address else None,
            language=language_of(patient.preferred_language),
            made_at=work.stamp.at,
        )
        must_be_printable(document)
        return PrintedDocument(statement_pdf(document), f"statement-{patient.number}.pdf", patient.revision)

    return clinic.perform("patient.export_statement", transaction)


def _patient(work: UnitOfWork, patient_id: str) -> Patient:
    work.show_kept()
    work.prefetch(Patient.ref(patient_id), work.settings_ref())
    return work.get(Patient.ref(patient_id))


def _statement(work: UnitOfWork, patient: Patient, query: StatementQuery) -> AccountStatement:
    """All entries are read, because the opening balance follows from those before the period. The bills are read after
    them: a bill is committed with its first entry."""
    last_day = query.last_day or work.today()
    if query.first_day and query.first_day > last_day:
        raise Invalid(errors=[FieldError("first_day", "is in the future")])
    entries = _entries(work, patient)
    bills = _bills(work, entries)
    first_day = query.first_day or min((entry.day for entry in entries), default=last_day)
    return AccountStatement(
        patient=PatientName.of(patient),
        first_day=min(first_day, last_day),
        last_day=last_day,
        accounts=accounts_of(entries, bills, min(first_day, last_day), last_day),
    )


def _entries(work: UnitOfWork, patient: Patient) -> list[LedgerEntry]:
    filters = [pagination.LIVE, pagination.of_person(patient)]
    found = queries.ordered(work.clinic_id, LedgerEntry.collection, filters, None, MOST_STATED + 1)
    if len(found) > MOST_STATED:
        raise Conflict(ConflictCode.STATEMENT_TOO_LONG, f"the patient's ledger has more than {MOST_STATED} entries")
    return [work.from_snapshot(LedgerEntry, snapshot) for snapshot in found]


def _bills(work: UnitOfWork, entries: Sequence[LedgerEntry]) -> dict[str, Bill]:
    ids = sorted({entry.bill_id for entry in entries})
    if len(ids) > MOST_STATED_BILLS:
        raise Conflict(ConflictCode.STATEMENT_TOO_LONG, f"the patient has more than {MOST_STATED_BILLS} bills")
    work.prefetch(*map(Bill.ref, ids))
    return {id: work.get(Bill.ref(id)) for id in ids}
