"""`index-patients`: who was stored with the tokens of an earlier release is found again."""

from __future__ import annotations

import pytest

from shared.cli import main
from tests.support.clinics import TestClinic
from tools import google_firestore


def found(clinic: TestClinic, text: str) -> list[str]:
    return [item["id"] for item in clinic.doctor.post("/patients/search", {"text": text}, key="").ok().body["items"]]


def test_a_patient_with_tokens_of_an_earlier_release_is_found_after_the_command(
    own_clinic: TestClinic, capsys: pytest.CaptureFixture[str]
) -> None:
    new = {"first_name": "சுரேஷ்", "last_name": "குமார்", "date_of_birth": "1984-02-29"}
    id = own_clinic.doctor.post("/patients", new).ok(201).body["id"]
    stored = google_firestore.client().document("clinics", own_clinic.id, "patients", id)
    right = stored.get().get("tokens")
    stored.update({"tokens": []})
    assert found(own_clinic, "suresh kumar") == []

    assert main(["index-patients", own_clinic.id]) == 0

    assert f"{own_clinic.id}: " in capsys.readouterr().out
    assert found(own_clinic, "suresh kumar") == [id]
    assert stored.get().get("tokens") == right


def test_an_unknown_clinic_is_refused(own_clinic: TestClinic, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index-patients", f"{own_clinic.id}x"]) == 2
    assert "there is no clinic" in capsys.readouterr().err
