"""Reports: drafted from a transcription, corrected and reviewed by the doctor, signed once and for all."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.gateways import tasks, writer
from shared.records.declaration import Declaration, Issuer, ReportFace, Subject, digest_of
from shared.records.patient import Patient
from shared.records.people import UserProfile
from shared.records.problems import Busy, Conflict, Forbidden
from shared.records.record import Detailed, Ref, Value, session_of
from shared.records.report import (
    Correction,
    Corrections,
    Report,
    ReportContent,
    ReportStatus,
    ReportType,
    Signature,
    SignedReport,
    SignRequest,
    Statement,
    scores_of,
)
from shared.records.session import Session, SessionType
from shared.records.template import ReportTemplate, Section
from shared.records.transcription import Segment, Transcription, TranscriptionStatus
from shared.render.pdf import report_pdf
from shared.store.clinic import Clinic
from shared.store.work import Work
from shared.vault import kms
from shared.workflows import documents, drafting, transcribe

QUEUE = "reports"
MOST_RETRIES = 5
"""After so many deliveries in vain a report is failed, so that a person learns of it."""
STALLED_AFTER = timedelta(minutes=30)
"""A report that waits and did not change for so long has lost its task, whose deliveries change it more often."""
LONGEST_WAIT = timedelta(hours=2)
"""After that a report is given up; a person may ask for it again."""


class Body(Value):
    """What a report says. `generated_content` is the text as it reads."""

    sections: list[Section]
    statements: list[Statement]
    corrections: list[Correction]
    generated_content: str
    signature: Signature | None


@dataclass(frozen=True)
class Assignment:
    """What the writer is to do."""

    report: Report
    template: ReportTemplate
    segments: list[Segment]


# Drafting


def request_first(clinic: Clinic, transcription_id: str) -> None:
    """A transcription was completed: have its session's report written, if there is none yet."""

    def story(work: Work) -> Report | None:
        session_place = Session.at(session_of(transcription_id))
        work.fetch(Transcription.at(transcription_id), session_place, Report.at(f"{session_place.id}-r1"))
        transcription, session = work.get(Transcription.at(transcription_id)), work.get(session_place)
        if transcription.status != TranscriptionStatus.COMPLETED:
            return None
        report = work.find(Report.at(session.report_id))
        return report if report is not None else work.create(_new_report(work, session, transcription))

    report = clinic.perform("report.request", story)
    if report is not None and report.waiting:
        _enqueue(clinic, report)


def request(clinic: Clinic, session_id: str) -> Report:
    """A person asks for a session's report: the first, or again after a failure."""

    def story(work: Work) -> Report:
        session = work.get(Session.at(session_id))
        work.fetch(Transcription.at(session.transcription_id), Report.at(session.report_id))
        transcription = work.find(Transcription.at(session.transcription_id))
        if transcription is None or transcription.status != TranscriptionStatus.COMPLETED:
            raise Conflict("the session has no completed transcription")
        report = work.find(Report.at(session.report_id))
        if report is None:
            wanted = _new_report(work, session, transcription)
        else:
            wanted = report.retried(transcription_id=transcription.id, by=work.user_id, at=work.now)
        # Before the commit: a task that comes early is sent back, a change without its task would be stuck.
        _enqueue(clinic, wanted)
        work.progress(session.id, report=wanted.status)
        return work.create(wanted) if report is None else work.save(wanted)

    return clinic.perform("report.request", story)


def write(clinic: Clinic, report_id: str, attempt: int, retries: int) -> None:
    """Draft a report. Raises Busy when the writer cannot answer now."""
    assignment = clinic.perform("report.generate", lambda work: _assigned(work, report_id, attempt))
    if assignment is None:
        return
    try:
        draft, model = _drafted(assignment)
    except writer.WriterBusy:
        if retries < MOST_RETRIES:
            raise Busy from None
        clinic.perform("report.fail", lambda work: _fail(work, report_id, attempt, "writer_busy"))
    except writer.WriterRefused as refusal:
        reason = str(refusal)
        clinic.perform("report.fail", lambda work: _fail(work, report_id, attempt, reason))
    else:
        clinic.perform("report.write", lambda work: _written(work, assignment, draft, model))


def revive(clinic: Clinic, report_id: str) -> str | None:
    """Have a report that stalled written after all, or give it up; returns which, or none if it moved on."""

    def story(work: Work) -> str | None:
        report = work.find(Report.at(report_id))
        if report is None or not report.waiting or work.now - report.updated_at < STALLED_AFTER:
            return None
        if work.now - report.requested_at > LONGEST_WAIT:
            _give_up(work, report, "deadline_exceeded")
            return "failed"
        # Before the commit, and named by the change before: two sweeps at once ask once, and a later one anew.
        _enqueue(clinic, report, f"/changed {report.updated_at.isoformat()}")
        work.save(report.revised(by=work.user_id, at=work.now))
        return "enqueued"

    return clinic.perform("report.revive", story)


