"""Sharing a single report: with a colleague, who sees this report and nothing else of the patient, or by a link."""

from __future__ import annotations

from shared.records.clinic.people import User
from shared.records.permissions import Action, ReportShare
from shared.records.problems import raise_if_any
from shared.records.record import Detailed
from shared.records.reports.disclosure import NewLinkShare
from shared.records.reports.report import Report
from shared.records.reports.sharing import ShareReport
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.messages import queueing
from shared.workflows.patients.access import doctor_errors
from shared.workflows.reports import disclosing
from shared.workflows.reports.body import Body, NamedBody
from shared.workflows.reports.disclosing import Disclosed
from shared.workflows.reports.final_pdfs import FinalPdfs
from shared.workflows.reports.proofs import shown_proof
from shared.workflows.reports.reading import ReportDetail, named_body, read_signed, report_refs, with_body


class SharedBody(NamedBody):
    """What a report says, and how it was shared."""

    share: NewLinkShare | None
    """The new link; null for a doctor of the clinic."""


SharedReport = Detailed[Report, SharedBody]


def share(clinic: Clinic, report_id: str, request: ShareReport) -> SharedReport:
    """Share the report with a doctor of the clinic, or by a link, whose messages are sent then."""
    made: list[Disclosed] = []
    pdfs = FinalPdfs()

    def transaction(work: UnitOfWork) -> SharedReport:
        made.clear()

        def shared(work: UnitOfWork) -> Detailed[Report, Body]:
            if request.with_colleague and not request.recipient:
                return _with_colleague(work, report_id, request.with_colleague)
            made.append(disclosing.disclose(work, report_id, request, pdfs))
            return made[0].report

        named = named_body(shared)(work)
        new = made[0].share if made else None
        return Detailed(named.record, SharedBody(**dict(named.extra), share=new))

    answer = pdfs.perform(clinic, "report.share", transaction)
    for message in made[0].messages if made else ():
        queueing.dispatch(clinic, message)
    return answer


def _with_colleague(work: UnitOfWork, report_id: str, request: ReportShare) -> Detailed[Report, Body]:
    """Let one more doctor of the clinic see the report, or at another level. At the same level nothing changes."""
    work.prefetch(*report_refs(report_id), User.ref(request.doctor_id))
    report = permissions.get_for_update(work, Report.ref(report_id), Action.SHARE_REPORT)
    disclosing.must_be_shareable(report)
    if report.level_of(request.doctor_id) == request.level:
        return _answer(work, report)
    raise_if_any(doctor_errors(work, request.doctor_id, "/doctor_id"))
    return _answer(work, work.save(report.shared(request.doctor_id, work.stamp, request.level)))


def withdraw(clinic: Clinic, report_id: str, doctor_id: str) -> ReportDetail:
    """Withdraw the report from a doctor. For a doctor with whom it is not shared, nothing changes."""

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        work.prefetch(*report_refs(report_id))
        report = permissions.get_for_update(work, Report.ref(report_id), Action.SHARE_REPORT)
        if report.level_of(doctor_id) is None:
            return _answer(work, report)
        return _answer(work, work.save(report.withdrawn(doctor_id, work.stamp)))

    return clinic.perform("report.withdraw", named_body(transaction))


def _answer(work: UnitOfWork, report: Report) -> Detailed[Report, Body]:
    """The report with what it says; a signed one as it was signed, which a share does not change."""
    proof = shown_proof(work, report)
    return read_signed(work, report, proof) if proof else with_body(work, report)
