"""Converts reports to printable documents. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.records.claims.doubt import ClaimCheck
from shared.records.patients.age import age_span
from shared.records.reports.corrections import CorrectionCounts
from shared.records.reports.covering import Covering
from shared.records.reports.signed import Signature
from shared.records.reports.signed_payload import ReportSnapshot
from shared.records.templates.fixed_texts import not_discussed
from shared.records.types import local_date
from shared.render.annexes import PrintedAddendum, Superseded
from shared.render.bidi import isolated
from shared.render.documents import ReportDocument
from shared.render.words.languages import words_of
from shared.render.words.vocabulary import Counted, Words
from shared.workflows.documents import letterhead_block, patient_block
from shared.workflows.reports.printed_findings import printed_findings
from shared.workflows.reports.printed_losses import lines_of
from shared.workflows.reports.printed_sections import PrintedSections, printed_text
from shared.workflows.reports.printed_signatures import signature_block


@dataclass(frozen=True, slots=True)
class Annexes:
    """What is printed of a report besides what it says."""

    with_findings: bool = False
    """Prints what the checks found, and how doctors decided."""
    addenda: tuple[PrintedAddendum, ...] = ()
    superseded: Superseded | None = None
    cosignature: Signature | None = None
    """The supervisor's, if the report needed one."""
    awaits_cosignature: bool = False
    has_part_2_notice: bool = False
    """True for a disclosure of substance use disorder records."""


NO_ANNEXES = Annexes()


def draft_document(
    snapshot: ReportSnapshot, changed_at: datetime, warnings: Sequence[str] = (), annexes: Annexes = NO_ANNEXES
) -> ReportDocument:
    """An unsigned report, marked as a draft, with the doubts beside each statement, and warnings about all of it."""
    document = _report(snapshot, None, changed_at, annexes)
    return replace(document, origin=" ".join([document.origin, *warnings]))


def warnings_of(report: Covering, check: ClaimCheck, language: str | None = None) -> list[str]:
    """What a reader of an unsigned report must know: it lacks recordings, its transcript was changed, or there was none
    to compare it with."""
    origin = words_of(language).origin
    lacking = len(report.unreported_recordings)
    warnings = [origin.lacking_recordings.of(lacking)] if lacking else []
    changed = [origin.transcript_changed] if report.transcript_changed else []
    alone = [origin.no_transcript] if check is ClaimCheck.RECORD_ONLY else []
    return warnings + changed + alone


def signed_document(snapshot: ReportSnapshot, signature: Signature, annexes: Annexes = NO_ANNEXES) -> ReportDocument:
    """A signed report; snapshot and signature are from the verified bytes."""
    return _report(snapshot, signature, signature.signed_at, annexes)


def filename(snapshot: ReportSnapshot, signed_at: datetime | None, extension: str = "pdf") -> str:
    """`REP-20260001.pdf` for a draft, `REP-20260001-2026-11-04.pdf` with the date of the signature."""
    signed_on = f"-{local_date(signed_at, snapshot.time_zone)}" if signed_at else ""
    return f"{snapshot.report_number}{signed_on}.{extension}"


def _report(snapshot: ReportSnapshot, signature: Signature | None, at: datetime, annexes: Annexes) -> ReportDocument:
    words = words_of(snapshot.language)
    sections = list(PrintedSections(snapshot, words, is_draft=signature is None).all())
    visit_day = local_date(snapshot.visit_started, snapshot.time_zone)
    names = {signature.signer_id: signature.signer_name} if signature else {}
    return ReportDocument(
        letterhead=letterhead_block(snapshot.issuer),
        patient=patient_block(snapshot.subject),
        age=words.age(age_span(snapshot.subject.date_of_birth, snapshot.subject.estimated_age, visit_day)),
        allergies=_listed(snapshot.allergies, snapshot.allergies_left_out, words.more_in_chart, words),
        allergies_to_confirm=_listed(
            snapshot.reported_allergies, snapshot.reported_allergies_left_out, words.more, words
        ),
        report_number=snapshot.report_number,
        session_number=snapshot.session_number,
        visit_started=snapshot.visit_started,
        visit_kind=words.visit_kinds[snapshot.visit_type],
        visit_minutes=snapshot.visit_minutes,
        referred_by=snapshot.referred_by or "",
        zone=snapshot.time_zone,
        version=snapshot.version,
        language=snapshot.language or "en",
        sections=tuple(section for section in sections if section.is_printed),
        not_discussed=not_discussed(snapshot.language),
        no_entry=tuple(name for section in sections for name in section.without_entry),
        title=words.titles[snapshot.report_type],
        origin=" ".join(_origin(snapshot, words)),
        at=at,
        signature=signature_block(signature, words) if signature else None,
        lost_audio=tuple(lines_of(snapshot.lost_audio, snapshot.time_zone, words)),
        cosignature=signature_block(annexes.cosignature, words) if annexes.cosignature else None,
        awaits_cosignature=annexes.awaits_cosignature,
        findings=printed_findings(snapshot, words, names) if annexes.with_findings else None,
        addenda=annexes.addenda,
        superseded=annexes.superseded,
        has_part_2_notice=annexes.has_part_2_notice,
        psychotherapy_notes=snapshot.psychotherapy_notes,
    )


def _listed(entries: list[str], left_out: int, more: Counted, words: Words) -> str:
    return words.listed.join([*entries, *([more.of(left_out)] if left_out else [])])


def _origin(snapshot: ReportSnapshot, words: Words) -> Iterator[str]:
    """Who drafted and who revised the report, and how much was changed; removals count."""
    origin = words.origin
    if snapshot.drafted_by is None:
        yield origin.written_by.format(name=isolated(snapshot.issuer.practitioner_name or origin.the_practitioner))
    else:
        drafted_at = snapshot.drafted_at
        day = [words.long_date(local_date(drafted_at, snapshot.time_zone))] if drafted_at else []
        yield origin.drafted_by.format(model=words.listed.join([snapshot.drafted_by, *day]))
    yield from _revision(snapshot, words)
    if any(printed_text(statement) != statement.text for statement in snapshot.statements):
        yield origin.measures


def _revision(snapshot: ReportSnapshot, words: Words) -> Iterator[str]:
    origin, counts = words.origin, CorrectionCounts.of(snapshot.corrections)
    kept = counts.corrected + counts.added
    changes = [origin.corrected_or_added.of(kept)] if kept else []
    changes += [origin.removed.of(counts.removed)] if counts.removed else []
    if changes:
        names = words.listed.join(map(isolated, snapshot.revised_by)) or origin.the_practitioner
        yield origin.revised_by.format(names=names, changes=words.listed.join(changes))
    elif snapshot.drafted_by is not None:
        yield origin.unchanged
