"""The whole journey with a consultation that is generated from a random seed."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest

from local.demo.wer import normalise, word_error_rate
from local.stack.stack import Stack
from tests.support.clinics import open_clinic
from tests.support.journey import run_journey
from tests.support.speech_synthesis import random_visit, synthesise, why_no_synthesis
from tests.support.thorough import SEED


@pytest.mark.skipif(bool(why_no_synthesis()), reason=why_no_synthesis() or "never")
def test_generated_visit_goes_through_the_whole_journey(stack: Stack, tmp_path: Path, record_property: Any) -> None:
    record_property("seed", SEED)
    visit = random_visit(SEED)
    audio = synthesise(visit.turns, tmp_path).read_bytes()

    journey = run_journey(open_clinic(stack), audio, "audio/flac")

    transcript = journey.body("read transcription")["transcript_text"]
    assert word_error_rate(visit.reference_text, transcript) < 0.25, visit
    statements = [s for s in journey.body("read report")["statements"] if not s["consent_id"]]
    written = {word for s in statements for word in normalise(s["text"])}
    recognised = _closest_match(visit.medication, transcript) | _closest_match(str(visit.dose_mg), transcript)
    assert recognised, (visit, transcript)
    assert recognised <= written, (visit, transcript)
    assert {word for word in written if word.isdigit()} <= set(normalise(transcript)), (visit, transcript)
    assert journey.body("sign report")["status"] == "signed"
    assert journey.body("pay rest")["status"] == "paid"


def _closest_match(word: str, transcript: str) -> set[str]:
    """The word of the transcript that is most similar to a spoken word; empty if none is similar enough."""
    return set(difflib.get_close_matches(word, normalise(transcript), n=1, cutoff=0.6))
