"""Messages about appointments, from the change that causes them to the patient: one each, and none that is not true."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import vobject

from local.services.firestore.google.backend import GoogleFirestore
from local.services.kit.recorder import Fault
from local.services.smtp.relay import LOST, Reply
from local.services.smtp.service import SmtpService
from local.services.twilio import messages as twilio
from local.services.twilio.service import TwilioService
from local.stack.stack import Stack
from shared.records.messages.message import SENDING_TAKES, PatientMessage, model_of
from shared.records.reminders.notices import VisitNotice
from shared.store.clinic import Clinic, system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.messages import queueing, sending
from shared.workflows.reminders import sweeping, telling
from shared.workflows.reminders.telling import Due
from tests.api.scheduling.helpers import act, book
from tests.support import client as http
from tests.support import crashes as support
from tests.support.clinics import NAMESAKE, TestClinic, open_clinic
from tests.support.database import alter
from tests.support.links import answer

POLICY = {"reminders": [2_880, 120], "quiet_time": None, "languages": ["en", "hi"]}
QUIET = {**POLICY, "notices": []}
"""Reminders alone."""
LINK = re.compile(r"http://\S+/links/\S+")
_COUNT = itertools.count(1)


def next_time() -> datetime:
    """A time that no other visit of this file has: Cloud Tasks takes tasks for the next 30 days."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return hour + timedelta(days=4, hours=next(_COUNT))


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """A clinic that sends reminders."""
    made = open_clinic(stack)
    made.admin.put("/clinic/reminders", QUIET).ok()
    return made


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield


def set_policy(clinic: TestClinic, **changes: Any) -> None:
    """Change the policy."""
    now = clinic.admin.get("/clinic/reminders").ok()
    clinic.admin.put("/clinic/reminders", {**QUIET, **changes}, etag=now.etag or "").ok()


@pytest.fixture
def told(clinic: TestClinic) -> Iterator[TestClinic]:
    """The clinic while it tells patients of changes."""
    set_policy(clinic, notices=["booked", "moved", "cancelled"])
    yield clinic
    set_policy(clinic)


def wall_time(appointment: http.Reply) -> str:
    """The start as a message in Hindi names it."""
    local = appointment.body["local_time"]
    return f"{local[:10]} को {local[11:16]} बजे"


class Visit:
    """A booked appointment of a patient with addresses of their own."""

    def __init__(self, clinic: TestClinic, **patient: Any) -> None:
        number = next(_COUNT) + 10_000
        self.clinic = clinic
        self.phone, self.mail = f"+91981{number:07}", f"asha{number}@home.example"
        new = {**NAMESAKE, "primary_phone": None, "email": self.mail, **patient}
        self.patient = clinic.doctor.post("/patients", new).ok(201)
        self.patient_since = datetime.fromisoformat(self.patient.body["created_at"])
        self.at = next_time()
        self.booked = book(clinic, self.patient.body["id"], self.at).ok(201)
        self.id = self.booked.body["id"]

    def due(self, minutes: int = 120) -> Due:
        return Due(self.id, self.at, VisitNotice.REMINDER, minutes)

    def when_due(self, minutes: int = 120) -> Clinic:
        """The clinic at the time of the reminder."""
        at = self.at - timedelta(minutes=minutes)
        return system_clinic(self.clinic.id, "test", lambda: at)

    def remind(self, minutes: int = 120) -> None:
        """Do what the task of the reminder does at its time, and wait until all is done."""
        telling.tell(self.when_due(minutes), self.due(minutes))
        self.clinic.stack.wait_idle(60)

    def queued(self) -> PatientMessage:
        """The reminder, queued and not dispatched."""
        message = self.when_due().perform("test.queue", lambda work: telling._told(work, self.due()))
        assert isinstance(message, PatientMessage)
        return message

    def change_patient(self, **changes: Any) -> None:
        path, etag = f"/patients/{self.patient.body['id']}", self.patient.etag or ""
        self.clinic.doctor.send("PATCH", path, changes, etag=etag).ok()

    def seen(self) -> http.Reply:
        return self.clinic.receptionist.get(f"/appointments/{self.id}").ok()

    def messages(self) -> list[tuple[str, str, str | None]]:
        """Kind, status and code of each message, newest first."""
        found = self.clinic.receptionist.get(f"/appointments/{self.id}/messages").ok().body["items"]
        return [(one["message_kind"], one["status"], one["error_code"]) for one in found]

    def mails(self) -> list[str]:
        """The texts of the mails that the patient got."""
        return [body.get_content() for one in self.sent() if (body := one.get_body(("plain",)))]

    def sent(self) -> list[Any]:
        """The mails to the patient, with what comes beside their texts."""
        return list(self.clinic.stack.service(SmtpService).relay.mails(self.mail))


