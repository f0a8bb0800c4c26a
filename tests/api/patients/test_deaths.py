"""A patient who has died: shown, booked and written to no more, readable, and alive again after a mistake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.billing.helpers import act, issued, pay
from tests.api.links.test_sharing import TO_PATIENT, provider
from tests.api.links.test_sharing import post as share_report
from tests.api.patients.test_obligations import blockers, booked, completed
from tests.api.scheduling.helpers import WEEK, a_time, book, series
from tests.api.scheduling.test_waiting import candidates, decide, freed, offer, wait
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, consent_to
from tests.support.concurrency import at_once, statuses
from tests.support.patients import in_zone, path_of
from tests.support.problems import pointers
from tests.support.proofs import signed_report


def record(client: ApiClient, patient: Reply, **values: Any) -> Reply:
    """The answer to a death in this year: a visit until the day of the recording is possible then."""
    year = str(datetime.now(UTC).year)
    return client.post(f"{path_of(patient)}/deceased", {"date": year, **values}, etag=patient.etag or "", key="")


def dead(clinic: TestClinic) -> Reply:
    """A patient who died two days ago."""
    day = (datetime.now(UTC) - timedelta(days=2)).date()
    return record(clinic.receptionist, clinic.patient(), date=day.isoformat()).ok()


def is_deceased(reply: Reply) -> bool:
    return bool(reply.refused(409, "conflict").body["code"] == "patient_deceased")


def test_a_death_is_shown_in_answers_lists_and_search(own_clinic: TestClinic) -> None:
    in_zone(own_clinic, "UTC")
    patient, now = own_clinic.patient(), datetime.now(UTC)
    bill, appointment = completed(own_clinic, patient), booked(own_clinic, patient)

    died = record(
        own_clinic.receptionist, patient, reason="told by the sister", cancel_pending=[appointment["id"]]
    ).ok()

    death = {"date": str(now.year), "reason": "told by the sister", "recorded_on": now.date().isoformat()}
    assert died.body["deceased"] == death
    doctor, path = own_clinic.doctor, path_of(patient)
    assert doctor.get(path).ok().body["deceased"] == death
    assert [one["deceased"] for one in doctor.get("/patients").ok().body["items"]] == [death]
    search = doctor.post("/patients/search", {"text": "Fernandes"}).ok()
    assert [one["deceased"] for one in search.body["items"]] == [death]
    calendar = f"/appointments?patient_id={patient.body['id']}"
    for rows in (f"{path}/bills", f"{path}/sessions", f"{path}/appointments", calendar):
        assert [one["patient"]["deceased"] for one in doctor.get(rows).ok().body["items"]] == [True], rows
    assert doctor.get(f"/appointments/{appointment['id']}").ok().body["status"] == "cancelled"
    payment = {"amount": bill["total_amount"], "method": "cash"}
    own_clinic.receptionist.post(f"/bills/{bill['id']}/payment", payment, etag='"1"').ok(201)


def test_coming_appointments_are_named_and_nothing_is_changed(clinic: TestClinic) -> None:
    patient = clinic.patient()
    appointment = booked(clinic, patient)

    refused = record(clinic.admin, patient)

    assert blockers(refused) == [("appointment", appointment["id"])]
    assert clinic.doctor.get(path_of(patient)).ok().body == patient.body


def test_who_has_died_is_booked_no_more(clinic: TestClinic) -> None:
    patient, at = clinic.patient(), a_time()
    id, desk = patient.body["id"], clinic.receptionist
    last, waiting, free = book(clinic, id, at).ok(201), wait(clinic, id), freed(clinic, a_time())
    assert waiting.body["id"] in candidates(clinic, free)
    record(desk, patient, cancel_pending=[last.body["id"]]).ok()

    assert is_deceased(book(clinic, id, at))
    again = {"scheduled_at": a_time().isoformat(), "outside_schedule": True}
    assert is_deceased(desk.post(f"/appointments/{last.body['id']}/book-again", again))
    for path in ("series", "series/check"):
        assert is_deceased(desk.post(f"/appointments/{path}", series(clinic, id, at + WEEK)))
    assert is_deceased(desk.post("/appointments/waiting", {"patient_id": id}))
    assert is_deceased(offer(clinic, waiting, a_time()))
    assert waiting.body["id"] not in candidates(clinic, free)


def test_an_offer_is_withdrawn_with_the_death(clinic: TestClinic) -> None:
    patient, at = clinic.patient(), a_time()
    offered = offer(clinic, wait(clinic, patient.body["id"]), at).ok()
    appointment = offered.body["appointment_id"]
    assert blockers(record(clinic.receptionist, patient)) == [("appointment", appointment)]

    record(clinic.receptionist, patient, cancel_pending=[appointment]).ok()

    assert clinic.doctor.get(f"/appointments/{appointment}").ok().body["status"] == "cancelled"
    clinic.receptionist.get(f"/appointments/waiting/{offered.body['id']}").refused(404, "not-found")
    decide(clinic, offered, "accept").refused(404, "not-found")
    book(clinic, clinic.patient().body["id"], at).ok(201)


def test_only_the_visits_that_the_caller_saw_end_with_the_death(clinic: TestClinic) -> None:
    patient, other = clinic.patient(), booked(clinic, clinic.patient())
    seen, new = booked(clinic, patient), booked(clinic, patient)

    assert len(blockers(record(clinic.admin, patient, cancel_pending=[seen["id"]]))) == 2
    for wrong in ([other["id"]], "a", [None], ["x"] * 101):
        assert pointers(record(clinic.admin, patient, cancel_pending=wrong).refused(422, "invalid"))
    assert clinic.doctor.get(path_of(patient)).ok().body["deceased"] is None

    record(clinic.admin, patient, cancel_pending=[new["id"], seen["id"]]).ok()


def test_only_a_visit_up_to_the_death_is_registered(own_clinic: TestClinic) -> None:
    in_zone(own_clinic, "UTC")
    patient = dead(own_clinic)
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)

    def times(days_ago: int) -> dict[str, str]:
        start = noon - timedelta(days=days_ago)
        return {"started_at": start.isoformat(), "ended_at": (start + timedelta(minutes=20)).isoformat()}

    new = {"patient_id": patient.body["id"], "type": "followup"}
    assert is_deceased(own_clinic.start(new))
    assert is_deceased(own_clinic.start({**new, **times(1)}))
    begun = own_clinic.start({**new, **times(2)}).ok(201)
    path = f"/sessions/{begun.body['id']}"
    assert is_deceased(own_clinic.doctor.send("PATCH", path, times(1), etag=begun.etag or ""))


def test_a_session_after_the_death_does_not_move_there(clinic: TestClinic) -> None:
    patient, session = dead(clinic), clinic.session()
    move = {"patient_id": patient.body["id"], "from_patient_id": session.body["patient_id"], "reason": "wrong record"}

    assert is_deceased(clinic.doctor.post(f"/sessions/{session.body['id']}/move", move, etag=session.etag, key=""))


def test_nothing_is_lost_when_the_death_was_a_mistake(clinic: TestClinic) -> None:
    patient = clinic.patient()
    died = record(clinic.receptionist, patient).ok()
    assert record(clinic.receptionist, died).ok().body["revision"] == died.body["revision"]

    alive = clinic.admin.delete(f"{path_of(patient)}/deceased", etag=died.etag).ok()

    stamps = {"revision", "updated_at", "updated_by"}
    assert {**alive.body, **{name: patient.body[name] for name in stamps}} == patient.body
    book(clinic, patient.body["id"], a_time()).ok(201)
    assert len(clinic.doctor.get(f"{path_of(patient)}/versions").ok().body["items"]) == 2
    unchanged = clinic.admin.delete(f"{path_of(patient)}/deceased", etag=alive.etag).ok()
    assert unchanged.body["revision"] == alive.body["revision"]


def test_a_change_of_the_patient_keeps_the_death(clinic: TestClinic) -> None:
    died = record(clinic.receptionist, clinic.patient()).ok()

    changed = clinic.doctor.send("PATCH", path_of(died), {"occupation": "Teacher"}, etag=died.etag or "").ok()
    corrected = record(clinic.doctor, changed, date="2026-01").ok()

    assert changed.body["deceased"] == died.body["deceased"]
    assert corrected.body["deceased"]["date"] == "2026-01"


@pytest.mark.parametrize("date", ["9999", "1984-02-28", "1983", None, "yesterday", "2026-02-30"])
def test_a_death_has_a_date_neither_in_the_future_nor_before_the_birth(clinic: TestClinic, date: str | None) -> None:
    assert pointers(record(clinic.doctor, clinic.patient(), date=date).refused(422, "invalid")) == {"/date"}


def test_who_may_not_change_the_patient_records_no_death(clinic: TestClinic, other_clinic: TestClinic) -> None:
    patient = clinic.patient()
    for stranger in (clinic.other_doctor, other_clinic.admin):
        record(stranger, patient).refused(404, "not-found")
        stranger.delete(f"{path_of(patient)}/deceased", etag=patient.etag).refused(404, "not-found")
    path = f"{path_of(patient)}/doctors/{clinic.other_doctor.user_id}"
    shared = clinic.doctor.send("PUT", path, etag=patient.etag or "").ok()
    record(clinic.other_doctor, shared).refused(403, "forbidden")
    clinic.doctor.post(f"{path_of(patient)}/deceased", {"date": "2026"}, key="").refused(428, "precondition-required")
    record(clinic.doctor, patient).refused(412, "stale")
    record(clinic.doctor, shared).ok()


def test_of_a_death_and_bookings_at_once_one_kind_succeeds(clinic: TestClinic) -> None:
    patient, times = clinic.patient(), [a_time() for _ in range(8)]

    replies = at_once(8, lambda n: book(clinic, patient.body["id"], times[n]) if n else record(clinic.doctor, patient))

    made, died = statuses(replies).get(201, 0), replies[0].status == 200
    assert bool(made) != died


def test_no_bill_goes_to_who_has_died_and_it_stays_payable(clinic: TestClinic) -> None:
    patient = dead(clinic)
    bill = issued(clinic, patient=patient.body["id"])

    refused = act(clinic.receptionist, bill, "send", {"channel": "sms"}).refused(409, "conflict")

    assert [one["detail"] for one in refused.body["errors"]] == ["sms: patient_gone"]
    pay(clinic, bill, bill.body["total_amount"]).ok(201)


def test_a_report_is_shared_with_others_than_who_has_died(clinic: TestClinic) -> None:
    report = signed_report(clinic)
    patient = clinic.doctor.get(f"/patients/{report.partition('-')[0]}").ok()
    consent_to(clinic.doctor, patient.body["id"], purposes=["data_sharing"])
    record(clinic.receptionist, patient).ok()

    assert is_deceased(share_report(clinic, report, TO_PATIENT))
    share_report(clinic, report, {"recipient": provider(), "purpose": "treatment"}).ok()
    assert clinic.doctor.get(f"/reports/{report}").ok().body["patient"]["deceased"] is True
