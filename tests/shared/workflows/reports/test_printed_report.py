"""What a printed report says about evidence and corrections."""

from __future__ import annotations

import pytest

from shared.records.letterhead import Letterhead
from shared.records.record import Stamp
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Corrections, Edit
from shared.records.reports.signed_payload import ReportSnapshot
from shared.render.documents import ReportDocument
from shared.workflows.reports import paper
from tests.support.factories import DOCTOR, NOON, after, content, patient, report, session, settings, statement


def printed(held: ReportContent) -> ReportDocument:
    of = report(ai_model="gemini-3.5-flash-lite"), held, session(), patient()
    issuer = Letterhead.of(None, settings())
    snapshot = ReportSnapshot.of(*of, clinic_id="aster", issuer=issuer, revised_by=["Meera Iyer"], zone="UTC")
    return paper.draft_document(snapshot, NOON)


def test_statements_that_rest_on_typed_notes_are_marked() -> None:
    document = printed(content(statement(1, text="Sleeps badly."), statement(2, text="Sleep", segments=[], notes=[1])))

    (texts,) = [section.statements for section in document.sections if section.statements]
    assert [said.text for said in texts] == ["Sleeps badly.", "Sleep (noted by the practitioner)"]


@pytest.mark.parametrize(
    ("edits", "note"),
    [
        ([], "No statement was changed after the draft."),
        ([Edit(statement_id="s1", text="x")], "Revised by Meera Iyer: 1 statement corrected or added (†)."),
        ([Edit(statement_id="s1", text=None)], "Revised by Meera Iyer: 1 statement removed."),
        (
            [
                Edit(section="assessment", text="x"),
                Edit(statement_id="s1", text="y"),
                Edit(statement_id="s2", text=None),
            ],
            "Revised by Meera Iyer: 2 statements corrected or added (†), 1 statement removed.",
        ),
    ],
)
def test_paper_counts_removals_among_the_corrections(edits: list[Edit], note: str) -> None:
    held = content(statement(1), statement(2))
    if edits:
        held = held.corrected(Corrections(edits=edits), Stamp(DOCTOR, after(minutes=1)))

    assert printed(held).origin == f"Drafted by an AI model (gemini-3.5-flash-lite). {note}"
