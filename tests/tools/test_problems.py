"""docs/problems.md has every problem type, and is up to date."""

from __future__ import annotations

import pytest

from shared.records.problems import Problem
from tools.problems import PAGE, REMEDIES, meaning, page_text, problem_types


def test_every_problem_type_has_one_remedy() -> None:
    assert sorted(REMEDIES) == sorted(kind.name for kind in problem_types())


def test_the_meaning_is_the_first_sentence_of_the_docstring() -> None:
    documented = type("Documented", (Exception,), {"__doc__": "One sentence,\n    wrapped. Another.\n    "})

    assert meaning(documented) == "One sentence, wrapped."


def test_every_section_but_the_base_class_has_the_meaning() -> None:
    lines = page_text().splitlines()

    assert [line for line in lines if line.startswith("- **Meaning:** ")] == [
        f"- **Meaning:** {meaning(kind)}" for kind in problem_types() if kind is not Problem
    ]


def test_a_problem_type_without_a_docstring_is_rejected() -> None:
    undocumented = type("Undocumented", (Exception,), {"__doc__": None})

    with pytest.raises(ValueError, match="Undocumented has no docstring"):
        meaning(undocumented)


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_text(), "run `make openapi`"
