"""The rules of a template's content: every problem is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.templates.content import MOST_SECTIONS, TemplateContent, content_errors
from shared.records.templates.fixed_texts import NOT_ASSESSED, NOT_DISCUSSED
from shared.records.templates.sections import Section, contradicted, leaves_of
from shared.records.templates.variables import SAMPLE, PromptVariable, filled, unknown_in

TEXT = {"id": "plan", "title": "Plan"}


def errors(*sections: dict[str, Any], ai_prompt: str | None = None) -> dict[str, str]:
    said = {"name": "Own", "sections": list(sections) or [TEXT], "ai_prompt": ai_prompt}
    found = content_errors(TemplateContent.model_validate(said))
    return {error.pointer: error.detail for error in found}


@pytest.mark.parametrize(
    ("section", "pointers"),
    [
        ({**TEXT, "type": "structured"}, {"/sections/0/subsections"}),
        ({**TEXT, "subsections": [TEXT]}, {"/sections/0/subsections"}),
        ({**TEXT, "type": "choice", "choices": ["Yes"]}, {"/sections/0/choices"}),
        ({**TEXT, "type": "choice", "choices": ["Yes", "Yes"]}, {"/sections/0/choices"}),
        ({**TEXT, "choices": ["Yes", "No"]}, {"/sections/0/choices"}),
        ({**TEXT, "several": True}, {"/sections/0/several"}),
        ({**TEXT, "type": "instrument"}, {"/sections/0/instrument"}),
        ({**TEXT, "type": "instrument", "instrument": {"id": "bdi-ii"}}, {"/sections/0/instrument"}),
        ({**TEXT, "instrument": {"id": "phq-9", "version": 9}, "type": "text"}, {"/sections/0/instrument"}),
        ({**TEXT, "type": "structured", "subsections": [TEXT, TEXT]}, {"/sections/0/subsections"}),
        ({**TEXT, "guidance": "x" * 15_000}, {"/sections/0"}),
        ({**TEXT, "guidance": "é" * 8_000}, {"/sections/0"}),
    ],
)
def test_a_section_that_does_not_fit_its_type_or_the_limits_is_named(
    section: dict[str, Any], pointers: set[str]
) -> None:
    assert errors(section).keys() == pointers


def test_all_problems_are_named_together() -> None:
    found = errors(TEXT, {**TEXT, "type": "choice"}, ai_prompt="{patient_name} " + "é" * 10_000)

    assert found.keys() == {"/sections", "/sections/1/choices", "/ai_prompt"}


def test_twenty_sections_are_possible_and_more_places_than_the_model_takes_are_not() -> None:
    parts = [{"id": f"p{number}", "title": "Part"} for number in range(20)]
    many = [{"id": f"s{n}", "title": "S", "type": "structured", "subsections": parts} for n in range(8)]

    assert not errors(*({"id": f"s{number}", "title": "S"} for number in range(MOST_SECTIONS)))
    assert "at most 150" in errors(*many)["/sections"]


def test_an_unknown_variable_is_refused_with_the_list() -> None:
    detail = errors(ai_prompt="For {patient_name}, aged { patient_age }.")["/ai_prompt"]

    assert "{patient_name}" in detail
    assert all("{" + name + "}" in detail for name in PromptVariable)


def test_variables_are_filled_in_once_and_what_is_unknown_says_so() -> None:
    text = "Aged {patient_age}, {visit_minutes} minutes, {unknown}."

    assert (
        filled(text, {PromptVariable.PATIENT_AGE: "{visit_type}"}) == "Aged {visit_type}, unknown minutes, {unknown}."
    )


@given(st.text(max_size=200))
def test_filling_in_never_fails_and_changes_only_variables(text: str) -> None:
    if set(unknown_in(text)) == set() and "{" not in text:
        assert filled(text, SAMPLE) == text
    filled(text, SAMPLE)


def test_an_examination_without_statements_reads_not_assessed() -> None:
    sections = [
        Section.model_validate({**TEXT, "assessed": True}),
        Section.model_validate({"id": "history", "title": "History"}),
        Section.model_validate(
            {
                "id": "mse",
                "title": "Mental state",
                "type": "structured",
                "subsections": [{"id": "mood", "title": "Mood", "assessed": True}, {"id": "course", "title": "Course"}],
            }
        ),
    ]

    assert {leaf.id: leaf.unfilled("en-IN") for leaf in leaves_of(sections)} == {
        "plan": NOT_ASSESSED,
        "history": NOT_DISCUSSED,
        "mse.mood": NOT_ASSESSED,
        "mse.course": NOT_DISCUSSED,
    }


def test_two_choices_where_one_is_possible_contradict_each_other() -> None:
    one = Section.model_validate({**TEXT, "type": "choice", "choices": ["Yes", "No"]})
    several = one.model_copy(update={"id": "more", "several": True})
    said = [("plan", "Yes"), ("plan", "No"), ("more", "Yes"), ("more", "No"), ("other", "a"), ("other", "b")]

    assert contradicted(leaves_of([one, several]), said) == {"plan"}
    assert contradicted(leaves_of([one]), [("plan", "Yes"), ("plan", "Yes")]) == set()
