"""The benchmark of hostile requests: what it covers, and that its bounds are enforced."""

from __future__ import annotations

import re

import pytest

from bench import __main__ as command
from bench import hostile
from bench.hostile_bodies import BODIES, SIZE, TEXTS
from bench.measure import Comparison, broken
from shared.web import json_bounds
from tools.openapi.document import apis


@pytest.fixture(scope="module")
def newest() -> list[Comparison]:
    """The worst of requests to one operation; the median of three leaves out a round in which the machine stopped."""
    return hostile.requests(3, ["patients.newest"])


def test_every_operation_with_a_body_or_a_query_is_measured() -> None:
    names = {case.name for case in hostile._cases()}

    assert names == {
        f"{api.resource}.{operation.name}"
        for api in apis()
        for operation in api.operations
        if operation.body or operation.upload or operation.query
    }


def test_the_bodies_and_texts_are_as_large_as_they_may_be() -> None:
    assert {kind for kind, make in BODIES.items() if not 0.9 * SIZE <= len(make()) <= SIZE} == set()
    assert all(len(text.encode()) <= 60_000 for text in TEXTS.values())


def test_the_worst_request_and_the_worst_pdf_are_found(newest: list[Comparison]) -> None:
    found = [*newest, *hostile.pdfs(1, ["words", "spaces"])]

    assert [re.sub(", .*", "", each.name) for each in found] == [
        "patients.newest: time",
        "patients.newest: memory",
        "report of 40 kB: time",
        "report of 40 kB: memory",
    ]
    assert found[2].name.endswith("words")
    assert all(each.ours > 0 for each in found)
    assert broken(found[1::2]) == []


def test_a_request_without_a_bound_breaks_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_bounds, "MOST_VALUES", 10**9)  # as it was: the model sees every value
    monkeypatch.setattr(hostile, "BODIES", {name: BODIES[name] for name in ("many numbers", "many edits")})

    assert broken(hostile.requests(1, ["patients.register"]))[0].name.startswith("patients.register: time")


def test_the_benchmark_prints_a_table(
    newest: list[Comparison], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hostile, "requests", lambda _rounds: newest)
    monkeypatch.setattr(hostile, "pdfs", lambda _rounds: [])

    assert command.main(["hostile", "--rounds", "1"]) == 0
    assert "patients.newest: memory" in capsys.readouterr().out
