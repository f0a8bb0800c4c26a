"""Drafts that people write: priced, changed, split, and issued with the next number."""

from __future__ import annotations

import pytest

from shared.records.types import new_id
from tests.api.billing.helpers import LINE, act, draft, issued
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.problems import pointers
from tests.support.visits import bill_of, complete, new_session


def change(clinic: TestClinic, bill: Reply, **fields: object) -> Reply:
    return clinic.receptionist.put(f"/bills/{bill.body['id']}", fields, etag=bill.etag)


def test_the_desk_writes_and_issues_a_bill(clinic: TestClinic) -> None:
    written = draft(clinic, 50_000, 20_000, discount={"percent": "10", "reason": "Staff."}, notes="Thank you.").ok(201)

    bill = act(clinic.receptionist, written, "issue").ok()

    assert (written.body["status"], written.body["number"]) == ("draft", None)
    assert (bill.body["status"], bill.body["total_amount"], bill.body["discount_amount"]) == ("pending", 63_000, 7_000)
    assert [line["discount_amount"] for line in bill.body["line_items"]] == [5_000, 2_000]
    assert "primary_diagnosis_code" not in bill.body
    change(clinic, bill, notes="Later.").refused(409, "conflict")
    act(clinic.receptionist, bill, "issue").refused(409, "conflict")


def test_a_visit_without_a_fee_is_priced_by_a_person_and_issued(own_clinic: TestClinic) -> None:
    before = issued(own_clinic, 100)
    session = new_session(own_clinic, type="emergency")
    complete(own_clinic, session).ok()
    unpriced = bill_of(own_clinic, session)

    act(own_clinic.receptionist, unpriced, "issue").refused(409, "conflict")
    priced = change(own_clinic, unpriced, line_items=[LINE]).ok()
    bill = act(own_clinic.receptionist, priced, "issue").ok()

    assert (unpriced.body["needs_pricing"], priced.body["needs_pricing"]) == (True, False)
    assert (bill.body["status"], bill.body["total_amount"]) == ("pending", 50_000)
    assert int(bill.body["number"][-6:]) == int(before.body["number"][-6:]) + 1
    own_clinic.receptionist.put(f"/bills/{bill.body['id']}", {"line_items": [LINE]}, etag='"1"').refused(412, "stale")


def test_a_draft_is_split(clinic: TestClinic) -> None:
    whole = draft(clinic, 100, 200, 300).ok(201)

    second = act(clinic.receptionist, whole, "split", {"lines": [2]}).ok(201)
    first = clinic.receptionist.get(f"/bills/{whole.body['id']}").ok()

    assert (first.body["total_amount"], second.body["total_amount"]) == (400, 200)
    assert second.body["patient_id"] == first.body["patient_id"]
    wrong = act(clinic.receptionist, first, "split", {"lines": [1, 1, 3]}).refused(422, "invalid")
    assert pointers(wrong) == {"/lines", "/lines/2"}
    all_lines = act(clinic.receptionist, first, "split", {"lines": [1, 2]}).refused(422, "invalid")
    assert pointers(all_lines) == {"/lines"}


def test_several_sessions_on_one_bill_make_no_further_ones(own_clinic: TestClinic) -> None:
    patient = own_clinic.patient().body["id"]
    session = new_session(own_clinic, patient_id=patient)

    draft(own_clinic, patient=patient, session_ids=[session]).refused(409, "conflict")
    complete(own_clinic, session).ok()
    bill_of(own_clinic, session)
    bill = draft(own_clinic, patient=patient, session_ids=[session]).ok(201)

    assert (bill.body["session_id"], bill.body["doctor_id"]) == (session, own_clinic.doctor.user_id)


