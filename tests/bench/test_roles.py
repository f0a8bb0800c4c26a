"""The benchmark of roles: dialogues, the alignment with a reference, and its arguments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import roles
from shared.records.visits.speech import Speaker

DOCTOR, PATIENT = Speaker.PRACTITIONER, Speaker.PATIENT
ASKED, TOLD = "What brings you in today? How have you been sleeping?", "My back hurts, and I don't sleep."


def write(folder: Path, *dialogues: list[tuple[str, str]]) -> Path:
    lines = [json.dumps({"turns": [{"speaker": who, "text": text} for who, text in said]}) for said in dialogues]
    (folder / "visits.jsonl").write_text("\n".join(lines))
    return folder


def test_a_dialogue_counts_as_right_only_with_both_roles(tmp_path: Path) -> None:
    right = [("doctor", ASKED), ("patient", TOLD), ("doctor", "Do you take anything for your back?")]
    swapped = [("patient", ASKED), ("doctor", TOLD), ("patient", "Do you take anything for your back?")]
    monologue = [("doctor", ASKED)]

    [found] = roles.compare(write(tmp_path, right, swapped, monologue))

    assert (found.ours, found.theirs) == (1, 2)
    assert not found.holds


def test_a_misheard_or_added_word_belongs_to_who_spoke_there() -> None:
    reference = [(DOCTOR, "Is it OK now?"), (PATIENT, "Not too bad, doctor.")]

    heard = ["is", "it", "okay", "now", "no", "not", "two", "bad", "Dr."]

    assert roles._aligned(heard, reference) == [DOCTOR] * 5 + [PATIENT] * 4


def test_a_folder_without_data_and_missing_arguments_are_errors(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="neither"):
        roles.compare(tmp_path)
    with pytest.raises(SystemExit):
        command.main(["roles"])
    with pytest.raises(SystemExit):
        command.main(["sealing", "--data", str(tmp_path)])
