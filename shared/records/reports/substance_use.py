"""Whether a report says something about substance use, which may only be passed on with a notice (42 CFR Part 2)."""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.reports.statements import Statement
from shared.records.templates.sections import Section, leaves_of

_ID = "substance"
_TITLE = "substance use"


def is_about_substance_use(sections: Sequence[Section], statements: Sequence[Statement]) -> bool:
    """True if a section about substance use, by its id or its title, has a statement.

    It finds what stands where it belongs. What is said elsewhere, the person who shares the report declares.
    """
    written = {statement.section for statement in statements}
    about = [section for section in sections if _is_about(section.id, section.title)]
    return any(leaf.id in written for leaf in leaves_of(about))


def _is_about(id: str, title: str) -> bool:
    return _ID in id or _TITLE in title.casefold()
