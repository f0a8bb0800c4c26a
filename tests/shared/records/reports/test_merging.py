"""A draft beside what stays of a report: every edit of a person is there, or its removal is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.record import Stamp
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Corrections, Edit
from shared.records.reports.merging import Parts, merged, named_places, narrowed, new_numbers
from shared.records.reports.notes import Note, NoteSource
from shared.records.reports.statements import Statement
from shared.records.templates import shipped
from shared.records.templates.sections import Section, SectionType, leaves_of
from shared.records.templates.shipped import default_sections
from shared.records.visits.visit_transcript import TranscriptSource
from tests.support.factories import NOON, statement

DOCTOR = Stamp("doctor-1", NOON)
LATER = Stamp("doctor-2", NOON + timedelta(hours=1))
SECTIONS = default_sections()
PLACES = [leaf.id for leaf in leaves_of(SECTIONS)]
SAME = {number: number for number in range(1, 100)}


def content(*statements: Statement, sections: list[Section] = SECTIONS, **values: Any) -> ReportContent:
    said = list(statements)
    fields = {"sections": sections, "statements": said, "generated": said, **values}
    return ReportContent.new("p1-s1-r1", DOCTOR, **fields)


def corrected(before: ReportContent, *edits: Edit) -> ReportContent:
    return before.corrected(Corrections(edits=list(edits)), DOCTOR)


def drafted(*statements: Statement, sections: list[Section] = SECTIONS, notes: tuple[Note, ...] = ()) -> Parts:
    return Parts(sections, list(statements), list(statements), [], list(notes))


def merge(before: ReportContent, draft: Parts, *named: str, numbers: dict[int, int] | None = None) -> Parts:
    return merged(before, draft, named=named, numbers=SAME if numbers is None else numbers, stamp=LATER)


def texts(parts: Parts) -> list[tuple[str, str]]:
    return [(one.section, one.text) for one in parts.statements]


def test_without_edits_the_draft_replaces_everything_under_new_ids() -> None:
    merge_ = merge(content(statement(1), statement(2)), drafted(statement(1, text="Sleeps six hours.")))

    assert [(one.id, one.text) for one in merge_.statements] == [("s3", "Sleeps six hours.")]
    assert (merge_.generated, merge_.corrections) == (merge_.statements, [])


def test_an_edit_and_a_removal_outlive_a_draft_that_says_the_same_again() -> None:
    before = corrected(
        content(statement(1, text="Takes 5 mg."), statement(2, text="Smokes."), statement(3, text="Drinks.")),
        Edit(statement_id="s1", text="Takes 50 mg."),
        Edit(statement_id="s2", text=None),
        Edit(section="assessment", text="Anaemia."),
    )

    after = merge(before, drafted(*(statement(9, text=text) for text in ("Takes 5 mg.", " smokes.", "Runs."))))

    assert [one.text for one in after.statements] == ["Takes 50 mg.", "Anaemia.", "Runs."]
    assert after.corrections == before.corrections


def test_a_statement_that_was_moved_stays_where_it_is() -> None:
    before = corrected(content(statement(1)), Edit(statement_id="s1", section="chief_complaint"))

    assert texts(merge(before, drafted())) == [("chief_complaint", "Sleeps five hours.")]


def test_in_a_named_section_everything_is_replaced_and_a_persons_work_is_on_record() -> None:
    before = corrected(
        content(statement(1), statement(2, "chief_complaint", "Tired.")),
        Edit(statement_id="s1", text="Sleeps four hours."),
    )

    after = merge(before, drafted(statement(1), statement(2, "chief_complaint", "Pain.")), "assessment")

    # The draft of other sections is never asked for; if it comes, it is dropped.
    assert texts(after) == [("chief_complaint", "Tired."), ("assessment", "Sleeps five hours.")]
    (removal,) = after.corrections[1:]
    assert (removal.statement_id, removal.before, removal.after) == ("s1", "Sleeps four hours.", None)
    assert (removal.author_id, removal.at) == (LATER.by, LATER.at)
    assert [one.text for one in after.generated] == ["Tired.", "Sleeps five hours."]


def test_citations_follow_their_segments_and_evidence_that_is_gone_is_not_cited() -> None:
    before = content(statement(3, "assessment"), statement(4, "chief_complaint", segments=[9]))
    before = corrected(before, Edit(statement_id="s3", text="Sleeps badly."))

    (kept,) = merge(before, drafted(), numbers={3: 13}).statements
    (named,) = merge(before, drafted(), "plan.follow_up", numbers={3: 13}).statements

    assert (kept.text, kept.segments, kept.author_id) == ("Sleeps badly.", [13], "doctor-1")
    assert named == kept


def test_a_persons_choice_is_no_second_one() -> None:
    risk = Section(id="risk", title="Risk", type=SectionType.CHOICE, choices=["Low", "High"])
    before = content(statement(1, "risk", "Low"), sections=[risk])
    before = corrected(before, Edit(statement_id="s1", text="High"))

    assert texts(merge(before, drafted(statement(1, "risk", "Low"), sections=[risk]))) == [("risk", "High")]


def test_a_section_that_is_no_more_keeps_a_persons_statements() -> None:
    soap = shipped.version("shipped-soap", 1)
    assert soap is not None
    before = corrected(
        content(statement(1, "plan.follow_up", "Two weeks.")), Edit(statement_id="s1", text="Three weeks.")
    )
    other = [Section(id="plan_follow_up", title="Other"), *soap.content.sections]

    after = merge(before, drafted(statement(2, other[0].id, "Soon."), sections=other))

    assert texts(after) == [("plan_follow_up", "Soon."), ("plan_follow_up_2", "Three weeks.")]
    assert after.sections[-1].title == "Plan: Follow-up"


def test_notes_keep_their_numbers() -> None:
    old = Note(number=1, source=NoteSource.SESSION_NOTES, text="Asthma.")
    new = Note(number=1, source=NoteSource.SESSION_NOTES, text="Eczema.")
    before = content(statement(1, segments=[], notes=[1]), notes=[old])
    before = corrected(before, Edit(statement_id="s1", text="Has asthma."))

    after = merge(before, drafted(statement(1, text="Has eczema.", segments=[], notes=[1]), notes=(new,)))

    assert [(one.text, one.notes) for one in after.statements] == [("Has asthma.", [1]), ("Has eczema.", [2])]
    assert [(one.number, one.text) for one in after.notes] == [(1, "Asthma."), (2, "Eczema.")]


def test_the_places_of_sections_and_subsections_are_looked_up() -> None:
    places, unknown = named_places(SECTIONS, ["assessment", "plan", "plan.follow_up", "nothing"])

    assert places == ["assessment", "plan.medications", "plan.follow_up", "plan.patient_education"]
    assert unknown == ["nothing"]
    parts = narrowed(SECTIONS, ["assessment", "plan.follow_up"])
    assert [leaf.id for leaf in leaves_of(parts)] == ["assessment", "plan.follow_up"]


def test_an_instrument_is_written_as_a_whole() -> None:
    template = next(
        version
        for id in shipped.ids()
        if (version := shipped.version(id, 1)) and any(section.instrument for section in version.content.sections)
    )
    section = next(one for one in template.content.sections if one.instrument)
    first, *others = [leaf.id for leaf in leaves_of([section])]

    assert named_places(template.content.sections, [first]) == ([first, *others], [])
    assert narrowed(template.content.sections, [first]) == [section]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ([("t1", 1, 2)], {1: 1, 2: 2}),
        ([("t0", 1, 3), ("t1", 4, 2)], {1: 4, 2: 5}),
        ([("t1v2", 1, 2)], {}),
    ],
)
def test_segments_have_new_numbers(now: list[tuple[str, int, int]], expected: dict[int, int]) -> None:
    sources = [
        TranscriptSource(transcription_id=id, recording_id="a1", first_segment=first, segments=count)
        for id, first, count in now
    ]
    before = TranscriptSource(transcription_id="t1", recording_id="a1", first_segment=1, segments=2)

    assert new_numbers([before], sources) == expected


lines = st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from("abcdef")), max_size=8, unique=True)


@given(old=lines, new=lines, edited=st.sets(st.integers(0, 7)), named=st.sets(st.sampled_from(PLACES)))
def test_no_edit_is_lost_no_id_is_reused_and_the_order_is_the_templates(
    old: list[tuple[str, str]], new: list[tuple[str, str]], edited: set[int], named: set[str]
) -> None:
    before = content(*(statement(at, *line) for at, line in enumerate(old, 1)))
    edits = [Edit(statement_id=f"s{at}", text=f"edited {at}") for at in edited if 0 < at <= len(old)]
    before = corrected(before, *edits) if edits else before

    after = merge(before, drafted(*(statement(at, *line) for at, line in enumerate(new, 1))), *sorted(named))

    kept = {one.text for one in after.statements}
    removed = {one.before for one in after.corrections if one.after is None}
    for edit in edits:
        assert edit.text in kept | removed
    ids = [one.id for one in after.statements]
    assert len(ids) == len(set(ids))
    fresh = {one.id for one in after.statements} - {one.id for one in before.statements}
    assert fresh.isdisjoint({one.id for one in before.generated})
    order = [PLACES.index(one.section) for one in after.statements]
    assert order == sorted(order)
    if named:
        outside = [one for one in before.statements if one.section not in named]
        assert [one for one in after.statements if one.section not in named] == sorted(
            outside, key=lambda one: PLACES.index(one.section)
        )
