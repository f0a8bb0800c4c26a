"""/api/v1/reports"""

from __future__ import annotations

from functions.reports import exports, signing
from shared.lazily import lazily
from shared.records.problems import Conflict
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import CLINICIANS, CONSENTED, DOCTORS, UNVERIFIED

with lazily(globals()):
    from shared.records.page import Page, PageQuery
    from shared.records.reports.chart_changes import DecideChartChange
    from shared.records.reports.corrections import Corrections
    from shared.records.reports.disclosure import LinkShare
    from shared.records.reports.report_list import ReportList
    from shared.records.reports.resolutions import ResolveFindings
    from shared.records.reports.rewriting import RewriteRequest
    from shared.records.reports.sharing import ShareReport
    from shared.records.version import Version
    from shared.workflows import versions as kept_versions
    from shared.workflows.reports import (
        chart,
        disclosing,
        doubts,
        editing,
        evidence,
        listing,
        reading,
        rewriting,
        sharing,
    )

api = Api("reports")


@api.get("/", roles=CLINICIANS, problems=UNVERIFIED)
def list_reports(clinic: Clinic, query: ReportList) -> Page[listing.NamedReport]:
    """List reports, newest first, without their content: the desk of a doctor.

    By state: unsigned ones, those to review, to sign, failed or signed; of a day, a patient, or (admins) a doctor.
    `to_cosign` lists those that wait for the caller's co-signature, `returned` those that their author corrects and
    signs again. Of psychotherapy notes others than their author see that there are such, and nothing of what they say.
    """
    return listing.of_clinic(clinic, query)


@api.get("/{id}", roles=CLINICIANS, problems=UNVERIFIED)
def get(clinic: Clinic, id: str) -> reading.ReportDetail:
    """Get a report with its statements and their evidence, by id or by number.

    A signed report is answered from the signed bytes, after their signature was verified. Scores and start
    of the draft are not signed. That of a deleted patient stays readable for who could read it before.
    """
    return reading.get(clinic, id)


@api.get("/{id}/transcript", roles=CLINICIANS, problems=UNVERIFIED)
def transcript(clinic: Clinic, id: str) -> evidence.ReportTranscript:
    """Get the transcript that the report was written from: the segments that its statements cite, by their numbers.

    For callers who see the patient. Empty for a report without a recording, and until it is written.
    """
    return evidence.transcript(clinic, id)


@api.put("/{id}", roles=CLINICIANS, alias_of="POST /reports/{id}/corrections")
@api.post("/{id}/corrections", roles=CLINICIANS, requires_idempotency_key=False, requires_if_match=True)
def correct(clinic: Clinic, id: str, corrections: Corrections) -> reading.ReportDetail:
    """Correct statements: change, add or remove.

    The body is a list of edits and not the report: what no edit names stays as it is, the evidence of a changed
    statement too.
    """
    return editing.correct(clinic, id, corrections)


@api.post("/{id}/rewrite", roles=CLINICIANS, status=202, requires_if_match=True, problems=CONSENTED)
def rewrite(clinic: Clinic, id: str, asked: RewriteRequest) -> reading.ReportDetail:
    """Write an unsigned report anew in the background: the whole, some sections, or with another template.

    Statements that a person corrected or wrote stay, except in sections that are named. If transcript, version of the
    template and model are the same, the report that is there is answered, unless `force`. If writing fails, the report
    stays as it was, with `rewrite_failed`. The earlier content is among the report's versions.
    """
    return rewriting.rewrite(clinic, id, asked)


@api.get("/{id}/doubts", roles=CLINICIANS, problems=UNVERIFIED)
def list_doubts(clinic: Clinic, id: str) -> doubts.ReportFindings:
    """List what a doctor must look at: doubts of statements, omissions, and answers that are a risk.

    Each has an id, which stays while statement and finding stay, and the decision about it. Of a signed report: as it
    was signed.
    """
    return doubts.of_report(clinic, id)


