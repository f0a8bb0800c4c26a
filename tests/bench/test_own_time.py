"""Our own time of a visit: what is left out, and one run of the benchmark."""

from __future__ import annotations

import re

import pytest

from bench.own_time import own_time
from local.services.kit.recorder import Call
from local.stack.environment import RESULTS_BUCKET
from tests.support.programs import run

RESULT = f"{RESULTS_BUCKET}/clinics/demo/transcriptions/t/attempts/1/result.json"


def test_neither_the_engine_nor_the_model_counts() -> None:
    calls = [
        Call("firestore", "Commit", "on_audio_uploaded", at=100.1),
        Call("speech", "BatchRecognize", "on_audio_uploaded", at=100.2),
        Call("firestore", "Commit", "on_audio_uploaded", at=100.3),
        Call("storage", "objects.insert", "", RESULT, at=130.0),
        Call("storage", "objects.delete", "on_transcript_ready", RESULT, at=130.1),
        Call("firestore", "Commit", "write_report", at=130.2),
        Call("gemini", "generateContent", "write_report", model_seconds=0.25, at=130.5),
        Call("firestore", "Commit", "write_report", at=130.6),
    ]

    found = own_time(calls, end=100.0)

    assert (found.begun, found.recognition, found.drafted) == pytest.approx((0.2, 29.8, 0.6))
    assert found.own == pytest.approx(0.2 + 0.6 - 0.25)


@pytest.mark.long
def test_the_benchmark_of_a_visit_runs() -> None:
    code, output = run("from bench.__main__ import main; raise SystemExit(main(['visit', '--rounds', '1']))")

    ratios = re.findall(r"^ +upload to draft, (?:warm|cold) .* (\d+\.\d\d) +(\d+\.\d\d) *$", output, re.MULTILINE)
    assert len(ratios) == 2
    assert code == any(float(ratio) > float(bound) for ratio, bound in ratios)
    assert "for a second of audio" in output
