"""The receptionist's day: the phone rings, people come and pay, and at the end somebody takes over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.demo.seed import SETTINGS
from local.stack.stack import Stack
from shared.store.context import utc_now
from tests.journeys.day.helpers import answered, refused
from tests.journeys.visit.pdf_text import printed_text
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.problems import pointers
from tests.support.visits import bill_of, complete, set_clinic

FEE = 120_000
"""The price of a short follow-up visit, in paise."""
KAMALA = {
    "first_name": "Kamala",
    "last_name": "Kulkarni",
    "date_of_birth": "1988-11-23",
    "gender": "female",
    "primary_phone": "+919845012345",
    "emergency_contact": {"name": "Nisha Kulkarni", "phone": "+919845099999", "relationship": "sister"},
    "insurance": {"provider_name": "Star Health", "policy_number": "P-77", "group_number": "G-4"},
}
SUNITA = {"first_name": "सुनीता", "last_name": "शर्मा", "date_of_birth": "1990-01-01", "primary_phone": "+919845054321"}
TOMORROW = utc_now().astimezone(ZoneInfo(SETTINGS["time_zone"])).date() + timedelta(days=1)
"""In the zone of the clinic."""


@pytest.fixture(scope="module")
def practice(stack: Stack) -> TestClinic:
    """A clinic whose bills are drafts until the desk issues them."""
    clinic = clinic_with_profile(stack)
    set_clinic(clinic, bill_issue="by_desk")
    return clinic


@pytest.fixture(scope="module")
def kamala(practice: TestClinic) -> dict[str, Any]:
    """The patient who calls first."""
    return registered(practice, KAMALA)


def registered(practice: TestClinic, new: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A patient of the doctor, whom the desk has registered."""
    body = {**new, "owner_id": practice.doctor.user_id, **more}
    patient: dict[str, Any] = practice.receptionist.post("/patients", body).ok(201).body
    return patient


def found(practice: TestClinic, text: str) -> list[str]:
    """The ids of the patients that the desk finds."""
    reply = practice.receptionist.post("/patients/search", {"text": text}, key="")
    return [patient["id"] for patient in reply.ok().body["items"]]


def test_she_learns_her_role_and_the_prices_before_any_visit(practice: TestClinic) -> None:
    desk = practice.receptionist

    me = answered(desk.get("/me"), id=desk.user_id, roles=["receptionist"], profile=None).body

    shown = {name: me["clinic"][name] for name in ("name", "time_zone", "currency", "bill_issue")}
    known = {name: SETTINGS[name] for name in ("name", "time_zone", "currency")}
    assert shown == {**known, "bill_issue": "by_desk"}
    prices = {(fee["session_type"], fee["up_to_minutes"]): fee["amount"] for fee in me["clinic"]["fees"]}
    assert prices[("followup", 30)] == FEE
    assert len(me["clinic"]["hours"]) == len(SETTINGS["hours"])
    refused(desk.get("/users"), 403, "forbidden")


def test_she_registers_who_calls_and_sees_nothing_clinical(practice: TestClinic, kamala: dict[str, Any]) -> None:
    desk, doctor = practice.receptionist, practice.doctor
    age = utc_now().year - 1988

    seen = answered(desk.get(f"/patients/{kamala['number']}"), **KAMALA, id=kamala["id"], owner_id=doctor.user_id).body

    assert seen["number"].startswith("PAT-")
    assert seen["age"] in (age - 1, age)
    assert seen["created_by"] == desk.user_id
    assert seen.keys().isdisjoint({"allergies", "diagnoses", "current_medications", "medical_history", "notes"})
    clinical = {**SUNITA, "owner_id": doctor.user_id, "allergies": ["Penicillin"]}
    assert pointers(refused(desk.post("/patients", clinical), 403, "forbidden")) == {"/allergies"}


def test_a_double_tap_registers_nobody_twice(practice: TestClinic) -> None:
    new = {**SUNITA, "owner_id": practice.doctor.user_id}

    first, again = (practice.receptionist.post("/patients", new, key="the-call-of-0905").ok(201) for _ in range(2))

    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_child_is_registered_on_the_phone_of_its_parent(practice: TestClinic, kamala: dict[str, Any]) -> None:
    child = {"first_name": "Aarav", "date_of_birth": "2017-06-01", "primary_phone": KAMALA["primary_phone"]}

    aarav = registered(practice, child)
    shown = {name: kamala[name] for name in ("id", "number", "date_of_birth")}
    [warning] = aarav["warnings"]
    assert warning.items() >= {**shown, "name": "Kamala Kulkarni", "code": "similar_patient"}.items()
    assert warning["reasons"] == [{"code": "same_phone", "fields": ["primary_phone"]}]
    assert (aarav["first_name"], aarav["last_name"]) == ("Aarav", None)
    assert set(found(practice, "2345")) == {kamala["id"], aarav["id"]}


