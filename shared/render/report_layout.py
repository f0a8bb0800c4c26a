"""The layout of clinical reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reportlab.lib.colors import HexColor
from reportlab.platypus import CondPageBreak, Flowable, HRFlowable, KeepTogether, Spacer

from shared.render import page
from shared.render.annexes import PrintedAddendum
from shared.render.bidi import isolated
from shared.render.columns import Columns
from shared.render.documents import ReportDocument, ReportSection, SignatureBlock
from shared.render.formats import long_date, readable_key, wall_clock
from shared.render.letterhead import head
from shared.render.paragraph import TextStyle
from shared.render.text import Text

_HEADING = TextStyle(11.5, 16, page.ACCENT, "Bold", space_before=12, space_after=3)
_SUBHEADING = TextStyle(9.5, 14, page.INK, "Bold", space_before=6, space_after=2)
_STATEMENT = replace(page.PROSE, indent=11, space_after=2.5)
_THREE_LINES = 3 * _STATEMENT.leading
"""The room that a heading needs below it: a statement of three lines does not split."""
_DOUBT = TextStyle(8, 11.5, page.WARNING, "Italic", indent=11, space_after=2.5)
_NOTHING = TextStyle(9.5, 14, page.MUTED, "Italic", space_after=2.5)
_NO_ENTRY = TextStyle(8.5, 12, page.MUTED, space_before=12)
_ORIGIN = TextStyle(8, 11.5, page.MUTED, space_before=8)
_FINE_PRINT = TextStyle(7, 9.5, page.MUTED)
_BOX_PADDING = 9
_LABEL_COLUMN = 78
_NOT_CONFIRMED = "Reported to the clinic, not confirmed by a clinician."


def layout(document: ReportDocument) -> bytes:
    """Lay out a report as PDF."""
    mark, note = _mark(document)
    frame = page.PageFrame(
        title=document.title,
        clinic=document.letterhead.clinic_name,
        patient=document.patient,
        reference=document.report_number,
        created_at=document.at,
        changed_at=document.at,
        mark=mark,
        mark_note=note,
    )
    return page.build(frame, list(_story(document)))


def _mark(document: ReportDocument) -> tuple[str, str]:
    """The mark on each page, and its note."""
    if document.awaits_cosignature:
        return "NOT FINAL", "waits for the co-signature"
    if document.superseded:
        return "SUPERSEDED", f"by {document.superseded.report_number}"
    return ("", "") if document.signature else ("DRAFT", "not signed")


def _story(document: ReportDocument) -> Iterator[Flowable]:
    yield from head(document.letterhead, document.title)
    if later := document.superseded:
        by, when = isolated(later.report_number), wall_clock(later.at, document.zone)
        lines = f"Superseded by {by}, {when}: {isolated(later.reason)}"
        yield Text(lines, TextStyle(9.5, 14, page.WARNING, "Bold", space_after=6))
    yield from _heading_facts(document)
    yield HRFlowable(width="100%", thickness=0.5, color=HexColor(page.RULE), spaceBefore=2, spaceAfter=0)
    for section in document.sections:
        yield from _section(section)
    # Together, so that a signature does not stand alone on a page.
    yield KeepTogether([*_end(document), Spacer(0, 12), _signed_or_not(document)])
    if document.awaits_cosignature:
        waits = "Signed by its author. It is not final before the supervisor has co-signed it."
        yield Text(waits, TextStyle(9.5, 14, page.WARNING, "Bold", space_before=8))
    if document.cosignature:
        yield KeepTogether([Spacer(0, 12), _signature(document.cosignature, document.zone, "Co-signed")])
    for number, addendum in enumerate(document.addenda, start=1):
        yield from _addendum(number, addendum, document.zone)


def _addendum(number: int, addendum: PrintedAddendum, zone: str) -> Iterator[Flowable]:
    """A text that was added after the signature, and its own signature."""
    heading = Text(f"Addendum {number}", _HEADING)
    yield CondPageBreak(_room_of(heading, _HEADING) + _THREE_LINES)
    yield heading
    for line in addendum.lines:
        yield Text(line, _STATEMENT)
    name, licence = isolated(addendum.printed_name), isolated(addendum.licence_number)
    signed = f"Signed by {name}, licence {licence}, account {addendum.account_id},"
    yield Text(f"{signed} {wall_clock(addendum.signed_at, zone)}.", page.SMALL)
    yield Text(f"SHA-256 {addendum.content_digest}", _FINE_PRINT)


def _end(document: ReportDocument) -> Iterator[Flowable]:
    """The sections without an entry, and where the text comes from."""
    if document.no_entry:
        yield Text(f"{document.not_discussed}: {', '.join(document.no_entry)}.", _NO_ENTRY)
    yield Text(document.origin, _ORIGIN)


def _signed_or_not(document: ReportDocument) -> Flowable:
    return _signature(document.signature, document.zone) if document.signature else _unsigned(document)


def _heading_facts(document: ReportDocument) -> Iterator[Flowable]:
    """Each fact has its place, whether it is recorded or not."""
    patient, minutes = document.patient, document.visit_minutes
    yield from page.facts(
        [
            ("Patient", patient.name),
            ("Date of birth", long_date(patient.date_of_birth) if patient.date_of_birth else ""),
            ("Age at the visit", document.age),
            ("Sex / gender", patient.gender or ""),
            ("Visit", wall_clock(document.visit_started, document.zone)),
            ("Kind of visit", document.visit_kind),
            ("Length of visit", "" if minutes is None else f"{minutes} minute{'' if minutes == 1 else 's'}"),
            ("Session", document.session_number),
            ("Report", f"{document.report_number}, version {document.version}"),
            ("Patient number", patient.number),
        ],
        wide=("Allergies", document.allergies),
    )
    if document.allergies_to_confirm:
        reported = f"{document.allergies_to_confirm}. {_NOT_CONFIRMED}"
        yield from page.facts([], wide=("Allergies to be confirmed", reported))
    if document.referred_by:
        yield from page.facts([], wide=("Referred by", document.referred_by))


def _section(section: ReportSection) -> Iterator[Flowable]:
    heading = Text(section.title, _HEADING)
    parts = [Text(part.title, _SUBHEADING) for part in section.parts]
    # The heading of the first part follows directly: both need room together.
    below = _room_of(parts[0], _SUBHEADING) if parts else 0
    yield CondPageBreak(_room_of(heading, _HEADING) + below + _THREE_LINES)
    yield heading
    yield from _statements(section)
    for part, subheading in zip(section.parts, parts, strict=True):
        yield CondPageBreak(_room_of(subheading, _SUBHEADING) + _THREE_LINES)
        yield subheading
        yield from _statements(part)


def _statements(section: ReportSection) -> Iterator[Flowable]:
    for statement in section.statements:
        text = Text(f"{statement.text} †" if statement.is_revised else statement.text, _STATEMENT, bullet="•")
        if statement.doubts:
            yield KeepTogether([text, Text(f"Check: {'; '.join(statement.doubts)}.", _DOUBT)])
        else:
            yield text
    if section.nothing:
        yield Text(section.nothing, _NOTHING)


def _room_of(heading: Text, style: TextStyle) -> float:
    _, height = heading.wrap(page.WIDTH, 0)
    return style.space_before + height + style.space_after


def _signature(signature: SignatureBlock, zone: str, title: str = "Electronically signed") -> Flowable:
    rows = [
        ("Name", signature.printed_name, page.BODY_BOLD),
        ("Licence no.", signature.licence_number, page.BODY),
        ("Account", signature.account_id, page.BODY),
        ("Confirmed", _confirmation(signature, zone), page.BODY),
        ("Meaning", signature.meaning, page.BODY),
        ("Signed", wall_clock(signature.signed_at, zone), page.BODY),
        ("Key", readable_key(signature.key_version), _FINE_PRINT),
        ("SHA-256", signature.content_digest, _FINE_PRINT),
        ("Signature", signature.signature, _FINE_PRINT),
    ]
    widths = [_LABEL_COLUMN, page.WIDTH - 2 * _BOX_PADDING - _LABEL_COLUMN]
    details: list[Flowable] = []
    for label, value, style in rows:
        muted = replace(style, weight="Regular", color=page.MUTED)
        details += [Columns([[Text(label, muted)], [Text(value, style)]], widths), Spacer(0, 1.5)]
    return _boxed([Text(title, _HEADING), *details], page.ACCENT)


def _confirmation(signature: SignatureBlock, zone: str) -> str:
    """Who confirmed the signer's name and licence number, and when."""
    admin = "the signer, as admin" if signature.confirmed_by == signature.account_id else signature.confirmed_by
    return f"Name and licence by {admin}, {wall_clock(signature.confirmed_at, zone)}"


def _unsigned(document: ReportDocument) -> Flowable:
    warning = TextStyle(9.5, 14, page.WARNING, "Bold")
    advice = "This draft has not been reviewed and signed by the practitioner. It is not a medical record."
    content: list[Flowable] = [Text("Draft, not signed", warning), Text(advice, page.SMALL)]
    if doubtful := _doubtful(document):
        verb = "statement has a doubt" if doubtful == 1 else "statements have doubts"
        content.append(Text(f"{doubtful} {verb} to check before signing.", page.SMALL))
    return _boxed(content, page.WARNING)


def _doubtful(document: ReportDocument) -> int:
    """The number of statements with doubts."""
    leaves = [leaf for section in document.sections for leaf in (section, *section.parts)]
    return sum(bool(statement.doubts) for leaf in leaves for statement in leaf.statements)


def _boxed(content: list[Flowable], color: str) -> Flowable:
    width = page.WIDTH - 2 * _BOX_PADDING
    return Columns([content], [width], border=color, padding=_BOX_PADDING)
