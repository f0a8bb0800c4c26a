"""Inheritance of templates: what a child changes of its parent, what a parent's new version changes, and both together.

A child has sections of its own, and names the version of the parent that they go back to. What the child overrides,
adds, removes and reorders is the difference to that version. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from shared.records.record import Value
from shared.records.templates.content import TemplateContent
from shared.records.templates.sections import Section, SectionId

MOST_ANCESTORS = 5


class SectionChange(StrEnum):
    """How a section differs between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class SectionDifference(Value):
    """A section before and after."""

    section: SectionId
    change: SectionChange
    moved: bool
    """True if its place among the sections of both differs."""
    before: Section | None
    after: Section | None


class Inherited(Value):
    """What a child makes of the version of its parent that it goes back to."""

    overridden: list[SectionId]
    added: list[SectionId]
    removed: list[SectionId]
    reordered: bool


def differences(before: Sequence[Section], after: Sequence[Section]) -> list[SectionDifference]:
    """Every section of both, with its difference: in the order of `after`, then those that were removed."""
    old, new = _by_id(before), _by_id(after)
    moved = _moved(before, after)
    ids = [*new, *(id for id in old if id not in new)]
    return [
        SectionDifference(
            section=id,
            change=_change(old.get(id), new.get(id)),
            moved=id in moved,
            before=old.get(id),
            after=new.get(id),
        )
        for id in ids
    ]


def inherited(base: Sequence[Section], child: Sequence[Section]) -> Inherited:
    """What a child overrides, adds, removes and reorders."""
    found = differences(base, child)

    def with_change(change: SectionChange) -> list[str]:
        return [one.section for one in found if one.change == change]

    return Inherited(
        overridden=with_change(SectionChange.CHANGED),
        added=with_change(SectionChange.ADDED),
        removed=with_change(SectionChange.REMOVED),
        reordered=any(one.moved for one in found),
    )


def updated(child: TemplateContent, base: TemplateContent, parent: TemplateContent) -> TemplateContent:
    """The child after it took over a new version of its parent; `base` is the version that it went back to.

    What the child did not change follows the parent. What it overrides or adds stays, also a section that the parent no
    longer has; what it removed stays away. Name, description and language are the child's own.
    """
    prompt = parent.ai_prompt if child.ai_prompt == base.ai_prompt else child.ai_prompt
    return child.model_copy(update={"sections": _merged(child, base, parent), "ai_prompt": prompt})


def _merged(child: TemplateContent, base: TemplateContent, parent: TemplateContent) -> list[Section]:
    own, old, new = _by_id(child.sections), _by_id(base.sections), _by_id(parent.sections)
    kept = {id: new.get(id) if section == old.get(id) else section for id, section in own.items()}
    merged = {id: section for id, section in kept.items() if section is not None}
    fresh = [id for id in new if id not in old and id not in own]
    if _moved(base.sections, child.sections):
        order = _inserted(list(merged), fresh, list(new))
    else:
        order = _inserted(
            [id for id in new if id in merged or id in fresh], [id for id in merged if id not in new], list(own)
        )
    return [merged.get(id) or new[id] for id in order]


def _inserted(order: list[str], more: Iterable[str], reference: Sequence[str]) -> list[str]:
    """The order with more ids, each behind the one that it follows in the reference."""
    result = list(order)
    for id in more:
        before = [other for other in reference[: reference.index(id)] if other in result]
        result.insert(result.index(before[-1]) + 1 if before else 0, id)
    return result


def _moved(before: Sequence[Section], after: Sequence[Section]) -> set[str]:
    """The ids of both whose place among the ids of both differs."""
    old, new = _by_id(before), _by_id(after)
    first, second = [id for id in old if id in new], [id for id in new if id in old]
    return {one for one, other in zip(first, second, strict=True) if one != other}


def _change(before: Section | None, after: Section | None) -> SectionChange:
    if before is None:
        return SectionChange.ADDED
    if after is None:
        return SectionChange.REMOVED
    return SectionChange.UNCHANGED if before == after else SectionChange.CHANGED


def _by_id(sections: Iterable[Section]) -> Mapping[str, Section]:
    return {section.id: section for section in sections}
