"""Reports as a list: a patient's, or a clinic's."""

from __future__ import annotations

from shared.records.page import Page
from shared.records.parties import Named
from shared.records.patients.patient import Patient
from shared.records.permissions import RULES, Action
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
    """A page of the reports in a state, newest first, of all patients whom the caller may see, or of one.

    Raises NotFound for a patient the caller may not see, Forbidden when a doctor asks for another's reports.
    """

    def transaction(work: UnitOfWork) -> Page[NamedReport]:
        work.show_kept()
        if query.day:
            work.expect(work.settings_ref())
        found = pagination.of_clinic(work, Report, query, [pagination.LIVE, *_filters(work, query)])
        mine = [report for report in found.items if query.doctor_id in (None, report.doctor_id)]
        return _page(work, Page(mine, found.next_page_token), query)

    return clinic.perform("report.list", transaction)


def _page(work: UnitOfWork, found: Page[Report], query: ReportsOfPatient) -> Page[NamedReport]:
    """The page as it is shown; reports that a new version supersedes are left out, unless they are asked for."""
    items = [one for one in found.items if query.with_superseded or one.superseded_by is None]
    shown = [_shown(work, one) for one in proofs.shown(work, items)]
    return named_page(work, Page(shown, found.next_page_token))


def _shown(work: UnitOfWork, report: Report) -> Report:
    """A report in a list; of psychotherapy notes others than the author see that there are such, and no text."""
    is_author = not RULES[Action.READ_PSYCHOTHERAPY_NOTES].isdisjoint(report.relations_of(work.user_id))
    return report.without_texts if report.psychotherapy_notes and not is_author else report


def _filters(work: UnitOfWork, query: ReportList) -> list[Filter]:
    """The filters of a list. Those of a patient are of all doctors, so the doctor is compared afterwards."""
    if query.status == ReportState.TO_COSIGN:
        work.keyring()  # the caller is looked up before any query
        whose: list[Filter] = [("cosigner_id", "==", work.user_id)]
    elif query.patient_id is None:
        whose = clinic_lists.of_doctor(work, query.doctor_id)
    else:
        whose = [pagination.of_person(work.get(Patient.ref(query.patient_id)))]
    day = clinic_lists.on_day("created_at", query.day, work.settings().time_zone) if query.day else []
    return [*whose, *_of_state(query.status), *day]


def _of_state(state: ReportState) -> list[Filter]:
    """The filter for a state: by what the report awaits, if that alone tells it."""
    if state.awaits:
        return [("awaits", "in", sorted(state.awaits))]
    return [("status", "in", sorted(state.statuses))]


def of_patient(clinic: Clinic, patient_id: str, query: ReportsOfPatient) -> Page[NamedReport]:
    """A page of a patient's reports, newest first; signed ones as they were signed.

    Raises NotFound for a patient the caller may not see, SignatureInvalid if a proof on the page does not verify.
    """

    def transaction(work: UnitOfWork) -> Page[NamedReport]:
        work.show_kept()
        return _page(work, history.page_of(work, Report, patient_id, query), query)

    return clinic.perform("report.list", transaction)