def test_a_booking_a_move_and_a_cancellation_are_told_once_each(told: TestClinic) -> None:
    visit = Visit(told, preferred_language="hi-IN")
    told.stack.wait_idle(60)
    assert visit.messages() == [("visit_booked", "sent", None)]
    later = next_time()

    moved = move(visit, later)
    told.stack.wait_idle(60)
    again = told.receptionist.post(f"/appointments/{moved.body['id']}/confirm", key="", etag=moved.etag).ok()
    told.stack.wait_idle(60)
    act(told.receptionist, again, "cancel").ok()
    told.stack.wait_idle(60)

    first, second, third = (" ".join(text.split()) for text in visit.mails())
    old, new = (wall_time(one) for one in (visit.booked, moved))
    assert old in first
    assert new in second
    assert new in third
    assert [len(LINK.findall(text)) for text in (first, second, third)] == [1, 1, 0]
    assert "अब यह" in second
    assert "रद्द" in third
    listed = told.receptionist.get(f"/appointments/{moved.body['id']}/messages").ok().body
    assert [one["message_kind"] for one in listed["items"]] == ["visit_cancelled", "visit_moved"]
    assert listed["scheduled"] is None
    files = [vobject.readOne(file.get_content()) for mail in visit.sent() for file in mail.iter_attachments()]
    assert [one.method.value for one in files] == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({one.vevent.uid.value for one in files}) == 1
    numbers = [int(one.vevent.sequence.value) for one in files]
    assert numbers == sorted(set(numbers))
    assert {one.vevent.attendee.value for one in files} == {f"mailto:{visit.mail}"}


def test_a_reminder_goes_once_and_the_appointment_shows_it(clinic: TestClinic) -> None:
    visit = Visit(clinic)
    before = visit.clinic.receptionist.get(f"/appointments/{visit.id}/messages").ok().body

    visit.remind()
    visit.remind()

    assert [one["minutes_before"] for one in before["scheduled"]["reminders"]] == [2_880, 120]
    assert datetime.fromisoformat(before["scheduled"]["reminders"][1]["scheduled_for"]) == visit.at - timedelta(hours=2)
    (text,) = visit.mails()
    assert not [*visit.sent()[0].iter_attachments()], "the calendar has the visit already"
    assert visit.messages() == [("visit_reminder", "sent", None)]
    seen = visit.seen()
    assert (seen.body["reminder_sent"], seen.etag) == (True, visit.booked.etag)
    local = seen.body["local_time"]
    assert f"{local[:10]} at {local[11:16]}" in text.replace("\n", " ")
    (link,) = LINK.findall(text)
    answer(link, "confirm").ok()
    assert visit.seen().body["status"] == "confirmed"


def test_the_channel_is_the_first_by_which_the_message_may_go(clinic: TestClinic) -> None:
    set_policy(clinic, channels=["sms", "mail"])
    abroad, indian = Visit(clinic, primary_phone="+12015550123"), Visit(clinic)
    indian.change_patient(primary_phone="+919845012345")
    out = {"mail": {"allowed": False}}
    clinic.receptionist.put(f"/patients/{indian.patient.body['id']}/contact", out).ok()
    neither = Visit(clinic, email=None)

    for visit in (abroad, indian, neither):
        visit.remind()

    (body,) = [one.body for one in clinic.stack.service(TwilioService).messages.to("+12015550123")]
    assert "expects you on" in body
    assert len(LINK.findall(body)) == 1
    assert abroad.mails() == indian.mails() == []
    assert indian.messages() == [("visit_reminder", "cancelled", "not_registered")]
    assert neither.messages() == [("visit_reminder", "cancelled", "no_address")]


def test_a_registered_text_goes_to_an_indian_number_as_it_is_registered(clinic: TestClinic) -> None:
    text = {
        "notice": "reminder",
        "channel": "sms",
        "language": "en",
        "body": "Dear patient, {clinic_name} expects you on {visit_day} at {visit_time}.",
        "dlt_template_id": "1107161234567890123",
    }
    set_policy(clinic, languages=["en"], dlt_entity_id="1101234567890123456", own_texts=[text])
    visit = Visit(clinic)
    visit.change_patient(primary_phone="+919845099887")

    visit.remind()
    set_policy(clinic)

    (body,) = [one.body for one in clinic.stack.service(TwilioService).messages.to("+919845099887")]
    local = visit.seen().body["local_time"]
    assert body.startswith("Dear patient, ")
    assert body.endswith(f" expects you on {local[:10]} at {local[11:16]}.")