@api.post("/{id}/doubts", roles=DOCTORS, requires_idempotency_key=False, requires_if_match=True)
def resolve_doubts(clinic: Clinic, id: str, request: ResolveFindings) -> doubts.ReportFindings:
    """Resolve doubts, omissions and risk answers with a reason: `confirmed`, or `not_relevant` for an omission.

    All of a request are recorded, or none. Correcting or removing the statement, or adding what is missing, resolves a
    finding too: it is then gone. A resolution lapses when its statement or finding changes. Resolutions are signed with
    the report.
    """
    return doubts.resolve(clinic, id, request)


@api.post("/{id}/review", roles=CLINICIANS, requires_idempotency_key=False, requires_if_match=True)
def review(clinic: Clinic, id: str) -> reading.ReportDetail:
    """Record that the caller has read the current version of the report. `reviews` lists who has, and when."""
    return editing.review(clinic, id)


@api.post("/{id}/share", roles=CLINICIANS, requires_if_match=True, problems=UNVERIFIED | CONSENTED)
def share(clinic: Clinic, id: str, new: ShareReport) -> sharing.SharedReport:
    """Share this report: with another doctor of the clinic, or by a link with the patient or somebody outside.

    Psychotherapy notes are never shared (409 `psychotherapy_notes`).

    A doctor sees this report and nothing else of the patient. With `write` the doctor may also correct and review it
    until it is signed, and never sign it. `shared_with` and `writers` list the doctors.

    A link opens the signed report as PDF, with a passcode, until it expires or is revoked; `GET /reports/{id}/shares`
    shows every opening. The message with the link names neither patient nor content. For anybody but the patient, the
    clinic's consent policy may require the patient's consent to `data_sharing`.

    For the doctor of the report, the responsible doctor of the patient and admins.
    """
    return sharing.share(clinic, id, new)


@api.get("/{id}/shares", roles=CLINICIANS)
def list_shares(clinic: Clinic, id: str, page: PageQuery) -> Page[LinkShare]:
    """List with whom this report was shared by a link, newest first: the state of each link, and every opening."""
    return disclosing.listed(clinic, id, page)


@api.delete("/{id}/shares/{share_id}", roles=CLINICIANS, requires_if_match=False)
def revoke_share(clinic: Clinic, id: str, share_id: str) -> LinkShare:
    """Revoke the link of a share: it opens nothing any more. A message that was not sent yet is not sent."""
    return disclosing.revoke(clinic, id, share_id)


@api.delete("/{id}/share/{doctor_id}", roles=CLINICIANS, problems=UNVERIFIED)
def withdraw(clinic: Clinic, id: str, doctor_id: str) -> reading.ReportDetail:
    """Withdraw this report from a doctor with whom it was shared."""
    return sharing.withdraw(clinic, id, doctor_id)


@api.get("/{id}/chart-changes", roles=CLINICIANS, problems=UNVERIFIED | {Conflict})
def chart_changes(clinic: Clinic, id: str) -> chart.ChartChanges:
    """List the changes of the patient's chart that a signed report offers: allergies, medications and diagnoses.

    Each offer names its statement and evidence. Nothing is written until a person accepts it. English reports only.
    """
    return chart.offered(clinic, id)


@api.post("/{id}/chart-changes", roles=DOCTORS, problems=UNVERIFIED)
def decide_chart_change(clinic: Clinic, id: str, request: DecideChartChange) -> chart.ChartChanges:
    """Accept one offer, which writes it to the patient's chart, or dismiss it. For doctors who may change the patient.

    An offer is added to the chart as it is now, so no If-Match is needed. Accepting twice adds once; a dismissed offer
    may be accepted later.
    """
    return chart.decide(clinic, id, request)


@api.get("/{id}/versions", roles=CLINICIANS)
def versions(clinic: Clinic, id: str, page: PageQuery) -> Page[Version]:
    """List what a report said before it was written anew, newest first: who asked for it, and the earlier content.

    `revision` is the version of the report that was written. Corrections are in `corrections` of the report.
    """
    return kept_versions.of_report(clinic, id, page)


api.include(signing.api, exports.api)
main = api.function()
