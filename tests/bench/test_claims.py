"""The benchmark of the checks, on a consultation of its own."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from bench import __main__ as command
from bench import claims, planted

NOTE = "CHIEF COMPLAINT\n\nThe patient reports pain in the left knee. He denies fever. He takes metformin 500 mg daily."
TURNS = [
    ("doctor", "What brings you in?"),
    ("patient", "I have a pain in my left knee."),
    ("doctor", "Any fever?"),
    ("patient", "No."),
    ("doctor", "Do you take any medicines?"),
    ("patient", "Yes, metformin, five hundred milligrams daily."),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    row = {"id": "one", "turns": [{"speaker": who, "text": text} for who, text in TURNS], "note": NOTE}
    tmp_path.joinpath("aci_bench_20.jsonl").write_text(json.dumps(row), encoding="utf-8")
    return tmp_path


def test_planted_errors_of_each_kind_are_found_in_a_plain_consultation(folder: Path) -> None:
    bounds, (_, reference) = claims.measured(folder, half=0)

    assert reference.sentences == 3
    assert {"dose", "drug", "side", "negation"} <= reference.planted.keys()
    assert reference.caught == reference.planted
    assert reference.doubted == 0
    assert {bound.name.split(":")[0] for bound in bounds} >= {"own", "reference", "right dialogue", "other dialogue"}


def test_the_same_seed_plants_the_same_errors() -> None:
    once, again = (list(planted.planted("Takes metformin 500 mg.", ["No fever."], Random(3))) for _ in range(2))

    assert once == again
    assert [kind for kind, _ in once] == ["dose", "drug", "invented"]


def test_the_bench_needs_consultations(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        command.main(["claims", "--data", str(tmp_path / "missing")])
