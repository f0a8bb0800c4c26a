"""The sections of a report with their statements, as they are printed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.records.claims.doubt import Doubt
from shared.records.reports.instrument_scores import SectionScore, scores_in
from shared.records.reports.signed_payload import ReportSnapshot
from shared.records.reports.statements import Statement, statements_of
from shared.records.templates.sections import Leaf, Section, in_print_order, leaves_of
from shared.render.documents import ReportSection, ReportStatement
from shared.render.measures import in_clinical_form
from shared.render.words.vocabulary import Words


class PrintedSections:
    """The sections of a report in print order."""

    def __init__(self, snapshot: ReportSnapshot, words: Words, *, is_draft: bool) -> None:
        """A draft shows the doubts beside its statements."""
        self._snapshot = snapshot
        self._words = words
        self._is_draft = is_draft
        self._revised = {correction.statement_id for correction in snapshot.corrections}

    def all(self) -> Iterator[ReportSection]:
        """Every section, also those that are not printed because they are optional and empty."""
        snapshot = self._snapshot
        totals = {one.section: one for one in scores_in(snapshot.sections, snapshot.statements)}
        for section in in_print_order(snapshot.sections):
            leaves = list(leaves_of([section]))
            said = {leaf.id: self._said(leaf.id) for leaf in leaves}
            if not any(said.values()):
                yield self._unfilled(section, leaves)
            elif section.id in said:
                yield ReportSection(section.title, statements=said[section.id])
            else:
                yield self._filled(section, leaves, said, totals.get(section.id))

    def _said(self, leaf: str) -> tuple[ReportStatement, ...]:
        return tuple(self._statement(one) for one in statements_of(self._snapshot.statements, leaf))

    def _statement(self, statement: Statement) -> ReportStatement:
        origin = self._words.origin
        noted = [origin.noted] if statement.notes else []
        noted += [origin.from_record] if statement.consent_id else []
        return ReportStatement(
            " ".join([printed_text(statement), *(f"({mark})" for mark in noted)]),
            is_revised=statement.id in self._revised,
            kind=self._words.kinds[statement.kind] if statement.kind else "",
            doubts=tuple(doubted(doubt, self._words) for doubt in statement.doubts) if self._is_draft else (),
        )

    def _unfilled(self, section: Section, leaves: list[Leaf]) -> ReportSection:
        """A section about which nothing was said; an optional one that is no examination takes no line of its own."""
        if section.required or all(leaf.assessed for leaf in leaves):
            return ReportSection(section.title, nothing=leaves[0].unfilled(self._snapshot.language))
        return ReportSection(section.title, without_entry=(section.title,))

    def _filled(
        self,
        section: Section,
        leaves: list[Leaf],
        said: Mapping[str, tuple[ReportStatement, ...]],
        score: SectionScore | None,
    ) -> ReportSection:
        """A section with parts: those with statements, and what was not assessed."""
        language = self._snapshot.language
        parts = [
            ReportSection(leaf.name, statements=said[leaf.id], nothing="" if said[leaf.id] else leaf.unfilled(language))
            for leaf in leaves
            if said[leaf.id] or leaf.assessed
        ]
        if score is not None:
            parts.append(ReportSection(self._words.total, statements=(ReportStatement(total_of(score, self._words)),)))
        empty = self._words.listed.join(leaf.name for leaf in leaves if not said[leaf.id] and not leaf.assessed)
        without = (f"{section.title} ({empty})",) if empty else ()
        return ReportSection(
            section.title, parts=tuple(parts), without_entry=without, is_scored=section.instrument is not None
        )


def printed_text(statement: Statement) -> str:
    """The text of a statement; only a certain one that no person wrote is printed in clinical notation."""
    is_certain = not statement.doubts and statement.author_id is None
    return in_clinical_form(statement.text) if is_certain else statement.text


def doubted(doubt: Doubt, words: Words) -> str:
    """The reason in words, with the words of the statement that it is about, and what the record has."""
    about = f" ({words.listed.join(doubt.words)})" if doubt.words else ""
    recorded = f": {words.listed.join(doubt.recorded)}" if doubt.recorded else ""
    return f"{words.findings.doubts[doubt.kind]}{about}{recorded}"


def total_of(score: SectionScore, words: Words) -> str:
    """`14 of 27, Moderate`; without every answer the total is unknown."""
    if score.total is None:
        return words.unanswered.of(len(score.unanswered))
    points = words.points.format(total=score.total, highest=score.highest_total)
    return words.listed.join(filter(None, [points, score.band]))
