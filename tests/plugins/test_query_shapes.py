"""The plugin compares the listed queries with those of the tests of the API and names each difference."""

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
    def test_query(seen, pytestconfig):
        collected(pytestconfig).note([QueryShape.from_json(seen)])
"""


def test_compare_names_unlisted_and_unused_queries() -> None:
    assert compare({LISTED}, {LISTED}, whole=True) == []
    assert compare({LISTED, FRESH}, {LISTED}, whole=False) == [
        'not listed, so without an index: {"collection": "bills", "equal": ["live"],'
        ' "order": [["due_date", "DESCENDING"]]} (make queries)'
    ]
    assert compare({LISTED}, {LISTED, FRESH}, whole=True) == [
        'listed, but no test makes it: {"collection": "bills", "equal": ["live"],'
        ' "order": [["due_date", "DESCENDING"]]} (make queries)'
    ]
    assert compare({LISTED}, {LISTED, FRESH}, whole=False) == [], "tests outside this run may make the query"


def test_queries_of_all_workers_are_combined() -> None:
    combined = Collected()

    for seen in (LISTED, FRESH):
        report = {"queries": {"seen": [json.loads(json.dumps(seen.to_json()))], "whole": seen is FRESH}}
        combined.pytest_testnodedown(SimpleNamespace(workeroutput=report), None)
    combined.pytest_testnodedown(SimpleNamespace(), "crashed")

    assert (combined.seen, combined.whole) == ({LISTED, FRESH}, True)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with one test of the API that makes LISTED and HARMLESS, and with a list of LISTED alone."""
    monkeypatch.setattr(query_shapes, "LISTED", pytester.path / "queries.json")
    monkeypatch.setattr(query_shapes, "ASKING", (pytester.path,))
    write_test(pytester, LISTED, HARMLESS)
    query_shapes.write({LISTED}, query_shapes.LISTED)
    return pytester


def write_test(suite: pytest.Pytester, *seen: QueryShape) -> None:
    """Write the test of the API so that it makes these queries."""
    suite.makepyfile(test_queries=SUITE.format(seen=[shape.to_json() for shape in seen]))


def run(suite: pytest.Pytester, *arguments: str) -> Any:
    return suite.runpytest_inprocess("-p", "tests.plugins.query_shapes", "-p", "no:cacheprovider", *arguments)


def test_run_with_the_listed_queries_passes(suite: pytest.Pytester) -> None:
    assert run(suite).ret == pytest.ExitCode.OK


def test_run_with_an_unlisted_query_fails(suite: pytest.Pytester) -> None:
    write_test(suite, LISTED, FRESH)

    failed = run(suite)

    assert failed.ret == pytest.ExitCode.TESTS_FAILED
    failed.stdout.fnmatch_lines(["not listed, so without an index: *bills*"])


def test_unused_query_fails_a_complete_run_but_not_a_partial_one(
    suite: pytest.Pytester,
) -> None:
    write_test(suite, HARMLESS, HARMLESS)

    failed = run(suite)

    assert failed.ret == pytest.ExitCode.TESTS_FAILED
    failed.stdout.fnmatch_lines(["listed, but no test makes it: *reports*"])
    assert run(suite, "-k", "seen0").ret == pytest.ExitCode.OK
    assert run(suite, "test_queries.py::test_query").ret == pytest.ExitCode.OK


def test_only_a_complete_run_writes_the_list(suite: pytest.Pytester) -> None:
    write_test(suite, FRESH, HARMLESS)
    before = Path(query_shapes.LISTED).read_text()

    partial = run(suite, "--write-queries", "-k", "seen0")
    after_partial = Path(query_shapes.LISTED).read_text()
    complete = run(suite, "--write-queries")

    assert (partial.ret, after_partial) == (pytest.ExitCode.TESTS_FAILED, before)
    assert complete.ret == pytest.ExitCode.OK
    assert query_shapes.read(query_shapes.LISTED) == {FRESH}
