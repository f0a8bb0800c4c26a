"""Measures in clinical notation: only what has one reading is rewritten."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.render.measures import in_clinical_form


@pytest.mark.parametrize(
    ("spoken", "printed"),
    [
        ("BP today is 118 over 76.", "BP today is 118/76 mmHg."),
        ("Blood pressure was 142 over 91 mmHg, lying.", "Blood pressure was 142/91 mmHg, lying."),
        ("BP 118 over 76 millimetres of mercury", "BP 118/76 mmHg"),
        ("bp is not 118 over 76", "bp is not 118/76 mmHg"),
        ("Pulse is 72 per minute, regular.", "Pulse is 72/min, regular."),
        ("Heart rate 72 beats per minute.", "Heart rate 72 beats/min."),
        ("BP is 118 over 76, pulse 72 per minute.", "BP is 118/76 mmHg, pulse 72/min."),
    ],
)
def test_spoken_measures_are_printed_as_clinicians_write_them(spoken: str, printed: str) -> None:
    assert in_clinical_form(spoken) == printed


@pytest.mark.parametrize(
    "text",
    [
        "Scored 118 over 76.",  # no pressure is named
        "BP is 118 over 76 to 80.",
        "BP is 118 over 76-80.",
        "BP is 118 over 76.5.",
        "BP is 118 over 76 mmHg to 80.",
        "BP is 76 over 118.",
        "BP is 16 over 10.",  # kPa
        "BP is 118 over 76 kPa.",
        "BP was 118 and 12 over 7",
        "BP is one hundred and eighteen over seventy six.",
        'She said "my BP is 118 over 76, pulse 72 per minute".',
        "1.72 per minute",
        "60-72 per minute",
        "Takes BP tablets. 140 over 90 days.",
        "per minute",
        "",
    ],
)
def test_what_has_another_reading_stays_as_spoken(text: str) -> None:
    assert in_clinical_form(text) == text


@given(st.lists(st.sampled_from(["BP", "is", "118", "over", "76", "72", "per minute", "mmHg", "to", ".", "not"])))
def test_no_number_is_added_changed_or_lost(words: list[str]) -> None:
    text = " ".join(words)

    printed = in_clinical_form(text)

    assert re.findall(r"\d+", printed) == re.findall(r"\d+", text)
    assert in_clinical_form(printed) == printed


@pytest.mark.parametrize("text", ["BP " * 13_000, "118 over " * 4_500, "1" * 40_000, "BP is 118 over " * 2_700])
def test_the_time_is_linear_in_the_text(text: str) -> None:
    started = time.process_time()
    in_clinical_form(text)
    assert time.process_time() - started < 0.5
