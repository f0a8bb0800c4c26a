"""A report as readable text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.reports.instrument_scores import SectionScore, scores_in
from shared.records.reports.statements import Statement, statements_of
from shared.records.templates.sections import Section, in_print_order, leaves_of
from shared.records.visits.lost_audio import LostAudio


def plain_text(
    sections: list[Section],
    statements: list[Statement],
    language: str | None = None,
    lost: Sequence[LostAudio] = (),
) -> str:
    """A report as readable text; a section without statements reads "Not discussed" or "Not assessed". Audio that was
    lost comes first."""
    totals = {one.section: one for one in scores_in(sections, statements)}
    lines = _losses(lost, language) if lost else []
    for section in in_print_order(sections):
        lines.append(section.title.upper())
        for leaf in leaves_of([section]):
            texts = [s.text for s in statements_of(statements, leaf.id)] or [leaf.unfilled(language)]
            lines += texts if leaf.id == section.id else [f"{leaf.name}: {' '.join(texts)}"]
        lines += [_total(totals[section.id], language)] if section.id in totals else []
        lines.append("")
    return "\n".join(lines).strip()


def _losses(lost: Sequence[LostAudio], language: str | None) -> list[str]:
    from shared.render.words.languages import words_of
    from shared.workflows.reports.printed_losses import lines_of

    words = words_of(language)
    return [words.lost_audio.title.upper(), words.lost_audio.advice, *lines_of(lost, "UTC", words), ""]


def _total(score: SectionScore, language: str | None) -> str:
    # The words of all languages are loaded for what is printed, for lost audio and for a score alone.
    from shared.render.words.languages import words_of
    from shared.workflows.reports.printed_sections import total_of

    words = words_of(language)
    return f"{words.total}: {total_of(score, words)}"
