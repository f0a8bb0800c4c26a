"""Converts reports to printable documents and to text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.reports.addenda import Addendum
from shared.records.reports.corrections import CorrectionCounts
from shared.records.reports.covering import Covering
from shared.records.reports.instrument_scores import SectionScore, scores_in
from shared.records.reports.signed import Signature
from shared.records.reports.signed_payload import ReportSnapshot
from shared.records.reports.statements import Statement
from shared.records.reports.superseding import Superseded
from shared.records.templates.fixed_texts import not_discussed
from shared.records.templates.sections import Leaf, Section, in_print_order, leaves_of
from shared.records.types import local_date
from shared.render.bidi import isolated
from shared.render.documents import ReportDocument, ReportSection, ReportStatement, SignatureBlock
from shared.render.formats import age_text, counted, long_date
from shared.render.measures import in_clinical_form
from shared.workflows.documents import letterhead_block, patient_block, readable
from shared.workflows.reports.printed_signatures import printed_addendum, printed_superseded, signature_block

_NOTED = " (noted by the practitioner)"
"""Marks a printed statement that rests on typed notes."""
_FROM_RECORD = " (from the consent record)"
"""Marks a printed statement that code made."""
_MEASURES_NOTE = "Measures are printed in clinical notation, such as 118/76 mmHg; the report's text has them as spoken."

_DOUBTS = {
    DoubtKind.NUMBER_NOT_IN_EVIDENCE: "a number is not in the evidence",
    DoubtKind.DOSE_NOT_OF_DRUG: "the dose was not said of this drug",
    DoubtKind.DRUG_NOT_IN_EVIDENCE: "nobody named the drug there",
    DoubtKind.SIDE_NOT_IN_EVIDENCE: "the side is not in the evidence",
    DoubtKind.NEGATION_DIFFERS: "stated and denied differ",
    DoubtKind.SPEAKER_DIFFERS: "another person said it",
    DoubtKind.TERM_NOT_SAID: "nobody said the term",
    DoubtKind.WORDS_NOT_IN_EVIDENCE: "its words are not in the evidence",
    DoubtKind.TOO_MANY_CITATIONS: "it cites too many segments",
    DoubtKind.HEARD_UNCERTAINLY: "heard uncertainly",
    DoubtKind.OTHER_NAME_HEARD: "the name of another person was heard",
    DoubtKind.NORMAL_NOT_IN_EVIDENCE: "nobody said that this is normal",
    DoubtKind.CONSENT_NOT_IN_RECORD: "no consent record says so",
    DoubtKind.ALLERGY_IN_RECORD: "the chart has an allergy",
    DoubtKind.MEDICATION_NOT_AS_IN_RECORD: "the chart has another dose",
    DoubtKind.SCORE_NOT_AS_RECORDED: "the total is another one",
}


def draft_document(snapshot: ReportSnapshot, changed_at: datetime, warnings: Sequence[str] = ()) -> ReportDocument:
    """An unsigned report, marked as a draft, with the doubts beside each statement, and warnings about all of it."""
    document = _report(snapshot, None, changed_at)
    return replace(document, origin=" ".join([document.origin, *warnings]))


def warnings_of(report: Covering) -> list[str]:
    """What a reader of an unsigned report must know: it lacks recordings, or its transcript was changed."""
    lacking = len(report.unreported_recordings)
    warnings = [f"This draft says nothing of {counted(lacking, 'recording')} of the visit."] if lacking else []
    changed = ["The transcript was corrected after this draft was written."] if report.transcript_changed else []
    return warnings + changed


def signed_document(
    snapshot: ReportSnapshot,
    signature: Signature,
    cosignature: Signature | None = None,
    addenda: Sequence[Addendum] = (),
    superseded: Superseded | None = None,
    *,
    is_final: bool = True,
) -> ReportDocument:
    """A signed report with its addenda, all from verified bytes; not final while it waits for the co-signature."""
    return replace(
        _report(snapshot, signature_block(signature), signature.signed_at),
        cosignature=signature_block(cosignature) if cosignature else None,
        awaits_cosignature=not is_final,
        addenda=tuple(map(printed_addendum, addenda)),
        superseded=printed_superseded(superseded) if superseded else None,
    )


def filename(snapshot: ReportSnapshot, signed_at: datetime | None) -> str:
    """`REP-20260001.pdf` for a draft, `REP-20260001-2026-11-04.pdf` with the date of the signature."""
    signed_on = f"-{local_date(signed_at, snapshot.time_zone)}" if signed_at else ""
    return f"{snapshot.report_number}{signed_on}.pdf"


def plain_text(sections: list[Section], statements: list[Statement], language: str | None = None) -> str:
    """A report as readable text; a section without statements reads "Not discussed" or "Not assessed"."""
    totals = {one.section: one for one in scores_in(sections, statements)}
    lines: list[str] = []
    for section in in_print_order(sections):
        lines.append(section.title.upper())
        for leaf in leaves_of([section]):
            texts = [s.text for s in _of(statements, leaf.id)] or [leaf.unfilled(language)]
            lines += texts if leaf.id == section.id else [f"{leaf.name}: {' '.join(texts)}"]
        lines += [f"Total: {_total(totals[section.id])}"] if section.id in totals else []
        lines.append("")
    return "\n".join(lines).strip()


def _total(score: SectionScore) -> str:
    """`14 of 27, Moderate`; without every answer the total is unknown."""
    if score.total is None:
        return f"unknown, {counted(len(score.unanswered), 'item')} without an answer"
    return ", ".join(filter(None, [f"{score.total} of {score.highest_total}", score.band]))


def _report(snapshot: ReportSnapshot, signature: SignatureBlock | None, at: datetime) -> ReportDocument:
    revised = {correction.statement_id for correction in snapshot.corrections}
    printed = {s.id: _statement(s, revised=s.id in revised, is_draft=signature is None) for s in snapshot.statements}
    sections = list(_sections(snapshot, printed))
    rewritten = any(_words(statement) != statement.text for statement in snapshot.statements)
    visit_day = local_date(snapshot.visit_started, snapshot.time_zone)
    return ReportDocument(
        letterhead=letterhead_block(snapshot.issuer),
        patient=patient_block(snapshot.subject),
        age=age_text(snapshot.subject.date_of_birth, visit_day),
        allergies=_listed(snapshot.allergies, snapshot.allergies_left_out, "more in the chart"),
        allergies_to_confirm=_listed(snapshot.reported_allergies, snapshot.reported_allergies_left_out, "more"),
        report_number=snapshot.report_number,
        session_number=snapshot.session_number,
        visit_started=snapshot.visit_started,
        visit_kind=readable(snapshot.visit_type.value),
        visit_minutes=snapshot.visit_minutes,
        referred_by=snapshot.referred_by or "",
        zone=snapshot.time_zone,
        version=snapshot.version,
        sections=tuple(section for section in sections if section.is_printed),
        not_discussed=not_discussed(snapshot.language),
        no_entry=tuple(name for section in sections for name in section.without_entry),
        title=f"{readable(snapshot.report_type.value)} report",
        origin=" ".join([*_origin(snapshot), *([_MEASURES_NOTE] if rewritten else [])]),
        at=at,
        signature=signature,
    )


def _listed(entries: list[str], left_out: int, more: str) -> str:
    return ", ".join([*entries, *([f"and {left_out} {more}"] if left_out else [])])


def _statement(statement: Statement, *, revised: bool, is_draft: bool) -> ReportStatement:
    doubts = [_doubted(doubt) for doubt in statement.doubts] if is_draft else []
    noted = _NOTED if statement.notes else ""
    noted += _FROM_RECORD if statement.consent_id else ""
    return ReportStatement(_words(statement) + noted, is_revised=revised, doubts=tuple(doubts))


def _doubted(doubt: Doubt) -> str:
    """The reason in words, with the words of the statement that it is about, and what the record has."""
    about = f" ({', '.join(doubt.words)})" if doubt.words else ""
    recorded = f": {', '.join(doubt.recorded)}" if doubt.recorded else ""
    return f"{_DOUBTS[doubt.kind]}{about}{recorded}"


def _words(statement: Statement) -> str:
    """The text of a statement; only a certain one that no person wrote is printed in clinical notation."""
    is_certain = not statement.doubts and statement.author_id is None
    return in_clinical_form(statement.text) if is_certain else statement.text


def _sections(snapshot: ReportSnapshot, printed: dict[str, ReportStatement]) -> Iterator[ReportSection]:
    totals = {one.section: one for one in scores_in(snapshot.sections, snapshot.statements)}
    for section in in_print_order(snapshot.sections):
        leaves = list(leaves_of([section]))
        said = {leaf.id: tuple(printed[one.id] for one in _of(snapshot.statements, leaf.id)) for leaf in leaves}
        if not any(said.values()):
            yield _unfilled(section, leaves, snapshot.language)
        elif section.id in said:
            yield ReportSection(section.title, statements=said[section.id])
        else:
            yield _filled(snapshot.language, section, leaves, said, totals.get(section.id))


def _unfilled(section: Section, leaves: list[Leaf], language: str | None) -> ReportSection:
    """A section about which nothing was said; an optional one that is no examination takes no line of its own."""
    if section.required or all(leaf.assessed for leaf in leaves):
        return ReportSection(section.title, nothing=leaves[0].unfilled(language))
    return ReportSection(section.title, without_entry=(section.title,))


def _filled(
    language: str | None,
    section: Section,
    leaves: list[Leaf],
    said: Mapping[str, tuple[ReportStatement, ...]],
    score: SectionScore | None,
) -> ReportSection:
    """A section with parts: those with statements, and what was not assessed."""
    parts = [
        ReportSection(leaf.name, statements=said[leaf.id], nothing="" if said[leaf.id] else leaf.unfilled(language))
        for leaf in leaves
        if said[leaf.id] or leaf.assessed
    ]
    if score is not None:
        parts.append(ReportSection("Total", statements=(ReportStatement(_total(score)),)))
    empty = ", ".join(leaf.name for leaf in leaves if not said[leaf.id] and not leaf.assessed)
    without = (f"{section.title} ({empty})",) if empty else ()
    return ReportSection(section.title, parts=tuple(parts), without_entry=without)


def _of(statements: Sequence[Statement], leaf: str) -> list[Statement]:
    return [statement for statement in statements if statement.section == leaf]


def _origin(snapshot: ReportSnapshot) -> Iterator[str]:
    """Who drafted and who revised the report, and how much was changed; removals count."""
    if snapshot.drafted_by is None:
        yield f"Written by {isolated(snapshot.issuer.practitioner_name or 'the practitioner')}."
    else:
        day = f", {long_date(local_date(snapshot.drafted_at, snapshot.time_zone))}" if snapshot.drafted_at else ""
        yield f"Drafted by an AI model ({snapshot.drafted_by}{day})."
    counts = CorrectionCounts.of(snapshot.corrections)
    kept = counts.corrected + counts.added
    changes = [f"{counted(kept, 'statement')} corrected or added (†)"] if kept else []
    changes += [f"{counted(counts.removed, 'statement')} removed"] if counts.removed else []
    if changes:
        yield f"Revised by {', '.join(map(isolated, snapshot.revised_by)) or 'the practitioner'}: {', '.join(changes)}."
    elif snapshot.drafted_by is not None:
        yield "No statement was changed after the draft."
