"""Inheritance: the difference names every section, and what a child made its own stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.records.templates.content import TemplateContent
from shared.records.templates.inheritance import SectionChange, differences, inherited, updated
from shared.records.templates.sections import Section


def section(id: str, title: str = "") -> Section:
    return Section(id=id, title=title or id)


def content(*sections: Section, ai_prompt: str | None = None) -> TemplateContent:
    return TemplateContent(name="T", sections=list(sections), ai_prompt=ai_prompt)


def ids(template: TemplateContent) -> list[str]:
    return [one.id for one in template.sections]


BASE = content(section("a"), section("b"), section("c"))
PARENT = content(section("a", "new"), section("c"), section("d"), ai_prompt="Short.")
LISTS = st.lists(
    st.builds(section, st.sampled_from("abcdef"), st.sampled_from(["one", "two"])),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.id,
)


def test_the_difference_names_every_section_of_both() -> None:
    found = {one.section: (one.change, one.moved) for one in differences(BASE.sections, PARENT.sections)}

    assert found == {
        "a": (SectionChange.CHANGED, False),
        "b": (SectionChange.REMOVED, False),
        "c": (SectionChange.UNCHANGED, False),
        "d": (SectionChange.ADDED, False),
    }


def test_a_child_overrides_adds_removes_and_reorders() -> None:
    child = [section("c"), section("x"), section("a", "own")]

    found = inherited(BASE.sections, child)

    assert (found.overridden, found.added, found.removed, found.reordered) == (["a"], ["x"], ["b"], True)


def test_a_child_without_changes_becomes_its_parent() -> None:
    after = updated(BASE, BASE, PARENT)

    assert (after.sections, after.ai_prompt) == (PARENT.sections, "Short.")


def test_what_a_child_made_its_own_stays() -> None:
    child = content(section("b", "own"), section("x"), section("c"), ai_prompt="Own.")  # without a, b overridden

    after = updated(child, BASE, PARENT)

    assert after.ai_prompt == "Own."
    assert {one.id: one.title for one in after.sections} == {"b": "own", "x": "x", "c": "c", "d": "d"}


def test_the_order_of_a_child_stays_and_new_sections_follow_their_neighbour() -> None:
    child = content(section("c"), section("a"), section("b"))

    assert ids(updated(child, BASE, PARENT)) == ["c", "d", "a"]


@given(LISTS, LISTS, LISTS)
def test_any_three_versions_merge_without_loss_or_repetition(
    child: list[Section], base: list[Section], parent: list[Section]
) -> None:
    merged = {one.id: one for one in updated(content(*child), content(*base), content(*parent)).sections}
    old, new, own = ({one.id: one for one in each} for each in (base, parent, child))

    assert len(updated(content(*child), content(*base), content(*parent)).sections) == len(merged)
    for id, mine in own.items():
        if mine != old.get(id):
            assert merged[id] == mine, "what the child overrides or adds stays"
        else:
            assert merged.get(id) == new.get(id), "what it did not change follows the parent"
    for id in new.keys() - own.keys():
        assert (id in merged) == (id not in old), "new sections come, removed ones stay away"


@given(LISTS, LISTS)
def test_every_section_of_both_is_in_the_difference_once(before: list[Section], after: list[Section]) -> None:
    named = [one.section for one in differences(before, after)]

    assert sorted(named) == sorted({one.id for one in [*before, *after]})