def cancel(visit: Visit) -> None:
    act(visit.clinic.receptionist, visit.seen(), "cancel").ok()


def move(visit: Visit, to: datetime | None = None) -> http.Reply:
    new = {"scheduled_at": (to or next_time()).isoformat(), "outside_schedule": True}
    return act(visit.clinic.receptionist, visit.seen(), "reschedule", new).ok(201)


def unassign(visit: Visit) -> None:
    alter(visit.clinic, f"appointments/{visit.id}", {"doctor_id": None})


def in_place(visit: Visit) -> None:
    alter(visit.clinic, f"appointments/{visit.id}", {"scheduled_at": visit.at + timedelta(hours=1)})


def end(status: str, visit: Visit) -> None:
    alter(visit.clinic, f"appointments/{visit.id}", {"status": status})


def check_in(visit: Visit) -> None:
    act(visit.clinic.receptionist, visit.seen(), "check-in").ok()


def opt_out(visit: Visit) -> None:
    path = f"/patients/{visit.patient.body['id']}/contact"
    visit.clinic.receptionist.put(path, {"mail": {"allowed": False, "said": "in_writing"}}).ok()


def record_death(visit: Visit) -> None:
    """The patient has died; the visit is cancelled with it."""
    path, body = f"/patients/{visit.patient.body['id']}/deceased", {"date": "2026", "cancel_pending": [visit.id]}
    visit.clinic.receptionist.post(path, body, etag=visit.patient.etag or "", key="").ok()


def die(visit: Visit) -> None:
    """The patient has died, and the visit is still booked, as one whose death is recorded at its very time."""
    record_death(visit)
    alter(visit.clinic, f"appointments/{visit.id}", {"status": "scheduled"})


def delete(visit: Visit) -> None:
    patient = visit.clinic.doctor.get(f"/patients/{visit.patient.body['id']}").ok()
    alter(visit.clinic, f"patients/{patient.body['id']}", {"live": False})


def change_address(visit: Visit) -> None:
    visit.change_patient(email="new@home.example")


def switch_off(visit: Visit) -> None:
    set_policy(visit.clinic, reminders=[2_880])


def require_opt_in(visit: Visit) -> None:
    set_policy(visit.clinic, opt_in_required=True)


CHANGES: dict[str, tuple[Callable[[Visit], object], str | None, str | None]] = {
    "cancelled": (cancel, "appointment_changed", "appointment_changed"),
    "moved": (move, "appointment_changed", "appointment_changed"),
    "moved in place": (in_place, "appointment_changed", "appointment_changed"),
    "completed": (partial(end, "completed"), "appointment_changed", "appointment_changed"),
    "no-show": (partial(end, "no_show"), "appointment_changed", "appointment_changed"),
    "checked in": (check_in, "appointment_changed", "appointment_changed"),
    "no doctor": (unassign, "no_doctor", "no_doctor"),
    "opted out": (opt_out, "opted_out", "opted_out"),
    "not opted in": (require_opt_in, "not_opted_in", "not_opted_in"),
    "other address": (change_address, None, "address_changed"),
    "not wanted": (switch_off, "", "not_wanted"),
}
"""What changes before a reminder; why it does not go then: when the change comes before it is due, and when it comes
after it was queued. None if it goes, empty if nothing is recorded."""
each_change = pytest.mark.parametrize(("change", "before", "after"), CHANGES.values(), ids=CHANGES)


@each_change
def test_a_reminder_that_is_not_true_any_more_does_not_go(
    clinic: TestClinic, change: Callable[[Visit], object], before: str | None, after: str
) -> None:
    early, late = Visit(clinic), Visit(clinic)
    message = late.queued()  # handed to the queue before the change
    try:
        for visit in (early, late):
            change(visit)
        early.remind()
        queueing.dispatch(system_clinic(clinic.id, "test"), message)
        clinic.stack.wait_idle(60)
    finally:
        set_policy(clinic)

    assert late.mails() == []
    assert late.messages() == [("visit_reminder", "cancelled", after)]
    if before is not None:
        assert early.mails() == []
        assert early.messages() == ([("visit_reminder", "cancelled", before)] if before else [])


