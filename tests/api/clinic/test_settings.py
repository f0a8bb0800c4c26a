"""The clinic's settings: everybody reads them, its admins change them, and each change is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.demo.seed import SETTINGS
from shared.records.reminders.policy import POLICY_ID, ReminderPolicy, ReminderPolicyUpdate, fields_of_update
from shared.store.clinic import system_clinic
from shared.workflows.clinic import operator_settings
from tests.api.billing import helpers as billing
from tests.support.call_counts import calls_when_repeated, commit, query, reads
from tests.support.clinic_settings import OTHER_PREFIXES, PATH, change, refused
from tests.support.clinics import TestClinic, open_clinic
from tests.support.concurrency import at_once, statuses
from tests.support.crashes import audit_entries
from tests.support.problems import pointers
from tests.support.visits import bill_of, complete, new_session, reopen

ROOM = {"id": "blue", "name": "Blue"}
FEE = {"session_type": "emergency", "amount": 400_000, "description": "Emergency"}


@pytest.fixture(scope="module")
def clinic(stack: Any) -> TestClinic:
    """A clinic whose settings change."""
    return open_clinic(stack)


def before_each_change(clinic: TestClinic) -> list[dict[str, Any]]:
    return [one["before"] for one in clinic.admin.get(f"{PATH}/versions").ok().body["items"]]


def booked(clinic: TestClinic, **values: Any) -> str:
    """The id of an appointment in two days."""
    at = (datetime.now(UTC) + timedelta(days=2)).replace(hour=6, minute=0, second=0, microsecond=0)
    new = {"patient_id": clinic.silent_patient().body["id"], "doctor_id": clinic.doctor.user_id, **values}
    new |= {"scheduled_at": at.isoformat(), "outside_schedule": True}
    return str(clinic.receptionist.post("/appointments", new).ok(201).body["id"])


def test_everybody_reads_them_and_admins_change_them(clinic: TestClinic, other_clinic: TestClinic) -> None:
    read = clinic.receptionist.get(PATH).ok()
    assert read.body.items() >= {name: SETTINGS[name] for name in ("name", "address", "phone", "currency")}.items()
    assert not {"record_key", "live", "reminder_minutes", "series_of_prefixes"} & read.body.keys()
    for person in (clinic.doctor, clinic.receptionist):
        person.send("PATCH", PATH, {"payment_days": 30}, etag=read.etag).refused(403, "forbidden")
        person.get(f"{PATH}/versions").refused(403, "forbidden")

    clinic.admin.send("PATCH", PATH, {"payment_days": 30}).refused(428, "precondition-required")
    changed = clinic.admin.put(PATH, {"payment_days": 30, "payment_terms": None}, etag=read.etag).ok()
    clinic.admin.put(PATH, {"payment_days": 31}, etag=read.etag).refused(412, "stale")
    same = clinic.admin.put(PATH, {"payment_days": 30}, etag=changed.etag).ok()

    assert clinic.doctor.get(PATH).ok().body == changed.body == same.body
    assert (changed.body["payment_days"], changed.body["payment_terms"]) == (30, None)
    assert changed.body["fees"] == read.body["fees"], "what a change leaves out stays"
    assert other_clinic.admin.get(PATH).ok().body["payment_days"] == SETTINGS["payment_days"]
    assert other_clinic.admin.get(f"{PATH}/versions").ok().body["items"] == []
    assert before_each_change(clinic) == [{"payment_days": 15, "payment_terms": SETTINGS["payment_terms"]}]
    (version,) = clinic.admin.get(f"{PATH}/versions").ok().body["items"]
    assert (version["created_by"], version["revision"]) == (clinic.admin.user_id, changed.body["revision"])
    assert "clinic.update" in {entry["action"] for entry in audit_entries(clinic.id)}


def test_of_concurrent_changes_one_is_made(clinic: TestClinic) -> None:
    etag, kept = clinic.admin.get(PATH).etag, len(before_each_change(clinic))

    replies = at_once(4, lambda n: clinic.admin.send("PATCH", PATH, {"undo_minutes": 20 + n}, etag=etag))

    assert statuses(replies) == {200: 1, 412: 3}
    assert len(before_each_change(clinic)) == kept + 1


def test_what_the_operator_alone_sets_is_shown_and_refused(clinic: TestClinic) -> None:
    operator_settings.set_second_factor(clinic.id, required=True)

    assert clinic.doctor.get(PATH).ok().body["signing_requires_second_factor"] is True
    names = ("signing_requires_second_factor", "trainees_need_cosignature", "default_template_id", "logo_sha256")
    assert refused(clinic, 422, "invalid", **dict.fromkeys(names)).keys() == {f"/{name}" for name in names}
    newest = clinic.admin.get(f"{PATH}/versions").ok().body["items"][0]
    assert (newest["created_by"], newest["before"]) == ("system", {"signing_requires_second_factor": False})
    operator_settings.set_second_factor(clinic.id, required=False)


def test_every_problem_is_named_and_nothing_is_kept(clinic: TestClinic) -> None:
    before = clinic.admin.get(PATH).ok().body

    assert refused(clinic, 422, "invalid", gst_number="29ABCDE1234F1ZX").keys() == {"/gst_number"}, "the check digit"
    found = refused(
        clinic,
        422,
        "invalid",
        hours=[{"day": "monday", "opens": f"{h:02d}:00", "closes": f"{h + 2:02d}:00"} for h in (9, 10)],
        fees=[FEE, FEE, {**FEE, "session_type": "massage", "doctor_id": clinic.receptionist.user_id}],
        number_prefixes={**OTHER_PREFIXES, "receipt": "INV"},
        rooms=[ROOM, ROOM],
    )
    assert found.keys() == {
        *("/hours/1", "/fees/1", "/fees/2/session_type", "/fees/2/doctor_id", "/number_prefixes/receipt", "/rooms/1"),
    }
    assert clinic.admin.get(PATH).ok().body == before


def test_fees_of_a_doctor_price_that_doctors_visits(own_clinic: TestClinic, other_clinic: TestClinic) -> None:
    doctor, fees = own_clinic.doctor.user_id, SETTINGS["fees"]
    own = {"session_type": "followup", "amount": 99_000, "description": "Follow-up", "doctor_id": doctor}
    elsewhere = {**own, "doctor_id": other_clinic.doctor.user_id}
    assert refused(own_clinic, 422, "invalid", fees=[elsewhere]).keys() == {"/fees/0/doctor_id"}
    change(own_clinic, fees=[*fees, own]).ok()

    session = own_clinic.session()
    own_clinic.doctor.post(f"/sessions/{session.body['id']}/complete", etag=session.etag).ok()
    path = f"/bills/{session.body['id']}-bill"
    bill = own_clinic.until(lambda: own_clinic.doctor.get(path), lambda reply: reply.status == 200)

    assert bill.body["total_amount"] == 99_000
    roles = f"/users/{doctor}/roles"
    etag = own_clinic.admin.get(f"/users/{doctor}").etag
    own_clinic.forget_running()
    own_clinic.admin.put(roles, {"roles": ["receptionist"]}, etag=etag).ok()
    change(own_clinic, fees=[own]).ok()  # the fee of one who is no doctor any more does not hold a change up


def test_the_currency_stays_while_bills_are_open(own_clinic: TestClinic) -> None:
    in_dollars = {"currency": "USD", "fees": [{**FEE, "amount": 5_000}]}
    assert refused(own_clinic, 422, "invalid", currency="USD").keys() == {"/fees"}
    bill = billing.issued(own_clinic, 50_000)

    found = change(own_clinic, **in_dollars).refused(409, "conflict")
    assert (found.body["code"], set(pointers(found))) == ("settings_in_use", {"/currency"})

    paid = billing.pay(own_clinic, bill, 50_000).ok(201)
    change(own_clinic, **in_dollars).ok()
    lines = {"reason": "Another price", "line_items": [{**billing.LINE, "unit_price": 40_000}]}
    amended = billing.act(own_clinic.receptionist, paid, "amend", lines).ok(201)
    assert amended.body["currency"] == "INR", "a bill that replaces another one is in its currency"
    assert billing.draft(own_clinic).ok(201).body["currency"] == "USD"


def test_a_draft_with_taxes_of_before_is_priced_again_before_it_is_issued(own_clinic: TestClinic) -> None:
    taxed = {"tax": {"rate_percent": "18", "label": "GST"}}
    drafts = [billing.draft(own_clinic, 50_001, line_items=[{**billing.LINE, **taxed}]).ok(201) for _ in range(2)]
    same = billing.draft(own_clinic, 50_000).ok(201)
    change(own_clinic, gst_number="29ABCDE1234F1ZW").ok()

    found = billing.act(own_clinic.receptionist, drafts[0], "issue").refused(409, "conflict")
    assert found.body["code"] == "bill_tax_changed"
    priced = own_clinic.receptionist.send("PATCH", f"/bills/{drafts[0].body['id']}", {}, etag=drafts[0].etag).ok()
    assert [tax["label"] for tax in priced.body["taxes"]] == ["CGST", "SGST"]
    billing.act(own_clinic.receptionist, priced, "issue").ok()
    billing.act(own_clinic.receptionist, same, "issue").ok()  # exempt before and after
    change(own_clinic, gst_number=None).ok()
    billing.act(own_clinic.receptionist, drafts[1], "issue").ok()  # right again


def test_a_session_that_ends_again_issues_no_draft_with_taxes_of_before(own_clinic: TestClinic) -> None:
    change(own_clinic, bill_issue="by_desk").ok()
    visits = [new_session(own_clinic), new_session(own_clinic)]
    own_clinic.forget_running()
    for visit, tax in zip(visits, ({"rate_percent": "18"}, {"rate_percent": "0"}), strict=True):
        complete(own_clinic, visit).ok()
        lines = {"line_items": [{**billing.LINE, "tax": tax}]}
        own_clinic.receptionist.send("PATCH", f"/bills/{visit}-bill", lines, etag=bill_of(own_clinic, visit).etag).ok()
    change(own_clinic, gst_number="29ABCDE1234F1ZW", bill_issue="at_once").ok()

    for visit in visits:
        reopen(own_clinic, visit).ok()
        own_clinic.forget_running()
        complete(own_clinic, visit).ok()
    own_clinic.stack.wait_idle(60)

    states = [own_clinic.doctor.get(f"/bills/{visit}-bill").ok().body["status"] for visit in visits]
    assert states == ["draft", "pending"]


def test_rooms_and_the_time_zone_stay_while_appointments_are_coming(own_clinic: TestClinic) -> None:
    change(own_clinic, rooms=[ROOM, {"id": "red", "name": "Red"}]).ok()
    appointment = booked(own_clinic, room_id="blue")
    agreed = own_clinic.doctor.get(f"/appointments/{appointment}").ok().body

    found = refused(own_clinic, 409, "conflict", rooms=[], time_zone="Asia/Dubai", name="Aster")
    assert found.keys() == {"/rooms", "/time_zone"}
    assert found["/rooms"] == "appointments are coming in the room blue: move them first"
    assert refused(own_clinic, 422, "invalid", rooms=[], fees=[FEE, FEE]).keys() == {"/rooms", "/fees/1"}, "all at once"

    change(own_clinic, rooms=[{**ROOM, "name": "Azure"}], time_zone="Asia/Dubai", despite_appointments=True).ok()
    after = own_clinic.doctor.get(f"/appointments/{appointment}").ok().body
    assert {name: after[name] for name in ("scheduled_at", "local_time", "time_zone")} == {
        name: agreed[name] for name in ("scheduled_at", "local_time", "time_zone")
    }
    own_clinic.receptionist.post(f"/appointments/{appointment}/cancel", {}, etag=f'"{after["revision"]}"', key="").ok()
    change(own_clinic, rooms=[]).ok()
    change(own_clinic, time_zone="Asia/Kolkata").ok()


def test_a_name_that_networks_refuse_needs_a_shorter_one_for_messages(own_clinic: TestClinic) -> None:
    long = "Banyan Mental Health of All India"
    registered = fields_of_update(ReminderPolicyUpdate(enabled=False, dlt_entity_id="1101234567890123456"))
    system_clinic(own_clinic.id, "planted").perform(
        "reminders.plant", lambda work: work.upsert(ReminderPolicy.new(POLICY_ID, work.stamp, **registered))
    )

    assert refused(own_clinic, 422, "invalid", name=long).keys() == {"/name"}
    assert refused(own_clinic, 422, "invalid", message_name=long).keys() == {"/message_name"}
    change(own_clinic, name=long, message_name="Banyan").ok()


def test_call_counts(own_clinic: TestClinic) -> None:
    etag = [own_clinic.admin.get(PATH).etag]

    def changed(days: int) -> None:
        etag.append(own_clinic.admin.send("PATCH", PATH, {"payment_days": days}, etag=etag[-1]).ok().etag)

    days = iter(range(20, 30))
    # The caller and the settings; settings, version and audit entry.
    assert calls_when_repeated(own_clinic, "clinic", lambda: changed(next(days))) == [reads(2), commit(3)]
    read = calls_when_repeated(own_clinic, "clinic", lambda: own_clinic.doctor.get(PATH).ok())
    assert read == [reads(2), commit(1)]
    listed = calls_when_repeated(
        own_clinic, "clinic", lambda: own_clinic.admin.get(f"{PATH}/versions?page_size=1").ok()
    )
    assert listed == [reads(1), query(2), commit(1)]
