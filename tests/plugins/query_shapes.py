"""A pytest plugin that collects the shapes of the product's queries while the tests of the API run.

At the end it compares the shapes that need an index with infra/queries.json. The run fails if a shape is not listed, or
if a run of all tests of the API has not made a listed one. `--write-queries` writes the list instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from infra.catalogue import ROOT
from infra.query_shapes import QueryShape

LISTED = ROOT / "infra" / "queries.json"
ASKING = (ROOT / "tests" / "api", ROOT / "tests" / "journeys")
"""The folders of the tests that make every query of the product."""
_REPORTED = "queries"
_NAME = "collected queries"


@dataclass
class Collected:
    """The shapes that this process, or all workers together, have collected."""

    seen: set[QueryShape] = field(default_factory=set)
    whole: bool = False
    """True if all tests of the API were selected."""
    problems: list[str] = field(default_factory=list)
    deselected: bool = False

    def note(self, shapes: Iterable[QueryShape]) -> None:
        """Add the shapes that need an index."""
        self.seen |= {shape for shape in shapes if shape.needs_index}

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.deselected = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        collected = {item.path for item in session.items}
        by_name = any("::" in argument for argument in session.config.args)
        self.whole = (
            not self.deselected
            and not session.config.option.collectonly
            and not by_name
            and {file for folder in ASKING for file in folder.rglob("test_*.py")} <= collected
        )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Add the shapes of an xdist worker that has ended. Each worker collects all tests and runs some."""
        reported = getattr(node, "workeroutput", {}).get(_REPORTED)
        if reported:
            self.seen |= {QueryShape.from_json(entry) for entry in reported["seen"]}
            self.whole = self.whole or reported["whole"]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        worker = getattr(session.config, "workeroutput", None)
        if worker is not None:
            worker[_REPORTED] = {"seen": [shape.to_json() for shape in self.seen], "whole": self.whole}
        elif exitstatus == pytest.ExitCode.OK:
            self.problems = self._finish(writing=session.config.getoption("--write-queries"))
            if self.problems:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _finish(self, *, writing: bool) -> list[str]:
        if not writing:
            return compare(self.seen, read(LISTED), whole=self.whole)
        if not self.whole:
            return ["not written: only a run of all tests of the API makes all queries"]
        write(self.seen, LISTED)
        return []

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.problems:
            terminalreporter.section("queries and infra/queries.json", red=True)
            for problem in self.problems:
                terminalreporter.line(problem, red=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-queries", action="store_true", help="write the queries of this run to infra/queries.json")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Collected(), _NAME)


def collected(config: pytest.Config) -> Collected:
    """The collector of this process, to which a fixture adds the queries of its stack."""
    plugin = config.pluginmanager.get_plugin(_NAME)
    assert isinstance(plugin, Collected)
    return plugin


def compare(seen: Iterable[QueryShape], listed: Iterable[QueryShape], *, whole: bool) -> list[str]:
    """The problems: each unlisted shape and, after all tests of the API, each listed shape that no query had."""
    unlisted, unused = set(seen) - set(listed), set(listed) - set(seen)
    problems = [f"not listed, so without an index: {_named(shape)} (make queries)" for shape in sorted(unlisted)]
    if whole:
        problems += [f"listed, but no test makes it: {_named(shape)} (make queries)" for shape in sorted(unused)]
    return problems


def read(file: Path) -> set[QueryShape]:
    return {QueryShape.from_json(entry) for entry in json.loads(file.read_text())}


def write(shapes: Iterable[QueryShape], file: Path) -> None:
    file.write_text(json.dumps([shape.to_json() for shape in sorted(shapes)], indent=2) + "\n")


def _named(shape: QueryShape) -> str:
    return json.dumps({name: value for name, value in shape.to_json().items() if value})
