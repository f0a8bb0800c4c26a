"""The clinic's admin changes what the clinic requires of consents."""

from __future__ import annotations

from tests.support.clinic_settings import change, refused
from tests.support.clinics import TestClinic
from tests.support.visits import new_session

UPLOAD = {"content_type": "audio/flac", "size_bytes": 9}


def test_a_changed_policy_counts_from_the_next_request_on(own_clinic: TestClinic) -> None:
    session = new_session(own_clinic)
    own_clinic.doctor.post(f"/sessions/{session}/recordings", UPLOAD).ok(201)

    change(own_clinic, consent_policy="written_specific", after_withdrawal="delete", consent_witness_required=True).ok()

    missing = own_clinic.doctor.post(f"/sessions/{session}/recordings", UPLOAD).refused(403, "consent-missing")
    assert missing.body["missing_consents"][0]["reason"] == "not_written"
    clinic = own_clinic.doctor.get("/me").ok().body["clinic"]
    assert (clinic["consent_policy"], clinic["after_withdrawal"]) == ("written_specific", "delete")
    assert clinic["consent_witness_required"] is True


def test_purposes_are_replaced(own_clinic: TestClinic) -> None:
    change(own_clinic, recording_purposes=["telehealth", "ai_processing"]).ok()
    assert own_clinic.doctor.get("/me").body["clinic"]["recording_purposes"] == ["telehealth", "ai_processing"]
    change(own_clinic, recording_purposes=[]).ok()
    assert own_clinic.doctor.get("/me").body["clinic"]["recording_purposes"] == []


def test_unknown_values_are_refused(own_clinic: TestClinic) -> None:
    found = refused(own_clinic, 422, "invalid", consent_policy="lax", consent_backdating_days=4_000)

    assert found.keys() == {"/consent_policy", "/consent_backdating_days"}
