"""A report that is written anew: the new statements beside those that stay. Pure.

In sections that a person named, everything is replaced. Otherwise what a person corrected or wrote stays, and the new
draft does not bring back what they corrected or removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.records.record import Stamp
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Correction
from shared.records.reports.notes import Note, cited
from shared.records.reports.repetition import normalized
from shared.records.reports.statements import Checks, Statement
from shared.records.templates.sections import Leaf, Section, SectionType, leaves_of
from shared.records.visits.visit_transcript import TranscriptSource

REPLACED = "written anew"
"""The reason of the removal of a statement that a person had corrected or written."""
_NUMBERED = re.compile(r"s(\d{1,9})")


@dataclass(frozen=True)
class Parts:
    """The parts of a report's content that a draft makes."""

    sections: list[Section]
    statements: list[Statement]
    generated: list[Statement]
    corrections: list[Correction]
    notes: list[Note]

    def checked(self, ids: Collection[str], checker: Checks) -> Parts:
        """With the doubts that the statements with these ids have now."""
        return replace(self, statements=[one.checked(checker) if one.id in ids else one for one in self.statements])

    def mapped(self, change: Callable[[Statement], Statement]) -> Parts:
        """With every statement changed."""
        return replace(
            self,
            statements=[change(one) for one in self.statements],
            generated=[change(one) for one in self.generated],
        )


def narrowed(sections: Iterable[Section], named: Collection[str]) -> list[Section]:
    """The sections with only those places for statements that are named; an instrument is whole."""
    found = []
    for section in sections:
        inside = [leaf.id for leaf in leaves_of([section]) if leaf.id in named]
        if inside and section.subsections:
            parts = [part for part in section.subsections if f"{section.id}.{part.id}" in inside]
            found.append(section.model_copy(update={"subsections": parts}))
        elif inside:
            found.append(section)
    return found


def named_places(sections: Iterable[Section], ids: Iterable[str]) -> tuple[list[str], list[str]]:
    """The places for statements in the sections and subsections with these ids, and the ids that there are none of."""
    found: dict[str, None] = {}
    unknown = []
    by_id: dict[str, list[str]] = {}
    for section in sections:
        inside = [leaf.id for leaf in leaves_of([section])]
        by_id |= {leaf: inside if section.instrument else [leaf] for leaf in inside} | {section.id: inside}
    for id in ids:
        found |= dict.fromkeys(by_id.get(id, []))
        unknown += [] if id in by_id else [id]
    return list(found), unknown


def new_numbers(before: Iterable[TranscriptSource], now: Iterable[TranscriptSource]) -> dict[int, int]:
    """The present number of each segment that a report could cite. Those of a transcription that was made again have
    none."""
    first = {one.transcription_id: one.first_segment for one in now}
    return {
        old.first_segment + at: first[old.transcription_id] + at
        for old in before
        if old.transcription_id in first
        for at in range(old.segments)
    }


def merged(
    before: ReportContent,
    drafted: Parts,
    *,
    named: Collection[str],
    numbers: Mapping[int, int],
    stamp: Stamp,
) -> Parts:
    """What stays of the content before, with the draft. `named` are the places whose statements are replaced; empty
    for all. The author of the removals is that of the stamp: who asked for the draft."""
    touched = {one.statement_id for one in before.corrections} | {one.id for one in before.statements if one.author_id}
    stays = {one.id for one in before.statements if (one.section not in named if named else one.id in touched)}
    kept = [one.renumbered(numbers) for one in before.statements if one.id in stays]
    kept = [one for one in kept if one.segments or one.notes or one.author_id]
    corrections = [
        *before.corrections,
        *(_removal(one, stamp) for one in before.statements if one.id not in stays and one.id in touched),
    ]
    sections = before.sections if named else drafted.sections
    sections, kept = _placed(sections, before.sections, kept)
    leaves = {leaf.id: leaf for leaf in leaves_of(sections)}
    asked = [one for one in drafted.statements if not named or one.section in named]
    new = [one for one in asked if not _is_settled(one, leaves, kept)]
    if not named:
        settled = {normalized(one.before) for one in before.corrections if one.before}
        settled |= {normalized(one.text) for one in kept}
        new = [one for one in new if normalized(one.text) not in settled]
    new, notes = _numbered(new, before, drafted.notes)
    order = {id: position for position, id in enumerate(leaves)}
    statements = sorted([*kept, *new], key=lambda one: order[one.section])
    elsewhere = [one for one in before.generated if named and one.section not in named]
    return Parts(sections, statements, [*elsewhere, *new], corrections, notes)


def _removal(one: Statement, stamp: Stamp) -> Correction:
    return Correction(
        statement_id=one.id,
        before=one.text,
        after=None,
        before_segments=one.segments,
        before_notes=one.notes,
        reason=REPLACED,
        author_id=stamp.by,
        at=stamp.at,
    )


def _is_settled(one: Statement, leaves: Mapping[str, Leaf], kept: Iterable[Statement]) -> bool:
    """True for a choice that a person made."""
    leaf = leaves[one.section]
    return bool(leaf.choices) and not leaf.several and any(other.section == leaf.id for other in kept)


def _placed(
    sections: Sequence[Section], earlier: Iterable[Section], kept: Iterable[Statement]
) -> tuple[list[Section], list[Statement]]:
    """The sections, with one more for each that holds a person's statements and is no more, and these statements."""
    found, placed = list(sections), []
    leaves, titles = {leaf.id: leaf for leaf in leaves_of(found)}, {leaf.id: leaf.title for leaf in leaves_of(earlier)}
    moved: dict[str, str] = {}
    for one in kept:
        leaf = leaves.get(one.section)
        if leaf is not None and leaf.takes(one.text):
            placed.append(one)
            continue
        if one.section not in moved:
            moved[one.section] = _free_id(one.section, {section.id for section in found})
            title = titles.get(one.section, one.section)
            found.append(Section(id=moved[one.section], title=title, type=SectionType.LIST))
        placed.append(one.model_copy(update={"section": moved[one.section]}))
    return found, placed


def _free_id(section: str, taken: Collection[str]) -> str:
    base = section.replace(".", "_")[:50]
    names = (base, *(f"{base}_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _numbered(
    new: Iterable[Statement], before: ReportContent, noted: Iterable[Note]
) -> tuple[list[Statement], list[Note]]:
    """The new statements with ids that the report never had, and the notes that they cite beside those before."""
    by_number, notes = {note.number: note for note in noted}, list(before.notes)
    used = [one.id for one in (*before.statements, *before.generated)]
    used += [one.statement_id for one in before.corrections]
    last = max((int(match[1]) for id in used if (match := _NUMBERED.fullmatch(id))), default=0)
    numbered = []
    for count, one in enumerate(new, start=last + 1):
        numbers = set()
        for note in (by_number[number] for number in one.notes):
            notes, number = cited(notes, note.source, note.text)
            numbers.add(number)
        numbered.append(one.model_copy(update={"id": f"s{count}", "notes": sorted(numbers)}))
    return numbered, notes
