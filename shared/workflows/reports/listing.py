"""Reports as a list: a patient's, or a clinic's."""

from __future__ import annotations

from shared.records.page import Page
from shared.records.parties import Named
from shared.records.record import Detailed
from shared.records.reports.report import Report
from shared.records.reports.report_list import ReportList, ReportsOfPatient, ReportState
from shared.store import pagination
from shared.store.clinic import Clinic
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import clinic_lists
from shared.workflows.parties import named_page
from shared.workflows.patients import history
from shared.workflows.reports import proofs

NamedReport = Detailed[Report, Named]


def of_clinic(clinic: Clinic, query: ReportList) -> Page[NamedReport]:
    """A page of the reports in a state, newest first, of all patients whom the caller may see."""

    def transaction(work: UnitOfWork) -> Page[NamedReport]:
        state = ("status", "in", sorted(query.status.statuses))
        filters = [pagination.LIVE, *_whose(work, query), state]
        return _page(work, pagination.of_clinic(work, Report, query, filters), query)

    return clinic.perform("report.list", transaction)


def _page(work: UnitOfWork, found: Page[Report], query: ReportsOfPatient) -> Page[NamedReport]:
    """The page as it is shown; reports that a new version supersedes are left out, unless they are asked for."""
    items = [one for one in found.items if query.with_superseded or one.superseded_by is None]
    return named_page(work, Page(proofs.shown(work, items), found.next_page_token))


def _whose(work: UnitOfWork, query: ReportList) -> list[Filter]:
    """The filter for the reports of a doctor, or for those that the caller is to co-sign."""
    if query.status != ReportState.TO_COSIGN:
        return clinic_lists.of_doctor(work, query.doctor_id)
    work.keyring()  # the caller is looked up before any query
    return [("cosigner_id", "==", work.user_id)]


def of_patient(clinic: Clinic, patient_id: str, query: ReportsOfPatient) -> Page[NamedReport]:
    """A page of a patient's reports, newest first; signed ones as they were signed.

    Raises NotFound for a patient the caller may not see, SignatureInvalid if a proof on the page does not verify.
    """

    def transaction(work: UnitOfWork) -> Page[NamedReport]:
        return _page(work, history.page_of(work, Report, patient_id, query), query)

    return clinic.perform("report.list", transaction)
