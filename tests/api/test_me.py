"""The caller's own id, roles, clinic and profile, in one request."""

from __future__ import annotations

import json

import pytest

from local.demo.people import PROFILE
from local.demo.seed import SETTINGS
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.clinics import TestClinic

pytestmark = pytest.mark.long


def test_everybody_learns_their_roles_and_the_public_settings_of_the_clinic(clinic: TestClinic) -> None:
    people = {"doctor": clinic.doctor, "receptionist": clinic.receptionist, "admin": clinic.admin}

    for role, person in people.items():
        body = person.get("/me").ok().body
        assert (body["id"], body["roles"]) == (person.user_id, [role])
        assert body["clinic"].keys() == {
            *("id", "name", "time_zone", "currency", "hours", "closures", "rooms", "fees"),
            *(
                "bill_issue",
                "backdating_days",
                "visit_limit_hours",
                "undo_minutes",
                "consent_policy",
                "recording_purposes",
            ),
            *("consent_witness_required", "consent_backdating_days", "after_withdrawal", "pieces_in_pauses"),
        }
        assert body["clinic"]["id"] == clinic.id
        assert {name: body["clinic"][name] for name in ("name", "time_zone", "currency")} == {
            name: SETTINGS[name] for name in ("name", "time_zone", "currency")
        }
        assert [fee["amount"] for fee in body["clinic"]["fees"]] == [fee["amount"] for fee in SETTINGS["fees"]]
        assert SETTINGS["payment_instructions"] not in json.dumps(body)


def test_the_profile_is_null_at_the_first_sign_in_and_then_the_callers(clinic: TestClinic) -> None:
    own = clinic.doctor.get("/me").ok().body["profile"]

    assert clinic.receptionist.get("/me").ok().body["profile"] is None
    assert {name: own[name] for name in PROFILE} == PROFILE
    assert (f'"{own["revision"]}"', own["has_logo"]) == (clinic.doctor.get("/profile").ok().etag, False)
    assert "logo" not in own


def test_me_is_one_read_and_has_no_other_methods(clinic: TestClinic) -> None:
    doctor = clinic.doctor

    assert calls_when_repeated(clinic, "profile", lambda: doctor.get("/me").ok()) == [reads(3), commit(1)]
    doctor.put("/me", PROFILE).refused(405, "method-not-allowed")
    doctor.get("/me/logo").refused(404, "not-found")
