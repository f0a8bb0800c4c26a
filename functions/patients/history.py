"""What there is about a patient: earlier values, visits, bills and reports."""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import CLINICIANS, FRONT_DESK, UNVERIFIED
from shared.web.serialization import Document

with lazily(globals()):
    from shared.records.billing.bill import Bill
    from shared.records.billing.statement import AccountStatement, StatementQuery
    from shared.records.page import Page, PageQuery
    from shared.records.parties import Named
    from shared.records.record import Detailed
    from shared.records.reports.report import Report
    from shared.records.reports.report_list import ReportsOfPatient
    from shared.records.scheduling.appointment import Appointment
    from shared.records.version import Version
    from shared.workflows import versions as kept_versions
    from shared.workflows.billing import statements
    from shared.workflows.patients import history
    from shared.workflows.reports import listing
    from shared.workflows.reports.last_visit import LastVisitFound
    from shared.workflows.reports.last_visit import of_patient as of_last_visit
    from shared.workflows.visits import listing as visits
    from shared.workflows.visits.links import LinkedSession

api = Api("patients")


@api.get("/{id}/versions", roles=FRONT_DESK)
def versions(clinic: Clinic, id: str, page: PageQuery) -> Page[Version]:
    """List who changed what of a patient, newest change first, with the values before.

    Changes of clinical fields alone are left out for callers who do not see clinical fields. Registration, deleting
    and restoring are in the audit trail only.
    """
    return kept_versions.of_patient(clinic, id, page)


@api.get("/{id}/sessions", roles=CLINICIANS)
def sessions(clinic: Clinic, id: str, page: PageQuery) -> Page[LinkedSession]:
    """List a patient's sessions, newest first."""
    return visits.of_patient(clinic, id, page)


@api.get("/{id}/appointments", roles=FRONT_DESK)
def appointments(clinic: Clinic, id: str, page: PageQuery) -> Page[Detailed[Appointment, Named]]:
    """List a patient's appointments, most recently booked first."""
    return history.of_patient(clinic, Appointment, id, page)


@api.get("/{id}/bills", roles=FRONT_DESK)
def bills(clinic: Clinic, id: str, page: PageQuery) -> Page[Detailed[Bill, Named]]:
    """List a patient's bills, newest first."""
    return history.of_patient(clinic, Bill, id, page)


@api.get("/{id}/statement", roles=FRONT_DESK)
def statement(clinic: Clinic, id: str, query: StatementQuery) -> AccountStatement:
    """Get a patient's statement of account: what was billed, paid and credited in a period, and what is owed.

    Balances are the patient's: what an insurer is to pay is none of them, and a credit is less than 0. 409
    `statement_too_long` for a patient with more than 1,000 entries or 300 bills.
    """
    return statements.get(clinic, id, query)


@api.get("/{id}/statement/pdf", roles=FRONT_DESK)
def statement_pdf(clinic: Clinic, id: str, query: StatementQuery) -> Document:
    """Get a patient's statement of account as PDF, in the patient's language."""
    printed = statements.pdf(clinic, id, query)
    return Document(printed.content, "application/pdf", printed.filename, printed.revision)


@api.get("/{id}/reports", roles=CLINICIANS, problems=UNVERIFIED)
def reports(clinic: Clinic, id: str, page: ReportsOfPatient) -> Page[Detailed[Report, Named]]:
    """List a patient's reports, newest first, without their content.

    Of a report with new versions the newest signed one, unless `with_superseded`. An unsigned new version is listed
    beside the report that it will supersede.
    """
    return listing.of_patient(clinic, id, page)


@api.get("/{id}/last-visit", roles=CLINICIANS, problems=UNVERIFIED)
def last_visit(clinic: Clinic, id: str) -> LastVisitFound:
    """Get the patient's last visit at a glance, when a session starts: date, plan, orders and scores.

    From the last signed report, after its signature was verified; null without one.
    """
    return of_last_visit(clinic, id)
