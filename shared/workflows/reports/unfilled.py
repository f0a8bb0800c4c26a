"""The sections of a report that nobody said anything about."""

from __future__ import annotations

from shared.records.record import Value
from shared.records.reports.content import ReportContent
from shared.records.reports.signed_payload import ReportSnapshot
from shared.records.templates.sections import leaves_of
from shared.records.text import ShortText


class Unfilled(Value):
    """A section, or a subsection, without statements."""

    section: ShortText
    reads: str
    """`Not discussed`; of an examination or a mental-state area `Not assessed`. In the language of the report, if that
    is English, Hindi or Tamil."""


def unfilled(content: ReportContent | ReportSnapshot) -> list[Unfilled]:
    """The sections and subsections without statements, in their order."""
    said = {statement.section for statement in content.statements}
    empty = (leaf for leaf in leaves_of(content.sections) if leaf.id not in said)
    return [Unfilled(section=leaf.id, reads=leaf.unfilled(content.language)) for leaf in empty]