def test_she_finds_people_as_they_are_told_on_the_phone(practice: TestClinic, kamala: dict[str, Any]) -> None:
    sushila = registered(practice, {"first_name": "सुशीला", "last_name": "पाटील", "date_of_birth": "1979-05-02"})

    for text in ("kulkarny", "kamla", "KULKARNI, Kamala", "kul kam", "23/11/1988", kamala["number"]):
        assert found(practice, text) == [kamala["id"]], text
    assert found(practice, "sushila") == [sushila["id"]]
    assert found(practice, "Nobody") == []
    names = practice.receptionist.get("/patients?sort=name").ok().body["items"]
    assert kamala["id"] in [patient["id"] for patient in names]


def test_an_allergy_told_on_the_phone_waits_for_the_doctor(practice: TestClinic, kamala: dict[str, Any]) -> None:
    desk, doctor, path = practice.receptionist, practice.doctor, f"/patients/{kamala['id']}"

    [noted] = desk.post(f"{path}/reported-allergies", {"text": "Penicillin"}).ok(201).body["reported_allergies"]
    assert (noted["text"], noted["noted_by"]) == ("Penicillin", desk.user_id)
    entry = f"{path}/reported-allergies/{noted['id']}"
    refused(desk.post(f"{entry}/confirm", key="", etag=desk.get(path).etag), 403, "forbidden")
    confirmed = doctor.post(f"{entry}/confirm", key="", etag=doctor.get(path).etag)

    answered(confirmed, allergies=["Penicillin"], reported_allergies=[])
    assert b"Penicillin" not in desk.get(path).ok().content
    changes = doctor.get(f"{path}/versions").ok().body["items"]
    assert [one["created_by"] for one in changes] == [doctor.user_id, desk.user_id]
    assert desk.get(f"{path}/versions").ok().body["items"] == [], "what was reported is clinical by now"


def test_she_books_tomorrow_and_sees_who_comes(practice: TestClinic, kamala: dict[str, Any]) -> None:
    desk, doctor = practice.receptionist, practice.doctor
    at = datetime.combine(TOMORROW, datetime.min.time(), ZoneInfo(SETTINGS["time_zone"])) + timedelta(hours=10)
    new = {
        "patient_id": kamala["id"],
        "doctor_id": doctor.user_id,
        "scheduled_at": at.isoformat(),
        "duration_minutes": 30,
        "outside_schedule": True,  # tomorrow may be a Sunday
        "type": "followup",
        "reason_for_visit": "Sleeps badly again",
    }

    clinical = refused(desk.post("/appointments", {**new, "chief_complaint": "Insomnia"}), 403, "forbidden")
    booked = answered(
        desk.post("/appointments", new),
        201,
        status="scheduled",
        time_zone=SETTINGS["time_zone"],
        reason_for_visit="Sleeps badly again",
        patient={
            "id": kamala["id"],
            "number": kamala["number"],
            "name": "Kamala Kulkarni",
            "deceased": False,
            "deleted": False,
        },
        doctor={"id": doctor.user_id, "name": "Meera Iyer"},
        session_id=None,
    )

    assert pointers(clinical) == {"/chief_complaint"}
    assert desk.get(f"/appointments?day={TOMORROW}").ok().body["items"] == [booked.body]
    assert desk.get(f"/appointments?day={TOMORROW + timedelta(days=1)}").ok().body["items"] == []


