"""The operator's command changes what an open clinic requires of consents."""

from __future__ import annotations

import pytest

from shared import cli
from shared.store import database
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.visits import new_session

UPLOAD = {"content_type": "audio/flac", "size_bytes": 9}


def run(*arguments: str) -> int:
    return cli.main(["consent-policy", *arguments])


def test_changed_policy_counts_from_the_next_request_on_and_is_audited(
    own_clinic: TestClinic, capsys: pytest.CaptureFixture[str]
) -> None:
    session = new_session(own_clinic)
    own_clinic.doctor.post(f"/sessions/{session}/recordings", UPLOAD).ok(201)
    settings = database.client().document("clinics", own_clinic.id)
    before, audited = settings.get().get("revision"), support.audited(own_clinic.id)

    assert run(own_clinic.id, "--policy", "written_specific", "--after-withdrawal", "delete", "--witness") == 0

    refused = own_clinic.doctor.post(f"/sessions/{session}/recordings", UPLOAD).refused(403, "consent-missing")
    assert refused.body["missing_consents"][0]["reason"] == "not_written"
    clinic = own_clinic.doctor.get("/me").ok().body["clinic"]
    assert (clinic["consent_policy"], clinic["after_withdrawal"]) == ("written_specific", "delete")
    assert clinic["consent_witness_required"] is True
    assert settings.get().get("revision") == before + 1
    assert "clinic.consent_policy" in {entry["action"] for entry in support.audit_entries(own_clinic.id)}
    assert support.audited(own_clinic.id) > audited
    lines = capsys.readouterr().out.splitlines()
    assert 'consent_policy: "written_specific", was "strict"' in lines
    assert "consent_backdating_days: 30" in lines


def test_command_without_options_shows_and_changes_nothing(
    own_clinic: TestClinic, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = database.client().document("clinics", own_clinic.id)
    before = settings.get().to_dict()

    assert run(own_clinic.id) == 0
    assert run(own_clinic.id, "--policy", "strict") == 0

    assert settings.get().to_dict() == before
    assert "was" not in capsys.readouterr().out


def test_purposes_are_replaced(own_clinic: TestClinic) -> None:
    assert run(own_clinic.id, "--recording-purposes", "telehealth", "ai_processing", "--no-witness") == 0
    assert own_clinic.doctor.get("/me").body["clinic"]["recording_purposes"] == ["telehealth", "ai_processing"]
    assert run(own_clinic.id, "--recording-purposes") == 0
    assert own_clinic.doctor.get("/me").body["clinic"]["recording_purposes"] == []


@pytest.mark.parametrize("wrong", [["--policy", "lax"], ["--backdating-days", "4000"], ["--backdating-days", "x"]])
def test_unknown_values_are_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("banyan", *wrong)
    assert "invalid" in capsys.readouterr().err


def test_unknown_clinic_is_refused(own_clinic: TestClinic, capsys: pytest.CaptureFixture[str]) -> None:
    del own_clinic  # the environment of a stack
    assert run("nowhere", "--policy", "strict") == 2
    assert capsys.readouterr().err == "there is no clinic nowhere\n"
