"""The table of writer models, and the warning before a retirement."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.gateways import writer_models
from shared.gateways.writer_models import NOTICE, retirement_near, retirements

TABLE = json.loads(Path(writer_models.__file__).with_suffix(".json").read_text())
LITE, RETIRES = "gemini-3.5-flash-lite", date(2027, 7, 21)


def test_the_table_names_its_sources_and_the_day_they_were_read() -> None:
    assert date.fromisoformat(TABLE["read"]) >= date(2026, 11, 27)
    assert all(
        source.startswith(("https://docs.cloud.google.com/", "https://ai.google.dev/")) for source in TABLE["sources"]
    )
    assert retirements()[LITE] == RETIRES


@pytest.mark.parametrize(
    ("model", "today", "near"),
    [
        (LITE, RETIRES - NOTICE - timedelta(days=1), None),
        (LITE, RETIRES - NOTICE, RETIRES),
        (f"{LITE}-001", RETIRES - NOTICE, RETIRES),
        (LITE, RETIRES + timedelta(days=400), RETIRES),
        ("gemini-9-flash", date(2099, 1, 1), None),
    ],
)
def test_a_retirement_is_near_ninety_days_before_and_ever_after(model: str, today: date, near: date | None) -> None:
    assert retirement_near(model, today) == near