def test_a_bill_waits_for_her_and_a_mistyped_payment_is_reversed(practice: TestClinic, kamala: dict[str, Any]) -> None:
    desk = practice.receptionist
    visit = practice.start({"patient_id": kamala["id"], "type": "followup"}).ok(201).body["id"]
    refused(desk.get(f"/sessions/{visit}/bill"), 404, "none-yet")
    complete(practice, visit).ok()

    draft = answered(bill_of(practice, visit), status="draft", number=None, total_amount=FEE, needs_pricing=False)
    path = f"/bills/{draft.body['id']}"
    pay = {"amount": FEE // 100, "method": "cash"}  # 12.00 for 1,200.00
    refused(desk.post(f"{path}/payment", pay, etag=draft.etag), 409, "conflict", code="bill_not_open")
    issued = answered(desk.post(f"{path}/issue", etag=draft.etag), status="pending", outstanding_amount=FEE)
    refused(desk.post(f"{path}/issue", etag=issued.etag), 409, "conflict")
    assert issued.body["number"].startswith("BOS-")

    wrong = desk.post(f"{path}/payment", pay, etag=issued.etag)
    answered(wrong, 201, status="partially_paid", outstanding_amount=FEE - FEE // 100)
    [payment] = wrong.body["payment_history"]
    assert (payment["recorded_by"], payment["reversal"]) == (desk.user_id, None)
    reverse, reason = f"{path}/payments/{payment['id']}/reverse", {"reason": "Two noughts too few."}
    right = answered(desk.post(reverse, reason, etag=wrong.etag), status="pending", outstanding_amount=FEE)
    refused(desk.post(reverse, reason, etag=right.etag), 409, "conflict", code="payment_reversed")
    too_much = desk.post(f"{path}/payment", {"amount": FEE + 1, "method": "cash"}, etag=right.etag)
    assert pointers(refused(too_much, 422, "invalid")) == {"/amount"}

    paid = desk.post(f"{path}/payment", {"amount": FEE, "method": "upi", "reference": "UPI 4471"}, etag=right.etag)
    answered(paid, 201, status="paid", outstanding_amount=0, paid_amount=FEE)
    history = [(one["amount"], one["reversal"] is not None) for one in paid.body["payment_history"]]
    assert history == [(FEE // 100, True), (FEE, False)]
    refused(desk.post(f"{path}/payment", pay, etag=paid.etag), 409, "conflict", code="bill_not_open")
    printed = printed_text(desk.get(f"{path}/pdf").ok())
    assert all(text in printed for text in (issued.body["number"], "KamalaKulkarni", "1,200.00", "UPI4471"))
    assert "₹12.00" not in printed


def test_a_visit_without_a_price_is_not_called_free(practice: TestClinic, kamala: dict[str, Any]) -> None:
    desk = practice.receptionist
    visit = practice.start({"patient_id": kamala["id"], "type": "emergency"}).ok(201).body["id"]
    complete(practice, visit).ok()

    draft = answered(bill_of(practice, visit), status="draft", needs_pricing=True, total_amount=0, line_items=[])
    path = f"/bills/{draft.body['id']}"

    refused(desk.post(f"{path}/issue", etag=draft.etag), 409, "conflict", code="bill_not_priced")
    printed = printed_text(desk.get(f"{path}/pdf").ok())
    assert "pricedyet" in printed
    assert "₹0.00" not in printed


def test_at_closing_time_each_question_is_one_request(own_clinic: TestClinic) -> None:
    desk, doctor = own_clinic.receptionist, own_clinic.doctor
    owing, paying = (own_clinic.session().body for _ in range(2))
    for session in (owing, paying):
        complete(own_clinic, session["id"]).ok()
    unpaid, bill = bill_of(own_clinic, owing["id"]).body, bill_of(own_clinic, paying["id"])
    desk.post(f"/bills/{bill.body['id']}/payment", {"amount": FEE, "method": "cash"}, etag=bill.etag).ok(201)
    changed = f"/patients/{owing['patient_id']}"
    desk.send("PATCH", changed, {"primary_phone": "+919845077777"}, etag=desk.get(changed).etag).ok()

    who_owes = answered(desk.get("/bills/owing"), outstanding=[{"currency": "INR", "amount": FEE}], complete=True)
    versions = desk.get(f"{changed}/versions").ok().body["items"]
    names = {one["id"]: one for one in desk.get("/users/names").ok().body["items"]}

    assert [one["id"] for one in who_owes.body["bills"]] == [unpaid["id"]]
    assert who_owes.body["bills"][0]["patient"]["name"] == "Zoë Fernandes"
    assert [(one["created_by"], one["before"]) for one in versions] == [
        (desk.user_id, {"primary_phone": "+919845012345"})
    ]
    assert (names[doctor.user_id]["name"], names[desk.user_id]["roles"]) == ("Meera Iyer", ["receptionist"])
    assert desk.get(f"/appointments?day={TOMORROW}").ok().body["items"] == []
    refused(desk.get("/reports?status=unsigned"), 403, "forbidden")
    refused(desk.get("/sessions?status=in_progress"), 403, "forbidden")
