"""Statements from the practitioner's typed notes: each note as it was typed, in the section of its topic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from local.services.gemini import classify
from local.services.gemini.topics import Kind, Report, Topic, kind_of
from local.services.gemini.transcript import Note, Section
from local.services.gemini.writer import Statement

_COMPLAINT = "CHIEF_COMPLAINT"


def noted(sections: Sequence[Section], notes: Sequence[Note]) -> Iterator[Statement]:
    """One statement for each note that a section takes."""
    report = Report(sections)
    for note in notes:
        topic = Topic.COMPLAINT if note.field == _COMPLAINT else classify.of_practitioner(note.text) or Topic.HISTORY
        if section := report.section(topic):
            yield Statement(section, note.text, segments=(), notes=(note.number,), kind=_kind(note, topic))


def _kind(note: Note, topic: Topic) -> Kind:
    """The complaint is the patient's; what the practitioner typed besides is a plan, a judgement, or seen."""
    return Kind.SAID_BY_PATIENT if note.field == _COMPLAINT else kind_of(topic)