def _new_report(work: Work, session: Session, transcription: Transcription) -> Report:
    return Report.new(
        session.report_id,
        by=work.user_id,
        at=work.now,
        session_id=session.id,
        patient_id=session.patient_id,
        doctor_id=session.doctor_id,
        template_id=session.template_id,
        transcription_id=transcription.id,
        requested_at=work.now,
        report_type=ReportType.FOLLOWUP if session.type == SessionType.FOLLOWUP else ReportType.CONSULTATION,
    )


def _enqueue(clinic: Clinic, report: Report, again: str = "") -> None:
    """Have an attempt written. One task does it, unless that one was lost: then one more for each `again`."""
    body: dict[str, str | int] = {"clinic_id": clinic.id, "report_id": report.id, "attempt": report.attempt}
    tasks.enqueue(QUEUE, "write_report", body, once=f"{clinic.id}/{report.id}/{report.attempt}{again}")


def _assigned(work: Work, report_id: str, attempt: int) -> Assignment | None:
    """Note that the report is being written, or find that there is nothing to write."""
    report = work.find(Report.at(report_id))
    if report is None or attempt > report.attempt:
        raise Busy  # asked for in a change that is not committed yet
    if not report.waiting or attempt < report.attempt:
        return None
    template_place = ReportTemplate.at(report.template_id)
    transcript = transcribe.with_segments(work, report.transcription_id, template_place)
    template = work.get(template_place)
    generating = report.generating(
        model=writer.model(), prompt_version=drafting.PROMPT_VERSION, by=work.user_id, at=work.now
    )
    work.progress(report.session_id, report=generating.status)
    return Assignment(work.save(generating), template, transcript.extra.segments)


def _drafted(assignment: Assignment) -> tuple[drafting.Draft, str]:
    """Ask the writer, a second time if its answer is not readable."""
    leaves = list(assignment.template.leaves())
    instruction = drafting.instruction_for(assignment.template.ai_prompt)
    prompt, schema = drafting.prompt_for(leaves, assignment.segments), drafting.schema_for(leaves)
    for _ in range(2):
        written = writer.write(instruction, prompt, schema)
        try:
            return drafting.read_draft(written.text, leaves, assignment.segments), written.model
        except drafting.UnreadableDraft:
            continue
    raise writer.WriterRefused("draft_unreadable")


def _written(work: Work, assignment: Assignment, draft: drafting.Draft, model: str) -> None:
    place, content_place = Report.at(assignment.report.id), ReportContent.at(assignment.report.id)
    work.fetch(place, content_place)
    report = work.get(place)
    if not report.waiting or report.attempt != assignment.report.attempt:
        return
    sections = assignment.template.sections
    scores = scores_of(sections, draft.statements, {s.number: s.confidence for s in assignment.segments})
    done = report.written(scores, model=model, rejected=draft.rejected, by=work.user_id, at=work.now)
    work.save(done)
    content = ReportContent.new(
        report.id,
        by=work.user_id,
        at=work.now,
        sections=sections,
        statements=draft.statements,
        generated=draft.statements,
    )
    work.put(content)
    work.progress(report.session_id, report=done.status)


def _fail(work: Work, report_id: str, attempt: int, reason: str) -> None:
    report = work.get(Report.at(report_id))
    if report.waiting and report.attempt == attempt:
        _give_up(work, report, reason)


def _give_up(work: Work, report: Report, reason: str) -> None:
    failed = report.failed(reason, by=work.user_id, at=work.now)
    work.save(failed)
    work.progress(report.session_id, report=failed.status)


# Reading, correcting, signing


def get(clinic: Clinic, report_id: str) -> Detailed[Report, Body]:
    """A report with its statements."""

    def story(work: Work) -> Detailed[Report, Body]:
        work.fetch(*_places(report_id))
        return _detailed(work, work.get(Report.at(report_id)))

    return clinic.perform("report.read", story)


def correct(clinic: Clinic, report_id: str, wanted: Corrections) -> Detailed[Report, Body]:
    """Change, add or remove statements. Who corrected and why replaces the evidence of what was corrected."""

    def story(work: Work) -> Detailed[Report, Body]:
        work.fetch(*_places(report_id))
        report = work.edit(Report.at(report_id))
        corrected = report.corrected(wanted.correction_notes, by=work.user_id, at=work.now)
        content = work.get(ReportContent.at(report.id)).corrected(wanted, by=work.user_id, at=work.now)
        return Detailed(work.save(corrected), _body(work.save(content), None))

    return clinic.perform("report.correct", story)


