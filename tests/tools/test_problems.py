"""docs/problems.md has every problem type, and is up to date."""

from __future__ import annotations

from tools.problems import PAGE, REMEDIES, page_text, problem_types


def test_every_problem_type_has_one_remedy() -> None:
    assert sorted(REMEDIES) == sorted(kind.name for kind in problem_types())


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_text(), "run `make openapi`"