def test_everything_that_is_wrong_is_named(clinic: TestClinic, other_clinic: TestClinic) -> None:
    stranger = new_session(other_clinic)
    patient = clinic.patient().body["id"]

    wrong = draft(
        clinic,
        patient=patient,
        session_ids=[stranger, f"{patient}-{new_id(10)}"],
    ).refused(422, "invalid")
    malformed = draft(
        clinic, -1, patient=patient, discount={"reason": "x"}, place_of_supply="99", currency="USD"
    ).refused(422, "invalid")
    no_doctor = draft(clinic, patient=patient, doctor_id=clinic.receptionist.user_id).refused(422, "invalid")

    assert pointers(wrong) == {"/session_ids/0", "/session_ids/1"}
    assert pointers(malformed) == {"/line_items/0/unit_price", "/discount", "/place_of_supply", "/currency"}
    assert pointers(no_doctor) == {"/doctor_id"}
    draft(clinic, patient=other_clinic.patient().body["id"]).refused(404, "not-found")


def test_a_line_names_a_session_of_the_patient(clinic: TestClinic, other_clinic: TestClinic) -> None:
    """Also one that another bill is for, or that still runs: the services of a visit can stand on several bills."""
    patient = clinic.patient().body["id"]
    own, of_another, stranger = new_session(clinic, patient_id=patient), new_session(clinic), new_session(other_clinic)
    missing = f"{patient}-{new_id(10)}"
    lines = [{**LINE, "session_id": one} for one in (own, of_another, missing, stranger, None)]
    wrong = {f"/line_items/{at}/session_id" for at in (1, 2, 3)}

    assert pointers(draft(clinic, patient=patient, line_items=lines).refused(422, "invalid")) == wrong
    written = draft(clinic, patient=patient, line_items=[lines[0], lines[4]]).ok(201)
    assert pointers(change(clinic, written, line_items=lines).refused(422, "invalid")) == wrong
    other = change(clinic, draft(clinic, patient=patient).ok(201), line_items=lines[:1]).ok()
    bill = act(clinic.receptionist, change(clinic, written, line_items=lines[:1]).ok(), "issue").ok()
    amendment = {"line_items": lines, "reason": "Wrong visit."}
    assert pointers(act(clinic.receptionist, bill, "amend", amendment).refused(422, "invalid")) == wrong
    amended = act(clinic.receptionist, bill, "amend", {**amendment, "line_items": lines[:1]}).ok(201)
    for one in (other, amended):
        assert [line["session_id"] for line in one.body["line_items"]] == [own]


def test_a_diagnosis_is_for_clinicians(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]

    draft(clinic, patient=patient, primary_diagnosis_code="F41.1").refused(403, "forbidden")
    by_doctor = {"patient_id": patient, "line_items": [LINE], "primary_diagnosis_code": "F41.1"}
    assert clinic.doctor.post("/bills", by_doctor).ok(201).body["primary_diagnosis_code"] == "F41.1"


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_others_find_no_draft(clinic: TestClinic, other_clinic: TestClinic, method: str) -> None:
    path = f"/bills/{draft(clinic).ok(201).body['id']}"

    for stranger in (clinic.other_doctor, other_clinic.admin):
        body = {"notes": "x"} if method == "PUT" else None
        stranger.send(method, path, body, etag='"1"').refused(404, "not-found")


def test_bills_are_listed_by_day_state_patient_and_doctor(own_clinic: TestClinic) -> None:
    patient = own_clinic.patient().body["id"]
    first, second = issued(own_clinic, 100, patient=patient), draft(own_clinic, 200, patient=patient).ok(201)
    issued(own_clinic, 300)

    def listed(query: str) -> list[str]:
        return [one["id"] for one in own_clinic.receptionist.get(f"/bills?{query}").ok().body["items"]]

    day = first.body["bill_date"]
    assert listed(f"patient_id={patient}") == [second.body["id"], first.body["id"]]
    assert listed(f"patient_id={patient}&day={day}&status=pending") == [first.body["id"]]
    assert listed(f"patient_id={patient}&overdue=true") == []
    assert listed("day=2020-01-01") == []
    assert len(listed(f"day={day}")) == 3
    assert listed(f"doctor_id={own_clinic.doctor.user_id}") == []
