"""The blocks of a report, in the order of every format. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from shared.render.annexes import PART_2_NOTICE, PrintedAddendum
from shared.render.bidi import isolated
from shared.render.blocks import (
    Answers,
    Block,
    Box,
    Facts,
    Heading,
    Item,
    PrintedReport,
    Remark,
    Row,
    Rule,
    Together,
    Tone,
    Weight,
    identity_of,
)
from shared.render.documents import ReportDocument, ReportSection, ReportStatement
from shared.render.report_signature import moment, signature_box, utc_and_local
from shared.render.words.languages import words_of
from shared.render.words.vocabulary import Words


def printed_report(document: ReportDocument) -> PrintedReport:
    """The report as blocks. Raises ValueError for a naive time, ZoneInfoNotFoundError for an unknown zone."""
    words = words_of(document.language)
    mark, note = _mark(document, words)
    return PrintedReport(
        words=words,
        language=document.language,
        title=_title(document, words),
        reference=document.report_number,
        letterhead=document.letterhead,
        patient=document.patient,
        identity=identity_of(document.patient, document.report_number, words),
        mark=mark,
        mark_note=note,
        at=document.at,
        blocks=tuple(_blocks(document, words)),
        copy_notice=_copy_notice(document, words),
    )


def _title(document: ReportDocument, words: Words) -> str:
    """The title, which stands on every page. Psychotherapy notes are named there, too."""
    return f"{document.title} · {words.marks.psychotherapy_notes}" if document.psychotherapy_notes else document.title


def _mark(document: ReportDocument, words: Words) -> tuple[str, str]:
    if document.signature is None:
        return words.marks.draft, words.marks.not_signed
    if document.awaits_cosignature:
        return words.marks.not_final, words.marks.waits_for_cosignature
    return (words.marks.superseded, "") if document.superseded else ("", "")


def _blocks(document: ReportDocument, words: Words) -> Iterator[Block]:
    yield Heading(document.title, 1)
    yield from _notices(document, words)
    yield from _facts(document, words)
    yield Rule()
    for section in document.sections:
        yield from _section(section, words)
    yield from _findings(document, words)
    # Together, so that a signature does not stand alone on a page.
    yield Together((*_end(document, words), _signed_or_not(document, words)))
    if document.cosignature:
        yield signature_box(document.cosignature, document.zone, words, words.signature.cosigned)
    if document.awaits_cosignature:
        yield Box(words.marks.not_final, lines=(words.marks.not_final_advice,), tone=Tone.WARNING)
    for number, addendum in enumerate(document.addenda, start=1):
        yield from _addendum(number, addendum, document.zone, words)


def _notices(document: ReportDocument, words: Words) -> Iterator[Block]:
    """What a reader must know before reading."""
    if later := document.superseded:
        when = moment(later.at, document.zone, words)
        text = words.marks.superseded_by.format(
            report=isolated(later.report_number), when=when, reason=isolated(later.reason)
        )
        yield Box(words.marks.superseded, lines=(text, words.marks.superseded_advice), tone=Tone.WARNING)
    if document.psychotherapy_notes:
        yield Box(words.marks.psychotherapy_notes, lines=(words.marks.psychotherapy_advice,), tone=Tone.WARNING)
    if document.lost_audio:
        lost = words.lost_audio
        yield Box(lost.title, lines=(lost.advice, *document.lost_audio), tone=Tone.WARNING)
    if document.has_part_2_notice:
        yield Box("", lines=(PART_2_NOTICE,))


def _facts(document: ReportDocument, words: Words) -> Iterator[Block]:
    """Each fact has its place, whether it is recorded or not."""
    patient, minutes, labels = document.patient, document.visit_minutes, words.facts
    yield Facts(
        (
            (labels.patient, f"{patient.name} ({words.death(patient.died)})" if patient.died else patient.name),
            (labels.date_of_birth, words.partial_date(patient.date_of_birth)),
            (labels.age, document.age),
            (labels.gender, patient.gender or ""),
            (labels.visit, moment(document.visit_started, document.zone, words)),
            (labels.visit_kind, document.visit_kind),
            (labels.visit_length, "" if minutes is None else words.minutes.of(minutes)),
            (labels.session, document.session_number),
            (labels.report, words.report_version.format(number=document.report_number, version=document.version)),
            (labels.patient_number, patient.number),
        ),
        wide=(labels.allergies, document.allergies),
    )
    if document.allergies_to_confirm:
        reported = f"{document.allergies_to_confirm}. {labels.not_confirmed}"
        yield Facts((), wide=(labels.allergies_to_confirm, reported))
    if document.referred_by:
        yield Facts((), wide=(labels.referred_by, document.referred_by))


def _section(section: ReportSection, words: Words) -> Iterator[Block]:
    yield Heading(section.title, 2)
    yield from _content(section, words)
    if section.is_scored:
        rows = tuple((part.title, _answer(part, words)) for part in section.parts)
        yield Answers((words.item, words.answer), rows)
        return
    for part in section.parts:
        yield Heading(part.title, 3)
        yield from _content(part, words)


def _content(section: ReportSection, words: Words) -> Iterator[Block]:
    yield from (_item(statement, words) for statement in section.statements)
    if section.nothing:
        yield Remark(section.nothing)


def _item(statement: ReportStatement, words: Words) -> Item:
    note = words.findings.check.format(doubts="; ".join(statement.doubts)) if statement.doubts else ""
    return Item(_marked(statement), statement.kind, note)


def _answer(part: ReportSection, words: Words) -> str:
    """The answers to an item, each with its doubts."""
    items = [_item(statement, words) for statement in part.statements]
    return "\n".join(filter(None, [*(line for item in items for line in (item.text, item.note)), part.nothing]))


def _marked(statement: ReportStatement) -> str:
    return f"{statement.text} †" if statement.is_revised else statement.text


def _findings(document: ReportDocument, words: Words) -> Iterator[Block]:
    if document.findings is None:
        return
    yield Heading(words.findings.title, 2)
    for finding in document.findings:
        reasons = f"{finding.reasons}. " if finding.reasons else ""
        yield Item(finding.about, note=f"{reasons}{finding.decision}", note_tone=Tone.MUTED)
    if not document.findings:
        yield Remark(words.findings.none)


def _end(document: ReportDocument, words: Words) -> Iterator[Remark]:
    """The sections without an entry, and where the text comes from."""
    if document.no_entry:
        yield Remark(f"{document.not_discussed}: {words.listed.join(document.no_entry)}.", is_small=True)
    yield Remark(document.origin, is_small=True)


def _signed_or_not(document: ReportDocument, words: Words) -> Box:
    if document.signature:
        return signature_box(document.signature, document.zone, words)
    doubtful = _doubtful(document)
    count = (words.marks.doubts_to_check.of(doubtful),) if doubtful else ()
    return Box(words.marks.draft_title, lines=(words.marks.draft_advice, *count), tone=Tone.WARNING)


def _doubtful(document: ReportDocument) -> int:
    """The number of statements with doubts."""
    leaves = [leaf for section in document.sections for leaf in (section, *section.parts)]
    return sum(bool(statement.doubts) for leaf in leaves for statement in leaf.statements)


def _addendum(number: int, addendum: PrintedAddendum, zone: str, words: Words) -> Iterator[Block]:
    labels = words.signature
    yield Heading(words.addendum.format(number=number), 2)
    yield from (Item(line) for line in addendum.lines)
    yield Box(
        labels.title,
        rows=(
            Row(labels.name, addendum.printed_name, Weight.BOLD),
            Row(labels.licence, addendum.licence_number),
            Row(labels.account, addendum.account_id),
            Row(labels.signed, utc_and_local(addendum.signed_at, zone, words)),
            Row(labels.digest, addendum.content_digest, Weight.FINE),
        ),
        tone=Tone.SIGNED,
    )


def _copy_notice(document: ReportDocument, words: Words) -> Box:
    marks, signature = words.marks, document.signature
    if signature is None:
        return Box(marks.copy_title, lines=(marks.draft_copy_advice,), tone=Tone.WARNING)
    digest = Row(words.signature.digest, signature.content_digest, Weight.FINE)
    return Box(marks.copy_title, lines=(marks.copy_advice,), rows=(digest,), tone=Tone.WARNING)
