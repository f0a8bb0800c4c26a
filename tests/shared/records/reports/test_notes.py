"""What the practitioner typed, as evidence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.reports.notes import MOST_LINES, Note, NoteSource, cited, notes_of
from tests.support.factories import session

TYPED = st.text(st.sampled_from("ab \n"), max_size=400)


def typed(**fields: Any) -> list[tuple[int, str, str]]:
    return [(note.number, note.source.value, note.text) for note in notes_of(session(**fields))]


def test_each_typed_line_is_a_note_of_its_own() -> None:
    notes = typed(chief_complaint="Sleep", session_notes="Looks tired.\n\n  Husband waits outside. ")

    assert notes == [
        (1, "chief_complaint", "Sleep"),
        (2, "session_notes", "Looks tired."),
        (3, "session_notes", "Husband waits outside."),
    ]


@pytest.mark.parametrize("empty", [None, "", " \n\n "])
def test_nothing_typed_is_no_note(empty: str | None) -> None:
    assert typed(chief_complaint=empty, session_notes=empty) == []


def test_a_note_names_its_kind_of_evidence() -> None:
    (note,) = notes_of(session(chief_complaint="Sleep"))

    assert note.model_dump(mode="json")["kind"] == "noted_by_practitioner"


def test_more_lines_than_notes_are_possible_are_kept_in_the_last_note() -> None:
    lines = [f"{number}" for number in range(3_000)]

    notes = typed(session_notes="\n".join(lines))

    assert len(notes) == MOST_LINES
    assert notes[-1][2].split("\n") == lines[MOST_LINES - 1 :]


@given(TYPED, TYPED)
def test_no_typed_word_is_lost_or_moved(complaint: str, notes: str) -> None:
    found = typed(chief_complaint=complaint, session_notes=notes)

    assert " ".join(text for *_, text in found).split() == f"{complaint}\n{notes}".split()
    assert [number for number, *_ in found] == list(range(1, len(found) + 1))


def test_a_text_is_cited_under_one_number() -> None:
    first, one = cited([], NoteSource.SESSION_NOTES, "Looks tired.")
    again, same = cited(first, NoteSource.SESSION_NOTES, "Looks tired.")
    changed, other = cited(again, NoteSource.SESSION_NOTES, "Looks rested.")

    assert (one, same, other) == (1, 1, 2)
    assert first == again == changed[:1], "what was cited before stays as it was"


@given(st.lists(st.tuples(st.sampled_from(NoteSource), st.sampled_from(["a", "b", "c"])), max_size=20))
def test_numbers_are_unique_and_lead_to_the_text(texts: list[tuple[NoteSource, str]]) -> None:
    notes: list[Note] = []
    for source, text in texts:
        notes, number = cited(notes, source, text)
        assert [(note.source, note.text) for note in notes if note.number == number] == [(source, text)]

    assert len(notes) == len(set(texts))
