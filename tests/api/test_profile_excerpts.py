"""A user's own record has an excerpt of the profile: the caller is named without reading the profile."""

from __future__ import annotations

from typing import Any

import pytest
from google.cloud import firestore

from local.demo.people import PROFILE
from local.services.kit.recorder import Fault
from tests.support import crashes
from tests.support.call_counts import calls_during, calls_when_repeated, commit, reads
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tools import google_firestore

pytestmark = pytest.mark.long

RENAMED = {**PROFILE, "last_name": "Ayer"}


def doctor_of(clinic: TestClinic, session_id: str, person: ApiClient | None = None) -> Any:
    return (person or clinic.doctor).get(f"/sessions/{session_id}").ok().body["doctor"]["name"]


def test_a_new_name_is_shown_from_the_next_request_on(own_clinic: TestClinic) -> None:
    session_id = own_clinic.session().body["id"]
    before = doctor_of(own_clinic, session_id)

    own_clinic.doctor.put("/profile", RENAMED, etag='"1"').ok()

    assert (before, doctor_of(own_clinic, session_id)) == ("Meera Iyer", "Meera Ayer")
    assert doctor_of(own_clinic, session_id, own_clinic.admin) == "Meera Ayer"


def test_who_has_no_profile_is_not_looked_up_and_has_a_name_with_the_first_one(own_clinic: TestClinic) -> None:
    doctor = own_clinic.other_doctor
    patient = doctor.post("/patients", {"first_name": "Nova", "date_of_birth": "1990-05-17"}).ok(201).body
    session_id = doctor.post("/sessions", {"patient_id": patient["id"]}).ok(201).body["id"]

    calls = calls_when_repeated(own_clinic, "sessions", lambda: doctor_of(own_clinic, session_id, doctor))
    assert calls == [reads(7), commit(2)]
    assert doctor_of(own_clinic, session_id, doctor) is None
    doctor.put("/profile", RENAMED).ok()
    assert doctor_of(own_clinic, session_id, doctor) == "Meera Ayer"


def test_a_change_of_something_else_leaves_the_users_record_alone(own_clinic: TestClinic) -> None:
    moved = {**PROFILE, "organization": "Banyan South"}

    other = calls_during(own_clinic, "profile", lambda: own_clinic.doctor.put("/profile", moved, etag='"1"').ok())
    own_clinic.other_doctor.put("/profile", PROFILE).ok()
    named = calls_during(
        own_clinic, "profile", lambda: own_clinic.other_doctor.put("/profile", RENAMED, etag='"1"').ok()
    )

    assert other == [reads(2), commit(2)]
    assert named == [reads(2), commit(3)], "profile, user and audit entry"


def test_no_answer_has_the_excerpt_and_the_admins_etag_stays(own_clinic: TestClinic) -> None:
    path = f"/users/{own_clinic.other_doctor.user_id}"
    before = own_clinic.admin.get(path).ok()

    own_clinic.other_doctor.put("/profile", PROFILE).ok()

    after = own_clinic.admin.get(path).ok()
    assert (after.etag, after.body) == (before.etag, before.body)
    own_clinic.admin.post(f"{path}/disable", key="", etag=before.etag).ok()


def test_the_name_in_the_users_record_is_sealed(own_clinic: TestClinic) -> None:
    document = google_firestore.client().document(f"clinics/{own_clinic.id}/users/{own_clinic.doctor.user_id}")
    stored = document.get().to_dict() or {}

    assert "profile_excerpt" in stored["sealed"]
    assert "Meera" not in str(stored)


def test_a_record_from_before_is_completed_by_the_profile(own_clinic: TestClinic) -> None:
    session_id, user = own_clinic.session().body["id"], f"users/{own_clinic.doctor.user_id}"
    alter(own_clinic, user, {"sealed.profile_excerpt": firestore.DELETE_FIELD})

    read = calls_when_repeated(own_clinic, "sessions", lambda: doctor_of(own_clinic, session_id))
    assert read == [reads(7), reads(1), commit(2)], "the profile is read then"
    assert doctor_of(own_clinic, session_id) == "Meera Iyer"
    again = own_clinic.doctor.put("/profile", PROFILE, etag='"1"').ok()

    read = calls_when_repeated(own_clinic, "sessions", lambda: doctor_of(own_clinic, session_id))
    assert (again.etag, read) == ('"1"', [reads(7), commit(2)]), "the profile is as it was; the excerpt is kept"


def test_the_languages_of_the_profile_are_those_of_the_next_visit(own_clinic: TestClinic) -> None:
    languages = {"language": "hi-IN", "other_languages": []}
    own_clinic.doctor.put("/profile", {**PROFILE, "stt_settings": languages}, etag='"1"').ok()

    session = own_clinic.session().body

    assert session["stt_settings"] == languages


@pytest.mark.parametrize("outcome", ["kill", "cut"])
def test_profile_and_user_are_written_together_whatever_is_lost(own_clinic: TestClinic, outcome: str) -> None:
    session_id = own_clinic.session().body["id"]
    with crashes.quiet(own_clinic.stack):
        lost = own_clinic.stack.recorder.plant(Fault("firestore", "Commit", "profile", outcome))
        own_clinic.doctor.put("/profile", RENAMED, etag='"1"')
        assert lost.fired.wait(10)

    profile = own_clinic.doctor.get("/profile").ok().body

    assert doctor_of(own_clinic, session_id) == f"{profile['first_name']} {profile['last_name']}" == "Meera Ayer"


def test_who_comes_back_has_the_name_of_before_and_another_clinic_never_sees_it(
    own_clinic: TestClinic, clinic: TestClinic
) -> None:
    own_clinic.other_doctor.put("/profile", RENAMED).ok()
    path = f"/users/{own_clinic.other_doctor.user_id}"

    clinic.admin.get(path).refused(404, "not-found")
    names = clinic.admin.get("/users/names").ok().body["items"]

    assert own_clinic.other_doctor.user_id not in {one["id"] for one in names}
    assert "Ayer" not in str(names)
