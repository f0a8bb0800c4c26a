"""The layout of clinical reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from reportlab.lib.colors import HexColor
from reportlab.platypus import CondPageBreak, Flowable, HRFlowable, KeepTogether, Spacer

from shared.render import page
from shared.render.columns import Columns
from shared.render.documents import ReportDocument, ReportSection, SignatureBlock
from shared.render.formats import long_date, readable_key, wall_clock
from shared.render.paragraph import TextStyle
from shared.render.text import Text

_HEADING = TextStyle(11.5, 16, page.ACCENT, "Bold", space_before=12, space_after=3)
_SUBHEADING = TextStyle(9.5, 14, page.INK, "Bold", space_before=6, space_after=2)
_STATEMENT = replace(page.PROSE, indent=11, space_after=2.5)
_NOT_DISCUSSED = TextStyle(9.5, 14, page.MUTED, "Italic", space_after=2.5)
_FINE_PRINT = TextStyle(7, 9.5, page.MUTED)
_BOX_PADDING = 9
_LABEL_COLUMN = 78


def layout(document: ReportDocument) -> bytes:
    """Lay out a report as PDF."""
    frame = page.PageFrame(
        title=document.title,
        clinic=document.letterhead.clinic_name,
        patient_number=document.patient.number,
        reference=document.report_number,
        mark="" if document.signature else "DRAFT",
        mark_note="" if document.signature else "not signed",
    )
    return page.build(frame, list(_story(document)))


def _story(document: ReportDocument) -> Iterator[Flowable]:
    yield from page.letterhead(document.letterhead)
    yield Text(document.title, page.TITLE)
    yield Spacer(0, 8)
    yield from _heading_facts(document)
    yield HRFlowable(width="100%", thickness=0.5, color=HexColor(page.RULE), spaceBefore=2, spaceAfter=0)
    for section, following in pairwise([*document.sections, None]):
        if section is not None:
            yield from _section(section, has_subsections=following is not None and following.level > section.level)
    if document.corrections_note:
        yield from _section(ReportSection("Corrections", statements=(document.corrections_note,)))
    yield Spacer(0, 20)
    yield _signature(document.signature, document.zone) if document.signature else _unsigned()


def _heading_facts(document: ReportDocument) -> Iterator[Flowable]:
    patient = document.patient
    return page.facts(
        [
            ("Patient", patient.name),
            ("Patient number", patient.number),
            ("Date of birth", long_date(patient.date_of_birth) if patient.date_of_birth else ""),
            ("Gender", patient.gender or ""),
            ("Visit", wall_clock(document.visit_started, document.zone)),
            ("Session", document.session_number),
            ("Report", document.report_number),
            ("Version", str(document.version)),
        ]
    )


def _section(section: ReportSection, *, has_subsections: bool = False) -> Iterator[Flowable]:
    style = _HEADING if section.level == 1 else _SUBHEADING
    heading = Text(section.title, style)
    _, height = heading.wrap(page.WIDTH, 0)
    # A heading needs room for three lines: a statement of three lines does not split. A subheading adds its height.
    room = style.space_before + height + style.space_after + 3 * _STATEMENT.leading
    if has_subsections:
        room += _SUBHEADING.space_before + _SUBHEADING.leading + _SUBHEADING.space_after
    yield CondPageBreak(room)
    yield heading
    for statement in section.statements:
        yield Text(statement, _STATEMENT, bullet="•")
    if not section.statements and not has_subsections:
        yield Text("Not discussed", _NOT_DISCUSSED)


def _signature(signature: SignatureBlock, zone: str) -> Flowable:
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
    return _boxed([Text("Electronically signed", _HEADING), *details], page.ACCENT)


def _confirmation(signature: SignatureBlock, zone: str) -> str:
    """Who confirmed the signer's name and licence number, and when."""
    admin = "the signer, as admin" if signature.confirmed_by == signature.account_id else signature.confirmed_by
    return f"Name and licence by {admin}, {wall_clock(signature.confirmed_at, zone)}"


def _unsigned() -> Flowable:
    warning = TextStyle(9.5, 14, page.WARNING, "Bold")
    advice = "This draft has not been reviewed and signed by the practitioner. It is not a medical record."
    return _boxed([Text("Not signed", warning), Text(advice, page.SMALL)], page.WARNING)


def _boxed(content: list[Flowable], color: str) -> Flowable:
    width = page.WIDTH - 2 * _BOX_PADDING
    return KeepTogether([Columns([content], [width], border=color, padding=_BOX_PADDING)])
