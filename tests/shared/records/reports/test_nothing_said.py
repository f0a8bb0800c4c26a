"""Statements that only say that nothing was said, in whichever words, and such as say something."""

from __future__ import annotations

import pytest

from shared.records.reports.nothing_said import says_nothing


@pytest.mark.parametrize(
    "text",
    [
        "Nothing was reported.",
        "This was not discussed.",
        "This section was not addressed during the visit.",
        "The topic has not been explored in this session",
        "It is not known.",
        "Not explicitly mentioned in the transcript.",
        "Not stated by the patient.",
        "No information was provided in today's session.",
        "No details available.",
        "No relevant information.",
        "None.",
        "None reported.",
        "Unknown",
        "TBD",
        "To be determined.",
        "N/A",
        "null",
        "- Nothing noted.",
        "…",
        "चर्चा नहीं हुई",
        "लागू नहीं।",
        "தகவல் இல்லை.",
    ],
)
def test_it_says_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "No known drug allergies.",
        "None of the tablets help.",
        "Nothing helps.",
        "Not sleeping.",
        "Not known to be pregnant.",
        "Patient reports no pain.",
        "No information about the fall was given to her husband.",
        "Unknown white tablets, twice a day.",
        "Pending: blood test.",
        "The patient did not discuss it with her mother.",
        "नींद नहीं आती।",
    ],
)
def test_it_says_something(text: str) -> None:
    assert not says_nothing(text)