def review(clinic: Clinic, report_id: str) -> Detailed[Report, Body]:
    """Note that the caller has read the report as it is now."""

    def story(work: Work) -> Detailed[Report, Body]:
        work.fetch(*_places(report_id))
        reviewed = work.edit(Report.at(report_id)).reviewed(by=work.user_id, at=work.now)
        return _detailed(work, work.save(reviewed))

    return clinic.perform("report.review", story)


def sign(clinic: Clinic, report_id: str, wanted: SignRequest) -> Detailed[Report, Body]:
    """Sign the report as it is now; from then on nothing changes it. Only the doctor of the visit signs."""

    def story(work: Work) -> Detailed[Report, Body]:
        profile_place = UserProfile.at(work.user_id)
        work.fetch(*_places(report_id), Session.at(session_of(report_id)), work.settings_place(), profile_place)
        report = work.edit(Report.at(report_id))
        if report.doctor_id != work.user_id:
            raise Forbidden("only the doctor of the visit signs its report")
        profile = work.find(profile_place)
        if profile is None:
            raise Conflict("fill in your profile first: a signature shows your name and licence")
        signed = report.signed(by=work.user_id, at=work.now)
        content = work.get(ReportContent.at(report.id))
        work.guard(content)
        declaration = Declaration(
            report=_face(work, report, content, profile),
            signer_id=work.user_id,
            signer_name=profile.full_name,
            licence_number=profile.license_number or "",
            meaning=wanted.meaning,
            signed_at=work.now,
            key_version=kms.signing_key_version(),
        )
        proof = _signed(work, declaration)
        work.progress(report.session_id, report=signed.status)
        return Detailed(work.save(signed), _body(content, work.create(proof).signature))

    return clinic.perform("report.sign", story)


def pdf(clinic: Clinic, report_id: str) -> tuple[bytes, Report]:
    """The report as PDF: what was signed, or a draft that says so."""

    def story(work: Work) -> tuple[bytes, Report]:
        profile_place = UserProfile.at(work.user_id)  # it is nearly always the doctor of the visit who asks
        work.fetch(*_places(report_id), Session.at(session_of(report_id)), work.settings_place(), profile_place)
        report = work.get(Report.at(report_id))
        if report.status == ReportStatus.SIGNED:
            proof = work.get(SignedReport.at(report.id))
            declaration = _verified(proof)
            return report_pdf(documents.signed_document(declaration, proof.signature)), report
        report.must_be_editable()
        face = _face(work, report, work.get(ReportContent.at(report.id)), work.find(UserProfile.at(report.doctor_id)))
        return report_pdf(documents.draft_document(face)), report

    return clinic.perform("report.export", story)


def _places(report_id: str) -> tuple[Ref[Any], ...]:
    return Report.at(report_id), ReportContent.at(report_id), SignedReport.at(report_id)


def _detailed(work: Work, report: Report) -> Detailed[Report, Body]:
    content = work.find(ReportContent.at(report.id))
    proof = work.find(SignedReport.at(report.id)) if report.status == ReportStatus.SIGNED else None
    return Detailed(report, _body(content, proof.signature if proof else None))


def _body(content: ReportContent | None, signature: Signature | None) -> Body:
    if content is None:
        return Body(sections=[], statements=[], corrections=[], generated_content="", signature=None)
    return Body(
        sections=content.sections,
        statements=content.statements,
        corrections=content.corrections,
        generated_content=documents.plain_text(content.sections, content.statements),
        signature=signature,
    )


def _face(work: Work, report: Report, content: ReportContent, profile: UserProfile | None) -> ReportFace:
    settings = work.settings()
    patient = work.get(Patient.at(report.patient_id))
    issuer, subject = Issuer.of(profile, settings), Subject.of(patient)
    session = work.get(Session.at(report.session_id))
    return ReportFace.of(report, content, session, issuer=issuer, subject=subject, zone=settings.time_zone)


def _signed(work: Work, declaration: Declaration) -> SignedReport:
    canonical = declaration.canonical()
    digest = digest_of(canonical)
    made = kms.sign(digest)
    signature = Signature(
        signer_id=declaration.signer_id,
        signer_name=declaration.signer_name,
        licence_number=declaration.licence_number,
        meaning=declaration.meaning,
        signed_at=declaration.signed_at,
        key_version=made.key_version,
        content_digest=digest.hex(),
        signature=base64.b64encode(made.signature).decode(),
    )
    report_id = declaration.report.report_id
    return SignedReport.new(report_id, by=work.user_id, at=work.now, canonical=canonical.decode(), signature=signature)


def _verified(proof: SignedReport) -> Declaration:
    """What was signed, after checking that it is still those bytes."""
    canonical = proof.canonical.encode()
    if digest_of(canonical).hex() != proof.signature.content_digest:
        raise Conflict("the signed bytes do not match their signature")
    return Declaration.model_validate_json(canonical)