def test_a_deleted_patient_gets_nothing(clinic: TestClinic) -> None:
    early, late = Visit(clinic), Visit(clinic)
    message = late.queued()
    for visit in (early, late):
        delete(visit)

    early.remind()
    queueing.dispatch(system_clinic(clinic.id, "test"), message)
    clinic.stack.wait_idle(60)

    assert early.mails() == late.mails() == []
    assert support.documents(clinic.id)[f"messages/{message.id}"]["status"] == "cancelled"


def test_a_patient_who_has_died_gets_nothing(told: TestClinic) -> None:
    early, late, cancelled = visits = Visit(told), Visit(told), Visit(told)
    told.stack.wait_idle(60)
    before = [len(visit.mails()) for visit in visits]
    message = late.queued()
    for visit in (early, late):
        die(visit)
    record_death(cancelled)

    early.remind()
    queueing.dispatch(system_clinic(told.id, "test"), message)
    told.stack.wait_idle(60)

    assert [len(visit.mails()) for visit in visits] == before
    assert early.messages()[0] == late.messages()[0] == ("visit_reminder", "cancelled", "patient_gone")
    assert cancelled.messages()[0] == ("visit_cancelled", "cancelled", "patient_gone")


def test_a_cancellation_between_the_last_look_and_the_claim_stops_the_message(clinic: TestClinic) -> None:
    visit = Visit(clinic)
    message, attempts = visit.queued(), []

    def claimed(work: UnitOfWork) -> sending._Job | None:
        job = sending._claimed(work, model_of(message.id).ref(message.id))
        attempts.append(job)
        if len(attempts) == 1:
            cancel(visit)
        return job

    job = system_clinic(clinic.id, "test").perform("message.claim", claimed)

    assert [one.step.value for one in attempts if one] == ["send", "nothing"]
    assert job is not None
    assert visit.messages() == [("visit_reminder", "cancelled", "appointment_changed")]


def test_a_task_that_comes_too_late_records_that_it_did(clinic: TestClinic) -> None:
    visit = Visit(clinic)
    late = system_clinic(clinic.id, "test", lambda: visit.at - timedelta(minutes=59))

    telling.tell(late, visit.due())
    visit.remind()

    assert visit.mails() == []
    assert visit.messages() == [("visit_reminder", "cancelled", "too_late")]


def test_a_task_that_comes_too_early_comes_again_at_its_time(clinic: TestClinic) -> None:
    visit = Visit(clinic)

    telling.tell(system_clinic(clinic.id, "test"), visit.due())

    (waiting,) = clinic.stack.task_queues.pending()
    assert waiting.schedule_time == visit.at - timedelta(hours=2)
    assert visit.messages() == []


def test_a_task_that_dies_after_the_message_was_queued_sends_it_once(clinic: TestClinic) -> None:
    visit = Visit(clinic)
    visit.queued()

    visit.remind()

    assert len(visit.mails()) == 1


def test_a_sender_that_dies_after_the_provider_took_the_reminder_sends_it_once(clinic: TestClinic) -> None:
    set_policy(clinic, channels=["sms"])
    visit = Visit(clinic, primary_phone="+12015550177")
    death = clinic.stack.recorder.plant(Fault("twilio", "messages.create", "send_message", "kill"))
    visit.remind()
    set_policy(clinic)
    (message,) = clinic.receptionist.get(f"/appointments/{visit.id}/messages").ok().body["items"]
    assert (death.fired.is_set(), message["status"]) == (True, "sending")

    alter(
        clinic,
        f"messages/{message['id']}",
        {"claimed_at": datetime.now(UTC) - SENDING_TAKES, "created_at": visit.patient_since},
    )
    support.run_tasks(clinic.stack)
    clinic.stack.wait_idle(60)

    assert len(clinic.stack.service(TwilioService).messages.to("+12015550177")) == 1
    assert visit.messages() == [("visit_reminder", "sent", None)]
    assert visit.seen().body["reminder_sent"] is True


def test_a_lost_answer_to_a_reminder_is_shown_and_not_sent_again(clinic: TestClinic) -> None:
    visit = Visit(clinic)
    clinic.stack.service(SmtpService).relay.plant(visit.mail, Reply("data", LOST))

    visit.remind()
    visit.remind()

    assert len(visit.mails()) == 1
    assert visit.messages() == [("visit_reminder", "unknown", "answer_lost")]
    assert visit.seen().body["reminder_sent"] is False


