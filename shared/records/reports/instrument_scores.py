"""The scores of the instruments in a report, from its statements. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.records.reports.statements import Statement
from shared.records.templates import instruments
from shared.records.templates.instruments import InstrumentScore
from shared.records.templates.sections import Section, SectionId


class SectionScore(InstrumentScore):
    """The score of an instrument in a section of a report."""

    section: SectionId


def scores_in(sections: Iterable[Section], statements: Iterable[Statement]) -> list[SectionScore]:
    """The score of each instrument section, in order.

    An answer counts only with evidence: cited segments or notes, or the person who wrote it.
    """
    said: dict[str, list[str]] = {}
    for one in statements:
        if one.segments or one.notes or one.author_id:
            said.setdefault(one.section, []).append(one.text)
    return [_score(section, said) for section in sections if section.instrument is not None]


def _score(section: Section, said: Mapping[str, list[str]]) -> SectionScore:
    assert section.instrument is not None, "checked"
    instrument = instruments.find(section.instrument)
    texts = {item.id: set(said.get(f"{section.id}.{item.id}", ())) for item in instrument.items}
    answers = {id: next(iter(found)) for id, found in texts.items() if len(found) == 1}
    return SectionScore(section=section.id, **dict(instruments.score(instrument, answers)))
