"""The benchmark of long transcripts: its visits are drafts that are believed, and its bounds are enforced."""

from __future__ import annotations

from typing import Any

import pytest

from bench import transcript
from bench.measure import broken
from shared.gateways import speech_result
from shared.workflows.reports.answer import Draft


def test_each_step_of_a_visit_does_its_work() -> None:
    done = {name: step() for name, step in transcript.visit(20).steps.items()}

    usual, crowded = done["read a draft"], done["read a draft that cites all it may"]
    assert isinstance(usual, Draft)
    assert isinstance(crowded, Draft)
    assert (len(usual.statements), usual.rejected) == (32, 0)
    assert (len(crowded.statements), crowded.rejected) == (transcript.CROWDED, 0)
    assert {len(one.segments) for one in crowded.statements} == {100}
    assert bytes(done["print"]).startswith(b"%PDF")  # type: ignore[call-overload]
    assert all(done.values())


def test_a_step_that_grows_faster_than_the_transcript_breaks_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    parse = speech_result.parse

    def quadratic(content: bytes, *rest: Any) -> object:
        for _ in range(len(content) // 200_000):
            parse(content, *rest)
        return parse(content, *rest)

    monkeypatch.setattr(transcript, "SHORT", 4)
    monkeypatch.setattr(transcript, "LONG", 24)
    monkeypatch.setattr(transcript, "PRINTED", (60, 200))
    monkeypatch.setattr(transcript, "memory", _no_memory)
    monkeypatch.setattr(speech_result, "parse", quadratic)

    assert "parse the result: a minute" in {one.name for one in broken(transcript.compare(1))}


def _no_memory() -> tuple[float, float]:
    return 1.0, 1.0
