"""The manuals name files, tests and sections that exist. Each check must find a planted fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from infra.catalogue import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
"""A Markdown link within the repository: its path and its anchor."""
PATH = re.compile(r"`((?:\.github|bench|docs|functions|infra|local|shared|tests|tools)/[\w./-]*\w\.\w+)(?:::(\w+))?`")
"""A file of the repository, with the name of a test in it."""
WRITTEN_BY_OPERATORS = ("infra/terraform.tfvars", "infra/.terraform.lock.hcl")
TEST = re.compile(r"`(test_\w+)`")
"""The name of a test, or of a module of tests."""


@cache
def names_of_tests() -> frozenset[str]:
    """The names of all test functions and of their modules."""
    modules = sorted(ROOT.glob("tests/**/test_*.py"))
    functions = (name for module in modules for name in functions_of(module))
    return frozenset([*(module.stem for module in modules), *functions])


def functions_of(module: Path) -> list[str]:
    return re.findall(r"^ *def (test_\w+)\(", module.read_text(), re.M)


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub builds them."""
    headings = re.findall(r"^#+ +(.+?) *$", page, re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(page: str, folder: Path) -> Iterator[str]:
    for path, anchor in LINK.findall(page):
        target = folder / path
        if not target.exists():
            yield path
        elif anchor and anchor not in anchors(target.read_text() if path else page):
            yield f"{path}#{anchor}"


def missing_files(page: str) -> Iterator[str]:
    for path, test in PATH.findall(page):
        if path in WRITTEN_BY_OPERATORS:
            continue
        if not (ROOT / path).is_file():
            yield path
        elif test and test not in functions_of(ROOT / path):
            yield f"{path}::{test}"


def missing_tests(page: str) -> Iterator[str]:
    yield from (name for name in TEST.findall(page) if name not in names_of_tests())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_manual_names_only_what_exists(path: Path) -> None:
    page = path.read_text()

    assert list(dead_links(page, path.parent)) == []
    assert list(missing_files(page)) == []
    assert list(missing_tests(page)) == []


def test_the_checks_find_planted_faults() -> None:
    page = """
        ## One heading
        [good](#one-heading) [dead](#two) [file](README.md) [gone](GONE.md) [section](README.md#no-such-section)
        `shared/settings.py` `shared/gone.py` `tests/architecture/test_docs.py::test_gone`
        `test_the_checks_find_planted_faults` `test_gone`
    """.replace("        ", "")

    assert list(dead_links(page, ROOT)) == ["#two", "GONE.md", "README.md#no-such-section"]
    assert list(missing_files(page)) == ["shared/gone.py", "tests/architecture/test_docs.py::test_gone"]
    assert list(missing_tests(page)) == ["test_gone"]
