"""The page of an appointment: who confirms, asks for another time or cancels by it, and what everybody else sees."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from local.services.kit.recorder import Fault
from shared.records.links.link import MOST_WRONG
from shared.store.context import utc_now
from tests.api.links.test_pages import says
from tests.api.links.test_scanner import FILLERS, Scanner
from tests.api.scheduling.helpers import a_time, act, book
from tests.support import crashes
from tests.support.audit import entries, verify
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once
from tests.support.database import alter
from tests.support.links import BORN, Invited, answer, choose, form_of, invite, typing_time, visit
from tests.support.problems import pointers
from tests.support.proofs import raw
from tests.support.visits import set_clinic, set_sealed

REASON, COMPLAINT = "Panic at night", "Agoraphobia"


@pytest.fixture(scope="module")
def patient(clinic: TestClinic) -> str:
    return str(clinic.patient().body["id"])


def booked(clinic: TestClinic, patient: str, **values: Any) -> Reply:
    """An appointment next week or later: what is taken is free an hour later."""
    said = {"reason_for_visit": REASON, "chief_complaint": COMPLAINT, "time_zone": "Asia/Kolkata", **values}
    return book(clinic, patient, a_time() + timedelta(days=7), clinic.doctor, **said).ok(201)


@pytest.fixture
def invited(clinic: TestClinic, patient: str) -> Invited:
    return invite(clinic, booked(clinic, patient))


def now(clinic: TestClinic, invited: Invited) -> dict[str, Any]:
    """The appointment as the desk reads it."""
    return dict(clinic.receptionist.get(f"/appointments/{invited.id}").ok().body)


def text_of(reply: Reply) -> str:
    return reply.content.decode()


def soon(clinic: TestClinic, invited: Invited, **left: int) -> None:
    """Let the visit begin in so long."""
    alter(clinic, f"appointments/{invited.id}", {"scheduled_at": utc_now() + timedelta(**left)})


def test_looking_shows_clinic_doctor_and_time_and_changes_nothing(clinic: TestClinic, invited: Invited) -> None:
    before, audited = raw(clinic, f"links/{invited.link_id}"), len(entries(clinic, "appointment.confirm"))

    page = says(visit(invited.url), 200, "Your appointment")
    hindi = visit(f"{invited.url}?lang=hi").ok()
    visit(invited.url, "HEAD").ok()

    shown = text_of(page)
    local = invited.appointment.body["local_time"]
    for value in ("Banyan Mental Health", local[11:16], "Asia/Kolkata, UTC+05:30", f" {int(local[8:10])} ", local[:4]):
        assert value in shown
    assert "आपकी अपॉइंटमेंट" in text_of(hindi)
    for secret in ("Zoë", "Fernandes", "1984", REASON, COMPLAINT, "<script", "Panic"):
        assert secret not in shown
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert raw(clinic, f"links/{invited.link_id}") == before
    assert len(entries(clinic, "appointment.confirm")) == audited


def test_the_patient_confirms_in_two_steps(clinic: TestClinic, patient: str, invited: Invited) -> None:
    says(choose(invited.url, "confirm"), 200, "Will you come?")
    assert now(clinic, invited)["status"] == "scheduled", "the first step does nothing"

    says(answer(invited.url, "confirm"), 200, "Thank you: you are expected")

    seen = now(clinic, invited)
    assert (seen["status"], seen["confirmed_by"], seen["updated_by"]) == ("confirmed", patient, patient)
    assert raw(clinic, f"links/{invited.link_id}")["revision"] == 2
    entry = entries(clinic, "appointment.confirm")[-1]
    verify(clinic, entry)
    assert (entry["outcome"], entry["origin"]["purpose"], entry["patient_ids"]) == ("done", "link", [patient])
    assert {f"links/{invited.link_id}", f"appointments/{invited.id}"} <= set(entry["documents"])
    again = text_of(visit(invited.url).ok())
    assert "You have confirmed it." in again
    assert 'value="confirm"' not in again


def test_the_patient_cancels_and_the_time_is_free(clinic: TestClinic, patient: str, invited: Invited) -> None:
    says(choose(invited.url, "cancel"), 200, "Cancel this appointment?")

    says(answer(invited.url, "cancel"), 200, "Your appointment is cancelled")

    seen = now(clinic, invited)
    assert (seen["status"], seen["cancelled_by"]) == ("cancelled", patient)
    book(clinic, patient, datetime.fromisoformat(invited.appointment.body["scheduled_at"]), clinic.doctor).ok(201)
    page = says(visit(invited.url), 410, "This appointment is cancelled")
    assert b"<form" not in page.content


def test_the_desk_lists_and_answers_requests_for_another_time(
    clinic: TestClinic, patient: str, invited: Invited
) -> None:
    day = (utc_now() + timedelta(days=30)).date().isoformat()
    asked = {"day1": day, "part1": "evening", "day2": "", "part2": "any", "wish": "After\r\nwork <b>"}
    wrong = answer(invited.url, "other_time", **{**asked, "day1": "2020-01-01"})
    says(wrong, 422, "Please check what you entered")
    assert "&lt;b&gt;" in text_of(wrong), "what was typed stays, escaped"

    says(answer(invited.url, "other_time", **asked), 200, "Your request was sent")

    listed = clinic.receptionist.get("/appointments?asks_other_time=true").ok().body["items"]
    (found,) = [one for one in listed if one["id"] == invited.id]
    request = found["other_time_request"]
    assert (request["preferred"], request["wish"]) == ([{"day": day, "part_of_day": "evening"}], "After\nwork <b>")
    assert found["status"] == "scheduled"
    assert 'value="other_time"' not in text_of(visit(invited.url).ok())
    path = f"/appointments/{invited.id}"
    etag = clinic.receptionist.get(path).etag
    clinic.receptionist.send("PATCH", path, {"asks_other_time": True}, etag=etag).refused(422, "invalid")
    clinic.receptionist.send("PATCH", path, {"asks_other_time": False}, etag=etag).ok()
    listed = clinic.doctor.get("/appointments?asks_other_time=true").ok().body["items"]
    assert invited.id not in [one["id"] for one in listed]
    refused = clinic.receptionist.get(f"/appointments?asks_other_time=true&status=scheduled&patient_id={patient}")
    assert pointers(refused.refused(422, "invalid")) == {"patient_id", "status"}


def test_a_scanner_that_posts_every_form_changes_nothing(clinic: TestClinic, invited: Invited) -> None:
    before = raw(clinic, f"links/{invited.link_id}"), now(clinic, invited)

    seen: list[str] = []
    for url in (invited.url, f"{invited.url}?lang=hi"):
        for method in ("HEAD", "OPTIONS"):
            visit(url, method)
        first = Scanner(text_of(visit(url).ok()))
        for posted in [{**form, **button} for form in first.forms for button in [{}, *first.buttons]]:
            second = Scanner(text_of(visit(url, "POST", posted).ok()))
            for form, filler in product(second.forms, FILLERS):
                filled = {name: value or filler for name, value in form.items()}
                seen.append(f"{form.get('answer')} {visit(url, 'POST', filled).status}")
            # A year that somebody may be born in, at once: nobody types that fast.
            guesses = [{**form, "year": "1984"} for form in second.forms if "year" in form]
            assert all(visit(url, "POST", guess).status == 409 for guess in guesses)
    assert {one.partition(" ")[0] for one in seen} == {"None", "confirm", "other_time", "cancel"}
    assert {"200", "422"} == {one.partition(" ")[2] for one in seen}, "the first form leads on, the second needs a year"
    assert (raw(clinic, f"links/{invited.link_id}"), now(clinic, invited)) == before


def test_a_form_counts_once_and_for_its_own_answer(clinic: TestClinic, invited: Invited) -> None:
    form = form_of(choose(invited.url, "confirm"))
    first = form_of(visit(invited.url))
    typing_time()
    posted = {"sure": "1", "year": BORN["year"]}
    altered = form[:-9] + ("0" if form[-9] != "0" else "1") + form[-8:]  # the last letter has bits that mean nothing

    for value, wanted in ((form, "cancel"), (first, "cancel"), (altered, "confirm"), ("", "confirm")):
        says(visit(invited.url, "POST", {"form": value, "answer": wanted, **posted}), 409, "Please do it once more")
    replies = at_once(3, lambda _: visit(invited.url, "POST", {"form": form, "answer": "confirm", **posted}))

    assert sorted(reply.status for reply in replies)[0] == 200
    assert raw(clinic, f"links/{invited.link_id}")["revision"] == 2
    assert now(clinic, invited)["revision"] == invited.appointment.body["revision"] + 1


def test_five_wrong_years_lock_the_link(clinic: TestClinic, invited: Invited) -> None:
    alter(clinic, f"links/{invited.link_id}", {"wrong_passcodes": MOST_WRONG - 2})

    wrong = says(answer(invited.url, "cancel", "1985"), 403, "That does not match")
    says(answer(invited.url, "cancel", "1985"), 423, "This link is locked")

    assert 'aria-invalid="true"' in text_of(wrong)
    assert entries(clinic, "appointment.cancel")[-1]["outcome"] == "wrong-passcode"
    says(visit(invited.url), 423, "This link is locked")
    assert now(clinic, invited)["status"] == "scheduled"


def test_a_link_of_an_earlier_time_says_so_and_does_nothing(clinic: TestClinic, patient: str) -> None:
    old = invite(clinic, booked(clinic, patient))
    form = form_of(choose(old.url, "cancel"))
    move = {"scheduled_at": (a_time() + timedelta(days=8)).isoformat(), "outside_schedule": True}
    moved = act(clinic.receptionist, old.appointment, "reschedule", move).ok(201)
    typing_time()

    stale = visit(old.url, "POST", {"form": form, "answer": "cancel", "sure": "1", "year": BORN["year"]})

    says(stale, 410, "This appointment has changed")
    says(visit(old.url), 410, "This appointment has changed")
    assert clinic.receptionist.get(f"/appointments/{moved.body['id']}").ok().body["status"] == "scheduled"
    new = invite(clinic, moved)
    says(answer(new.url, "confirm"), 200, "Thank you: you are expected")


def test_another_doctor_is_another_arrangement(clinic: TestClinic, invited: Invited) -> None:
    alter(clinic, f"appointments/{invited.id}", {"doctor_id": None})

    says(answer_unasked(invited), 410, "This appointment has changed")


def answer_unasked(invited: Invited) -> Reply:
    return visit(invited.url, "POST", {"form": "x", "answer": "cancel", "sure": "1", "year": BORN["year"]})


@pytest.mark.parametrize("fields", [{"session_id": "a"}, {"checked_in_at": utc_now()}, {"status": "no_show"}])
def test_a_visit_that_has_begun_takes_no_answer(clinic: TestClinic, invited: Invited, fields: dict[str, Any]) -> None:
    alter(clinic, f"appointments/{invited.id}", fields)

    says(answer_unasked(invited), 410, "This appointment is past")


def test_shortly_before_the_visit_the_page_asks_to_call(clinic: TestClinic, invited: Invited) -> None:
    set_sealed(clinic, phone="+912245670000")
    form = form_of(visit(invited.url))
    soon(clinic, invited, hours=23)

    late = says(visit(invited.url, "POST", {"form": form, "answer": "cancel"}), 409, "Please call the practice")
    page = says(visit(invited.url), 200, "Your appointment")

    for shown in (late, page):
        assert '<a href="tel:+912245670000">+912245670000</a>' in text_of(shown)
        assert 'value="cancel"' not in text_of(shown)
    says(answer(invited.url, "confirm"), 200, "Thank you: you are expected")
    set_clinic(clinic, cancel_by_link_hours=2)
    try:
        assert 'value="cancel"' in text_of(visit(invited.url))
    finally:
        set_clinic(clinic, cancel_by_link_hours=24)
    soon(clinic, invited, minutes=-1)
    says(visit(invited.url), 410, "This appointment is past")


def test_a_process_that_dies_while_it_cancels_has_done_all_or_nothing(clinic: TestClinic, invited: Invited) -> None:
    form = form_of(choose(invited.url, "cancel"))
    typing_time()
    posted = {"form": form, "answer": "cancel", "sure": "1", "year": BORN["year"]}
    with crashes.quiet(clinic.stack):
        death = clinic.stack.recorder.plant(Fault("firestore", "Commit", "links", "kill"))
        lost = visit(invited.url, "POST", posted)
        assert death.fired.wait(10), lost

    assert lost.status == 502
    says(visit(invited.url, "POST", posted), 410, "This appointment is cancelled")
    assert now(clinic, invited)["status"] == "cancelled"
    assert raw(clinic, f"links/{invited.link_id}")["revision"] == 2


def test_a_deleted_patient_ends_the_link(clinic: TestClinic) -> None:
    patient = str(clinic.patient().body["id"])
    invited = invite(clinic, booked(clinic, patient))
    alter(clinic, f"patients/{patient}", {"live": False})

    says(answer_unasked(invited), 410, "This appointment has changed")


def test_the_calls_of_a_page_and_of_an_answer(clinic: TestClinic, invited: Invited) -> None:
    """A page reads the link, and then the settings, the doctor's name, and appointment and patient unopened. An answer
    does so, reads them again with counter and keys, and writes link, appointment and audit entry."""
    visit(invited.url).ok()
    looking = calls_during(clinic, "links", lambda: visit(invited.url).ok())
    form = form_of(choose(invited.url, "confirm"))
    typing_time()
    posted = {"form": form, "answer": "confirm", "sure": "1", "year": BORN["year"]}

    answering = calls_during(clinic, "links", lambda: visit(invited.url, "POST", posted).ok())

    assert looking == [reads(1), reads(4)]
    assert answering == [reads(1), reads(4), reads(6), commit(3)]