def test_a_number_that_replied_stop_is_opted_out(clinic: TestClinic) -> None:
    set_policy(clinic, channels=["sms"])
    visit = Visit(clinic, primary_phone="+12015550199")
    clinic.stack.service(TwilioService).messages.plant("+12015550199", twilio.UNSUBSCRIBED)

    visit.remind(2_880)
    visit.remind(120)
    set_policy(clinic)

    assert visit.messages() == [
        ("visit_reminder", "cancelled", "opted_out"),
        ("visit_reminder", "bounced", "twilio_21610"),
    ]
    said = clinic.receptionist.get(f"/patients/{visit.patient.body['id']}/contact").ok().body["sms"]
    assert (said["allowed"], said["said"], said["recorded_by"]) == (False, "stop", "system")


def test_the_sweep_enqueues_what_is_due_soon_once(clinic: TestClinic) -> None:
    visit = Visit(clinic)
    clinic.stack.wait_idle(60)
    assert clinic.stack.task_queues.pending() == [], "what is weeks away has no task yet"
    soon = visit.at - timedelta(hours=4)

    for _ in range(2):
        sweeping.sweep("test", lambda: soon)

    mine = [task for task in clinic.stack.task_queues.pending() if visit.id in task.http_request.body.decode()]
    assert [task.schedule_time for task in mine] == [visit.at - timedelta(hours=2)]
    assert clinic.stack.schedules.tick("schedule_reminders") == 204


def test_a_visit_that_is_booked_shortly_before_has_its_tasks_at_once(clinic: TestClinic) -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=4)
    patient = clinic.silent_patient().body["id"]

    booked = book(clinic, patient, at).ok(201)
    clinic.stack.wait_idle(60)

    mine = [t for t in clinic.stack.task_queues.pending() if booked.body["id"] in t.http_request.body.decode()]
    assert [task.schedule_time for task in mine] == [at - timedelta(hours=2)]
    act(clinic.receptionist, booked, "cancel").ok()


def test_who_may_not_see_the_appointment_sees_no_messages(clinic: TestClinic, other_clinic: TestClinic) -> None:
    visit = Visit(clinic)
    path = f"/appointments/{visit.id}/messages"

    clinic.other_doctor.get(path).refused(404, "not-found")
    other_clinic.admin.get(path).refused(404, "not-found")
    assert clinic.doctor.get(path).ok().body["items"] == []


def test_a_clinic_without_a_policy_sends_nothing(other_clinic: TestClinic) -> None:
    visit = Visit(other_clinic)

    visit.remind()

    assert visit.messages() == []
    assert visit.mails() == []


def calls_of(clinic: TestClinic, since: int, *callers: str) -> dict[str, list[str]]:
    """The calls of functions to Google and to the providers, by function."""
    calls = [call for call in clinic.stack.recorder.calls(since) if call.method != "Decrypt"]
    return {name: [call.method for call in calls if call.caller == name] for name in callers}


def test_a_booking_costs_one_more_read_and_nothing_else_without_a_policy(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    Visit(clinic)
    Visit(other_clinic)  # the keys are warm
    clinic.stack.wait_idle(60)
    since = clinic.stack.recorder.mark()

    Visit(other_clinic)
    clinic.stack.wait_idle(60)

    made = calls_of(clinic, since, "on_appointment_written", "notify_patient", "send_message")
    assert made == {"on_appointment_written": ["BatchGetDocuments"], "notify_patient": [], "send_message": []}


def test_a_message_is_two_tasks_and_two_reads_before_each_commit_at_most(told: TestClinic) -> None:
    Visit(told)
    told.stack.wait_idle(60)  # the keys are warm
    since = told.stack.recorder.mark()

    Visit(told)
    told.stack.wait_idle(60)

    made = calls_of(told, since, "on_appointment_written", "notify_patient", "send_message")
    # Google's emulator also sends an event for a write that changes nothing (ADR 0011); production does not.
    again = ["BatchGetDocuments"] if isinstance(told.stack.firestore, GoogleFirestore) else []
    assert made["on_appointment_written"] == ["BatchGetDocuments", "CreateTask", *again]
    assert made["notify_patient"] == ["BatchGetDocuments", "BatchGetDocuments", "Commit", "CreateTask"]
    assert made["send_message"] == [
        "BatchGetDocuments",
        "BatchGetDocuments",
        "Commit",
        "data",
        "BatchGetDocuments",
        "Commit",
    ]
