"""The local writer cites the practitioner's typed notes."""

from __future__ import annotations

from local.services.gemini.noted import noted
from local.services.gemini.transcript import Note, Section, parse

SECTIONS = (Section("chief_complaint"), Section("history_present_illness"), Section("plan.follow_up", "Follow-up"))
PROMPT = """SECTIONS
- chief_complaint: Chief Complaint

NOTES
[1] CHIEF_COMPLAINT: Sleep
[2] SESSION_NOTES: Husband waits outside.

TRANSCRIPT
[1] PATIENT: I sleep badly.
"""


def test_the_context_of_a_chunk_is_not_part_of_its_transcript() -> None:
    prompt = parse(
        "SECTIONS\n- plan: Plan\n\nCONTEXT (said before)\n- PATIENT: I smoke.\n\nTRANSCRIPT\n[7] PATIENT: I sleep."
    )

    assert [(turn.number, turn.text) for turn in prompt.turns] == [(7, "I sleep.")]


def test_notes_are_parsed_apart_from_the_transcript() -> None:
    prompt = parse(PROMPT)

    assert [(note.number, note.field, note.text) for note in prompt.notes] == [
        (1, "CHIEF_COMPLAINT", "Sleep"),
        (2, "SESSION_NOTES", "Husband waits outside."),
    ]
    assert [turn.text for turn in prompt.turns] == ["I sleep badly."]


def test_each_note_is_a_statement_as_it_was_typed() -> None:
    notes = [
        Note(1, "CHIEF_COMPLAINT", "Sleep"),
        Note(2, "SESSION_NOTES", "Husband waits outside."),
        Note(3, "SESSION_NOTES", "Let's see you again in two weeks."),
    ]

    assert [(one.section, one.text, one.segments, one.notes) for one in noted(SECTIONS, notes)] == [
        ("chief_complaint", "Sleep", (), (1,)),
        ("history_present_illness", "Husband waits outside.", (), (2,)),
        ("plan.follow_up", "Let's see you again in two weeks.", (), (3,)),
    ]


def test_a_template_without_a_fitting_section_takes_no_note() -> None:
    assert not list(noted([Section("plan.follow_up", "Follow-up")], [Note(1, "CHIEF_COMPLAINT", "Sleep")]))
