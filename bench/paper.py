"""A page of a report in each script, compared with one of Latin letters; the fonts are loaded."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from bench.measure import Comparison, medians, timed
from bench.scripts import TEXTS
from shared.render.documents import LetterheadBlock, PatientBlock, ReportDocument, ReportSection, ReportStatement
from shared.render.pdf import report_pdf

BOUND = 6.0
"""A page of 1,500 letters in another script takes no more than so many times one of Latin."""
LATIN = "The patient has not slept well for two weeks and takes 120 mg."
_LINES, _LENGTH = 25, 60
_AT = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)


def compare(rounds: int) -> list[Comparison]:
    """Processor seconds of a page in each script and in Latin."""
    texts = {"Latin": LATIN, **{script: text for script, (_, text) in TEXTS.items()}}
    cases = {script: timed(partial(report_pdf, page(text))) for script, text in texts.items()}
    for measure in cases.values():
        measure()
    seconds = medians(rounds, cases)
    return [Comparison(script, seconds[script], seconds["Latin"], BOUND) for script in TEXTS]


def page(text: str) -> ReportDocument:
    """A report whose one page is full of this text."""
    line = ReportStatement(f"{text} " * (_LENGTH // len(text) + 1))
    return ReportDocument(
        LetterheadBlock("Meera Iyer", "MD", "KMC-1", "Banyan Mind Clinic", "Bengaluru"),
        PatientBlock("Ananya Rao", "PAT-20260001"),
        report_number="REP-20260001",
        session_number="SESS-20260001",
        visit_started=_AT,
        at=_AT,
        zone="Asia/Kolkata",
        version=1,
        sections=(ReportSection("Notes", (line,) * _LINES),),
    )
