"""Telephone numbers and mail addresses of patients, the clinic and doctors, as they are typed and copied."""

from __future__ import annotations

from typing import Any

import pytest

from local.demo.people import PROFILE
from tests.support.clinics import PATIENT, TestClinic
from tests.support.patients import path_of
from tests.support.problems import pointers

MOBILE = "+919845012345"
MISTYPED = "+91 98450 1234"
NEWER = "+1 729 234 5678"
"""Of the right length, in an area that the numbering plan does not have."""


def registered(clinic: TestClinic, **values: Any) -> Any:
    return clinic.doctor.post("/patients", {**PATIENT, "primary_phone": None, "allow_duplicate": True, **values})


@pytest.mark.parametrize("pasted", ["98450 12345", "+91\u00a098450\u201112345", "tel:0091-98450-12345", "९८४५०१२३४५"])
def test_a_copied_number_is_kept_in_e164_and_found_as_it_was_copied(own_clinic: TestClinic, pasted: str) -> None:
    contact = {"name": "Rohan", "phone": pasted}

    new = registered(own_clinic, primary_phone=pasted, secondary_phone=pasted, emergency_contact=contact).ok(201).body

    assert (new["primary_phone"], new["secondary_phone"], new["emergency_contact"]["phone"]) == (MOBILE,) * 3
    assert new["unverified_phones"] == []
    found = own_clinic.doctor.post("/patients/search", {"text": pasted, "kinds": ["phone"]}).ok().body["items"]
    assert [one["id"] for one in found] == [new["id"]]


def test_a_number_that_no_plan_has_is_kept_and_marked(own_clinic: TestClinic) -> None:
    contact = {"name": "Rohan", "phone": NEWER}

    new = registered(own_clinic, primary_phone=NEWER, secondary_phone=MOBILE, emergency_contact=contact).ok(201)

    assert new.body["primary_phone"] == "+17292345678"
    assert new.body["unverified_phones"] == ["primary_phone", "emergency_contact"]
    known = own_clinic.doctor.send("PATCH", path_of(new), {"primary_phone": MOBILE}, etag=new.etag).ok()
    assert known.body["unverified_phones"] == ["emergency_contact"]


def test_a_number_that_seems_mistyped_is_refused_until_the_client_insists(own_clinic: TestClinic) -> None:
    wrong = {"primary_phone": MISTYPED, "emergency_contact": {"name": "Rohan", "phone": "+999 123 456 789"}}

    refused = registered(own_clinic, **wrong).refused(422, "invalid")
    half = registered(own_clinic, **wrong, unverified_phones=["primary_phone"]).refused(422, "invalid")
    new = registered(own_clinic, **wrong, unverified_phones=["primary_phone", "emergency_contact"]).ok(201)

    assert pointers(refused) == {"/primary_phone", "/emergency_contact/phone"}
    assert pointers(half) == {"/emergency_contact/phone"}
    advice = {one["pointer"]: one["detail"] for one in refused.body["errors"]}
    assert '"unverified_phones": ["primary_phone"]' in advice["/primary_phone"]
    assert (new.body["primary_phone"], new.body["emergency_contact"]["phone"]) == ("+91984501234", "+999123456789")
    assert new.body["unverified_phones"] == ["primary_phone", "emergency_contact"]


def test_an_unverified_number_stays_in_changes_of_other_fields_and_another_needs_insisting(
    own_clinic: TestClinic,
) -> None:
    new = registered(own_clinic, primary_phone=MISTYPED, unverified_phones=["primary_phone"]).ok(201)
    path = path_of(new)

    changed = own_clinic.doctor.send("PATCH", path, {"occupation": "Weaver"}, etag=new.etag).ok()
    whole = {**PATIENT, "primary_phone": changed.body["primary_phone"]}
    written = own_clinic.doctor.put(path, whole, etag=changed.etag).ok()
    other = own_clinic.doctor.send("PATCH", path, {"primary_phone": "+91 98450 1235"}, etag=written.etag)

    assert changed.body["unverified_phones"] == written.body["unverified_phones"] == ["primary_phone"]
    assert pointers(other.refused(422, "invalid")) == {"/primary_phone"}


def test_the_numbers_of_clinic_and_doctor_are_read_in_the_same_way(own_clinic: TestClinic) -> None:
    settings = own_clinic.admin.get("/clinic").ok()

    local = own_clinic.admin.send("PATCH", "/clinic", {"phone": "080 4123 4567"}, etag=settings.etag).ok()
    refused = own_clinic.admin.send("PATCH", "/clinic", {"phone": MISTYPED}, etag=local.etag)
    insisted = own_clinic.admin.send(
        "PATCH", "/clinic", {"phone": MISTYPED, "phone_unverified": True}, etag=local.etag
    ).ok()
    named = own_clinic.admin.send("PATCH", "/clinic", {"name": "Banyan", "phone_unverified": False}, etag=insisted.etag)

    assert (local.body["phone"], local.body["phone_unverified"]) == ("+918041234567", False)
    assert pointers(refused.refused(422, "invalid")) == {"/phone"}
    assert (insisted.body["phone"], insisted.body["phone_unverified"]) == ("+91984501234", True)
    assert named.ok().body["phone_unverified"], "the mark follows the number"

    before = own_clinic.doctor.get("/profile").ok()
    profile = own_clinic.doctor.put("/profile", {**PROFILE, "phone": "098450 12345"}, etag=before.etag).ok()
    mistyped = own_clinic.doctor.put("/profile", {**PROFILE, "phone": MISTYPED}, etag=profile.etag)
    kept = {**PROFILE, "phone": MISTYPED, "phone_unverified": True}
    marked = own_clinic.doctor.put("/profile", kept, etag=profile.etag).ok()

    assert (profile.body["phone"], profile.body["phone_unverified"]) == (MOBILE, False)
    assert pointers(mistyped.refused(422, "invalid")) == {"/phone"}
    assert (marked.body["phone"], marked.body["phone_unverified"]) == ("+91984501234", True)


@pytest.mark.parametrize("legal", ["asha+visits@mail.example", "d'souza@mail.example", '"asha rao"@mail.example'])
def test_a_legal_mail_address_is_kept_and_found(own_clinic: TestClinic, legal: str) -> None:
    new = registered(own_clinic, email=legal).ok(201).body

    assert new["email"] == legal
    found = own_clinic.doctor.post("/patients/search", {"text": legal.upper(), "kinds": ["email"]}).ok().body["items"]
    assert [one["id"] for one in found] == [new["id"]]
