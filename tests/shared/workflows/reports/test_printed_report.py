"""What a printed report says about evidence and corrections."""

from __future__ import annotations

import pytest

from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.record import Stamp
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Corrections, Edit
from shared.records.reports.signed_payload import ReportSnapshot
from shared.render.documents import ReportDocument
from shared.workflows.documents import draft_document
from tests.support.factories import DOCTOR, after, content, patient, report, session, settings, statement


def printed(held: ReportContent) -> ReportDocument:
    issuer, subject = Letterhead.of(None, settings()), PatientIdentity.of(patient())
    of = report(), held, session()
    return draft_document(ReportSnapshot.of(*of, clinic_id="aster", issuer=issuer, subject=subject, zone="UTC"))


def test_statements_that_rest_on_typed_notes_are_marked() -> None:
    document = printed(content(statement(1, text="Sleeps badly."), statement(2, text="Sleep", segments=[], notes=[1])))

    (texts,) = [section.statements for section in document.sections if section.statements]
    assert texts == ("Sleeps badly.", "Sleep (noted by the practitioner)")


@pytest.mark.parametrize(
    ("edits", "note"),
    [
        ([], ""),
        ([Edit(statement_id="s1", text="x")], "Statements: 1 corrected or added by the practitioner."),
        ([Edit(statement_id="s1", text=None)], "Statements: 1 removed by the practitioner."),
        (
            [Edit(section="assessment", text="x"), Edit(statement_id="s1", text="y"), Edit(statement_id="s2")],
            "Statements: 2 corrected or added, 1 removed by the practitioner.",
        ),
    ],
)
def test_paper_counts_removals_among_the_corrections(edits: list[Edit], note: str) -> None:
    held = content(statement(1), statement(2))
    if edits:
        held = held.corrected(Corrections(edits=edits), Stamp(DOCTOR, after(minutes=1)))

    assert printed(held).corrections_note == note
