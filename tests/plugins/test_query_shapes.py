"""The list of queries that need an index is compared with what the tests of the API saw, by name."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.query_shapes import QueryShape
from tests.plugins import query_shapes
from tests.plugins.query_shapes import Collected, compare

pytest_plugins = ["pytester"]

LISTED = QueryShape("reports", True, ("live",), order=(("updated_at", "ASCENDING"),))
FRESH = QueryShape("bills", False, ("live",), order=(("due_date", "DESCENDING"),))
HARMLESS = QueryShape("bills", False, ("live",))
SUITE = """
    import pytest
    from infra.query_shapes import QueryShape
    from tests.plugins.query_shapes import collected

    @pytest.mark.parametrize("seen", {seen})
    def test_asks(seen, pytestconfig):
        collected(pytestconfig).note([QueryShape.from_json(seen)])
"""


def test_a_query_that_is_not_listed_and_one_that_nobody_makes_are_named() -> None:
    assert compare({LISTED}, {LISTED}, whole=True) == []
    assert compare({LISTED, FRESH}, {LISTED}, whole=False) == [
        'not listed, so without an index: {"collection": "bills", "equal": ["live"],'
        ' "order": [["due_date", "DESCENDING"]]} (make queries)'
    ]
    assert compare({LISTED}, {LISTED, FRESH}, whole=True) == [
        'listed, but no test makes it: {"collection": "bills", "equal": ["live"],'
        ' "order": [["due_date", "DESCENDING"]]} (make queries)'
    ]
    assert compare({LISTED}, {LISTED, FRESH}, whole=False) == [], "other tests may make it"


def test_what_every_worker_saw_counts_together() -> None:
    together = Collected()

    for seen in (LISTED, FRESH):
        report = {"queries": {"seen": [json.loads(json.dumps(seen.to_json()))], "whole": seen is FRESH}}
        together.pytest_testnodedown(SimpleNamespace(workeroutput=report), None)
    together.pytest_testnodedown(SimpleNamespace(), "it crashed")

    assert (together.seen, together.whole) == ({LISTED, FRESH}, True)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of one test of the API that asks LISTED and something harmless, and lists LISTED."""
    monkeypatch.setattr(query_shapes, "LISTED", pytester.path / "queries.json")
    monkeypatch.setattr(query_shapes, "ASKING", (pytester.path,))
    ask(pytester, LISTED, HARMLESS)
    query_shapes.write({LISTED}, query_shapes.LISTED)
    return pytester


def ask(suite: pytest.Pytester, *seen: QueryShape) -> None:
    """Have the test of the API make these queries."""
    suite.makepyfile(test_asks=SUITE.format(seen=[shape.to_json() for shape in seen]))


def run(suite: pytest.Pytester, *arguments: str) -> Any:
    return suite.runpytest_inprocess("-p", "tests.plugins.query_shapes", "-p", "no:cacheprovider", *arguments)


def test_a_run_that_sees_what_is_listed_passes(suite: pytest.Pytester) -> None:
    assert run(suite).ret == pytest.ExitCode.OK


def test_a_run_fails_by_a_query_that_is_not_listed(suite: pytest.Pytester) -> None:
    ask(suite, LISTED, FRESH)

    failed = run(suite)

    assert failed.ret == pytest.ExitCode.TESTS_FAILED
    failed.stdout.fnmatch_lines(["not listed, so without an index: *bills*"])


def test_a_whole_run_fails_by_a_listed_query_that_nobody_makes_and_a_part_of_one_does_not(
    suite: pytest.Pytester,
) -> None:
    ask(suite, HARMLESS, HARMLESS)

    failed = run(suite)

    assert failed.ret == pytest.ExitCode.TESTS_FAILED
    failed.stdout.fnmatch_lines(["listed, but no test makes it: *reports*"])
    assert run(suite, "-k", "seen0").ret == pytest.ExitCode.OK
    assert run(suite, "test_asks.py::test_asks").ret == pytest.ExitCode.OK


def test_the_list_is_written_by_a_whole_run_alone(suite: pytest.Pytester) -> None:
    ask(suite, FRESH, HARMLESS)
    kept = Path(query_shapes.LISTED).read_text()

    part = run(suite, "--write-queries", "-k", "seen0")
    after_a_part = Path(query_shapes.LISTED).read_text()
    whole = run(suite, "--write-queries")

    assert (part.ret, after_a_part) == (pytest.ExitCode.TESTS_FAILED, kept)
    assert whole.ret == pytest.ExitCode.OK
    assert query_shapes.read(query_shapes.LISTED) == {FRESH}
