"""Every refusal that has several causes names one of a closed list, which the API's description publishes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum

import pytest

from shared.records.conflict_codes import ConflictCode, IdentityCode, LimitCode
from shared.records.problems import Conflict, IdentityUnconfirmed, Problem, TooManyRequests
from shared.records.reports.failure import ReportFailure
from shared.records.visits.failure import RecordingRefusal, TranscriptionFailure
from tests.architecture.product import product
from tools.codes import described_codes, texts_of
from tools.openapi.document import document

KINDS: dict[type[Problem], type[StrEnum]] = {
    Conflict: ConflictCode,
    IdentityUnconfirmed: IdentityCode,
    TooManyRequests: LimitCode,
}


def raised(kind: type[Problem]) -> Iterator[tuple[str, str]]:
    """Place and first argument of each construction of a problem in the product."""
    for module in product():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == kind.__name__:
                yield f"{module.name}:{node.lineno}", ast.unparse(node.args[0]) if node.args else ""
            elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id == kind.__name__:
                yield f"{module.name}:{node.lineno}", ""


@pytest.mark.parametrize(("kind", "codes"), KINDS.items(), ids=lambda one: one.__name__)
def test_every_cause_is_a_member_and_every_member_a_cause(kind: type[Problem], codes: type[StrEnum]) -> None:
    found = list(raised(kind))
    members = {f"{codes.__name__}.{code.name}" for code in codes}

    assert [place for place, argument in found if argument not in members] == []
    assert {argument for _, argument in found} == members
    assert kind.codes is codes


def test_only_problems_with_codes_are_checked() -> None:
    assert {kind for kind in Problem.__subclasses__() if kind.codes} == set(KINDS)


@pytest.mark.parametrize(
    ("schema", "codes"),
    [
        ("ConflictProblem", ConflictCode),
        ("IdentityUnconfirmedProblem", IdentityCode),
        ("TooManyRequestsProblem", LimitCode),
    ],
)
def test_the_description_publishes_every_code(schema: str, codes: type[StrEnum]) -> None:
    own = document()["components"]["schemas"][schema]["allOf"][1]

    assert own["properties"]["code"]["enum"] == [*codes]
    assert "code" in own["required"]
    assert all(text in own["properties"]["code"]["description"] for text in texts_of(codes).values())


@pytest.mark.parametrize("codes", [TranscriptionFailure, ReportFailure, RecordingRefusal])
def test_the_description_publishes_why_a_job_failed(codes: type[StrEnum]) -> None:
    published = document()["components"]["schemas"][codes.__name__]

    assert published["enum"] == [*codes]
    assert published["description"] == described_codes(codes)
