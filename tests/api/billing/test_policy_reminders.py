"""Reminders of overdue bills by policy, from the hourly run to the patient: each once, and none that is not true."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.services.functions.responses import FunctionDown
from local.services.kit.recorder import Fault
from shared.records.messages.message import model_of
from shared.records.patients.patient import Patient
from shared.records.problems import Unavailable
from shared.store.clinic import system_clinic
from shared.workflows.billing import overdue, policy_reminders
from shared.workflows.messages import queueing, recovering, sending
from tests.api.billing.helpers import act, issued, pay, set_aside_overdue
from tests.api.billing.online_helpers import now as seen
from tests.api.billing.test_bill_pages import text_of
from tests.api.billing.test_payment_reminders import remind
from tests.api.billing.test_reminder_policy import PATH
from tests.api.billing.test_sending import LINK, mails, of_patient, person, texts
from tests.api.links.test_pages import says
from tests.journeys.sweep.stalled_jobs import sweep
from tests.support import crashes
from tests.support.call_counts import TASK, commit, contains, counted, query, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once
from tests.support.database import alter
from tests.support.links import BORN, enter
from tests.support.thorough import THOROUGH
from tests.support.visits import set_clinic
from tools import google_firestore

DUE = date(2027, 1, 15)
ZONE = "Asia/Kolkata"
FUNCTION = "schedule_reminders"
ROUNDS = 200 if THOROUGH else 12


@pytest.fixture(autouse=True)
def _quiet(stack: Any) -> Iterator[None]:
    with crashes.quiet(stack):
        yield


@pytest.fixture
def reminding(own_clinic: TestClinic) -> TestClinic:
    """A clinic that reminds patients of overdue bills, and the only one with bills whose day comes."""
    set_aside_overdue(at(400).date())
    set_clinic(own_clinic, time_zone=ZONE)
    own_clinic.admin.put(PATH, {"enabled": True}).ok()
    return own_clinic


def change_policy(clinic: TestClinic, **values: Any) -> None:
    etag = clinic.admin.get(PATH).ok().etag
    clinic.admin.put(PATH, {"enabled": True, **values}, etag=etag).ok()


def at(days: int, clock: str = "09:25") -> datetime:
    """A time of the clinic's day so many days after the due date."""
    return datetime.combine(DUE + timedelta(days=days), time.fromisoformat(clock), ZoneInfo(ZONE)).astimezone(UTC)


def run(days: int, clock: str = "09:25") -> None:
    """What the hourly run does with bills at this time, as often as a schedule may deliver it; what it queued is sent.
    The appointments of other tests' clinics are left out: some are too far ahead for the queue of today."""
    for _ in range(2):
        for step in (overdue.mark_all, policy_reminders.remind_all):
            step("test", lambda: at(days, clock))


def queue(days: int) -> None:
    """Queue what is due on a day, without sending it: as if the process died then."""
    overdue.mark_all("test", lambda: at(days))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(queueing, "dispatch", lambda *_: None)
        policy_reminders.remind_all("test", lambda: at(days))


def unpaid(clinic: TestClinic, amount: int = 1_000, **contacts: Any) -> tuple[str, Reply]:
    """A patient and the bill that they owe since DUE."""
    patient = person(clinic, **contacts)
    return patient, issued(clinic, amount, patient=patient, due_date=DUE.isoformat())


def messages(clinic: TestClinic, patient: str) -> list[tuple[int, str, str | None]]:
    """Day, status and code of the messages to a patient, in the order of their days."""
    clinic.stack.wait_idle(60)
    found = clinic.receptionist.get(f"/messages?patient_id={patient}").ok().body["items"]
    return sorted((one["days_after_due"], one["status"], one["error_code"]) for one in found)


def test_a_patient_is_reminded_on_three_days_until_the_rest_is_paid(reminding: TestClinic) -> None:
    patient, bill = unpaid(reminding)
    other, _ = unpaid(reminding)
    shown = []
    for day in (0, 1, 2, 3, 4, 5, 9):
        run(day, "02:25")
        shown.append(len(mails(reminding, patient)))
        run(day)
    for day in (10, 11):
        run(day)
    assert (shown, len(mails(reminding, patient))) == ([0, 0, 0, 0, 1, 1, 1], 2), "none at night"

    part = pay(reminding, seen(reminding, bill), 400).ok(201)
    run(30)
    assert len(mails(reminding, patient)) == 3, "sent before the rest is paid"
    reminded = seen(reminding, bill).body
    paid = pay(reminding, part, 600).ok(201)
    for day in (31, 32, 33, 60):
        run(day)

    sent = mails(reminding, patient)
    assert [len(sent), len(mails(reminding, other))] == [3, 3]
    assert all(mail.startswith("A reminder from Banyan Mental Health\n") for mail in sent)
    assert (reminded["reminder_sent_count"], reminded["status"], reminded["collection_status"]) == (
        3,
        "overdue",
        "reminded",
    )
    assert datetime.fromisoformat(reminded["last_reminder_sent_at"]) == at(30)
    assert part.body["revision"] == reminded["revision"], "whoever read the bill before a reminder may still change it"
    assert paid.body["collection_status"] == "settled"
    assert messages(reminding, patient) == [(3, "sent", None), (10, "sent", None), (30, "sent", None)]


def test_the_link_of_a_reminder_names_the_rest(reminding: TestClinic) -> None:
    patient, bill = unpaid(reminding, 100_000)
    pay(reminding, bill, 40_050).ok(201)

    run(3)

    (mail,) = mails(reminding, patient)
    page = says(enter(LINK.findall(mail)[0], BORN), 200, "Your bill")
    assert "To be paid now: ₹599.50" in text_of(page)
    (share,) = of_patient(reminding, "bill_shares", patient)
    assert (share["message_kind"], share["created_by"]) == ("payment_reminder", "system")
    (message,) = of_patient(reminding, "messages", patient)
    assert message["send_by"] == at(3, "21:00"), "it does not wait into the night"


def test_disputes_promises_and_agencies_pause_them(reminding: TestClinic) -> None:
    steps = [
        {"status": "disputed", "reason": "Did not come."},
        {"status": "promise_to_pay", "reason": "By telephone.", "promised_on": (DUE + timedelta(days=4)).isoformat()},
        {"status": "with_agency", "reason": "Owes for long."},
    ]
    patients = []
    for step in steps:
        patient, bill = unpaid(reminding)
        patients.append((patient, act(reminding.receptionist, bill, "collection", step).ok()))

    queue(3)
    queue(4)
    assert [messages(reminding, patient) for patient, _ in patients] == [[], [], []]
    act(reminding.receptionist, patients[0][1], "collection", {"status": None, "reason": "Resolved."}).ok()
    queue(5)

    resumed = [[day for day, *_ in messages(reminding, patient)] for patient, _ in patients]
    assert resumed == [[3], [3], []], "within two days after its day"


def test_what_nobody_owes_any_more_is_not_reminded_of(reminding: TestClinic, other_clinic: TestClinic) -> None:
    (paid, bill), (cancelled, wrong), (insured, covered) = (unpaid(reminding) for _ in range(3))
    (forgiven, hard), (amended, replaced) = (unpaid(reminding) for _ in range(2))
    elsewhere, _ = unpaid(other_clinic)
    pay(reminding, bill, 1_000).ok(201)
    desk = reminding.receptionist
    act(desk, wrong, "cancel", {"reason": "Twice."}).ok()
    act(desk, covered, "claim", {"provider": "Star", "covered_amount": 1_000}).ok(201)
    act(desk, hard, "write-off", {"reason": "Hardship."}).ok()
    overdue.mark_all("test", lambda: at(1))
    again = {"line_items": [{"description": "Visit", "unit_price": 900}], "reason": "Wrong price."}
    later = act(desk, seen(reminding, replaced), "amend", again).ok(201)

    run(3)

    for patient in (paid, cancelled, insured, forgiven, amended):
        assert messages(reminding, patient) == []
    assert messages(other_clinic, elsewhere) == [], "a clinic without a policy reminds nobody"
    assert seen(reminding, later).body["reminder_sent_count"] == 0


def test_a_reminder_by_hand_takes_the_place_of_one_by_policy_and_the_other_way_round(reminding: TestClinic) -> None:
    patient, bill = unpaid(reminding)
    remind(reminding, bill).ok()
    alter(reminding, f"bills/{bill.body['id']}", {"last_reminder_sent_at": at(3, "08:01")})
    other, unreminded = unpaid(reminding)

    run(3)

    assert (len(mails(reminding, patient)), len(mails(reminding, other))) == (1, 1)
    alter(reminding, f"bills/{unreminded.body['id']}", {"last_reminder_sent_at": datetime.now(UTC)})
    refused = remind(reminding, seen(reminding, unreminded)).refused(409, "conflict")
    assert refused.body["code"] == "reminded_today"


def test_who_switches_it_on_writes_once_about_old_bills_and_never_of_very_old_ones(own_clinic: TestClinic) -> None:
    set_clinic(own_clinic, time_zone=ZONE)
    patient, _ = unpaid(own_clinic)
    run(3)
    own_clinic.admin.put(PATH, {"enabled": True, "days_after_due": [3, 10, 30]}).ok()
    old = person(own_clinic)
    issued(own_clinic, patient=old, due_date="2026-10-01")

    run(31)
    own_clinic.stack.wait_idle(60)  # what is not sent yet would not be wanted any more
    change_policy(own_clinic, days_after_due=[3, 10, 31])
    run(32)
    change_policy(own_clinic, days_after_due=[3, 10, 30])
    run(32)

    assert messages(own_clinic, patient) == [(30, "sent", None)], "and a change sends nothing again"
    assert messages(own_clinic, old) == []


def test_the_first_channel_that_may_is_taken_and_who_cannot_be_written_to_is_recorded(reminding: TestClinic) -> None:
    by_sms, _ = unpaid(reminding, email=None)
    silent, bill = unpaid(reminding, email=None, primary_phone=None)
    unwilling, _ = unpaid(reminding)
    wishes = {"mail": {"allowed": False, "said": "in_person"}, "sms": {"allowed": False, "said": "by_telephone"}}
    reminding.receptionist.put(f"/patients/{unwilling}/contact", wishes).ok()

    run(3)
    run(4)

    assert len(texts(reminding, by_sms)) == 1
    assert messages(reminding, silent) == [(3, "cancelled", "no_address")]
    assert messages(reminding, unwilling) == [(3, "cancelled", "opted_out")]
    assert seen(reminding, bill).body["reminder_sent_count"] == 0, "what was not sent does not count"


def record_death(clinic: TestClinic, patient: str) -> None:
    read = clinic.admin.get(f"/patients/{patient}").ok()
    clinic.admin.post(f"/patients/{patient}/deceased", {"date": "2026"}, etag=read.etag, key="").ok()


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("payment", "bill_changed"),
        ("dispute", "bill_changed"),
        ("off", "not_wanted"),
        ("wish", "opted_out"),
        ("death", "patient_gone"),
    ],
)
def test_what_changed_since_it_was_queued_stops_it(reminding: TestClinic, what: str, code: str) -> None:
    patient, bill = unpaid(reminding)
    queue(3)

    if what == "payment":
        pay(reminding, bill, 1_000).ok(201)
    elif what == "dispute":
        act(reminding.receptionist, bill, "collection", {"status": "disputed", "reason": "Paid in cash."}).ok()
    elif what == "off":
        change_policy(reminding, enabled=False)
    elif what == "death":
        record_death(reminding, patient)
    else:
        said = {"mail": {"allowed": False, "said": "in_person"}}
        reminding.receptionist.put(f"/patients/{patient}/contact", said).ok()
    dispatch_queued(reminding, patient)

    assert mails(reminding, patient) == []
    assert messages(reminding, patient) == [(3, "cancelled", code)]


def test_no_reminder_has_a_link_that_opens_with_an_unknown_day_of_birth(reminding: TestClinic) -> None:
    patient, _ = unpaid(reminding, date_of_birth="1984-02")

    run(3)

    assert messages(reminding, patient) == [(3, "cancelled", "birth_date_incomplete")]


def dispatch_queued(clinic: TestClinic, patient: str) -> None:
    """Let the sweep find the queued message of a patient."""
    (message,) = of_patient(clinic, "messages", patient)
    alter(clinic, f"messages/{message['id']}", {"updated_at": datetime.now(UTC) - recovering.STALLED_AFTER})
    assert sweep(clinic.stack) == 204


def due_now(clinic: TestClinic) -> str:
    """A patient of whom a reminder is due by the real time, at any hour."""
    change_policy(clinic, quiet_time=None)
    patient = person(clinic)
    day = datetime.now(ZoneInfo(ZONE)).date() - timedelta(days=3)
    issued(clinic, 100, patient=patient, due_date=day.isoformat())
    clinic.stack.wait_idle(60)
    return patient


@pytest.mark.parametrize(("service", "method"), [("firestore", "Commit"), ("tasks", "CreateTask")])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_run_that_dies_at_any_step_reminds_once(reminding: TestClinic, service: str, method: str, skip: int) -> None:
    patients = [due_now(reminding) for _ in range(2)]
    overdue.mark_all("test")
    death = reminding.stack.recorder.plant(Fault(service, method, FUNCTION, "kill", skip=skip))
    with suppress(FunctionDown):
        reminding.stack.schedules.tick(FUNCTION)
    assert death.fired.wait(10)

    for _ in range(2):
        assert reminding.stack.schedules.tick(FUNCTION) == 204

    for patient in patients:
        dispatch_queued_if_any(reminding, patient)
        assert len(mails(reminding, patient)) == 1
        assert len(of_patient(reminding, "bill_shares", patient)) == 1


def dispatch_queued_if_any(clinic: TestClinic, patient: str) -> None:
    """Let the sweep find the message if its process died before its task."""
    clinic.stack.wait_idle(60)
    if [one for one in of_patient(clinic, "messages", patient) if one["status"] == "queued"]:
        dispatch_queued(clinic, patient)


def test_a_bill_that_cannot_be_read_does_not_keep_the_others(reminding: TestClinic) -> None:
    patient, _ = unpaid(reminding)
    _, broken = unpaid(reminding)
    overdue.mark_all("test", lambda: at(1))
    alter(reminding, f"bills/{broken.body['id']}", {"record_key": "another"})

    with pytest.raises(Unavailable):
        policy_reminders.remind_all("test", lambda: at(3))

    assert messages(reminding, patient) == [(3, "sent", None)]
    alter(reminding, f"bills/{broken.body['id']}", {"live": False})


def test_only_so_many_in_one_run_and_the_rest_in_the_next(
    reminding: TestClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    with suppress(Unavailable):
        run(3)  # what other tests left
    patients = [unpaid(reminding)[0] for _ in range(3)]
    overdue.mark_all("test", lambda: at(1))
    monkeypatch.setattr(policy_reminders, "MOST_IN_RUN", 2)

    counts = []
    for _ in range(2):
        policy_reminders.remind_all("test", lambda: at(3))
        counts.append(sum(len(messages(reminding, patient)) for patient in patients))

    assert counts == [2, 3]


def test_the_calls_of_a_run(reminding: TestClinic) -> None:
    """One query finds the clinics. Of each the policy is read, and one query finds the bills. A reminder reads bill,
    patient, keys, settings, choices, both policies and whether its message exists; then whether the addresses take
    messages. It writes bill, link, share, message and audit entry."""
    due_now(reminding)
    tick(reminding)
    due_now(reminding)

    first, again = tick(reminding), tick(reminding)

    found = [reads(1), query(2)]
    assert contains(first, [*found, reads(7), reads(2), commit(5), TASK]), first
    assert contains(again, found), again
    assert {method for _, method, _ in again} == {"RunQuery", "BatchGetDocuments"}, "a bill is not opened again"


def tick(clinic: TestClinic) -> list[Any]:
    """The calls of a run."""
    mark = clinic.stack.recorder.mark()
    assert clinic.stack.schedules.tick(FUNCTION) == 204
    return counted([call for call in clinic.stack.recorder.calls(mark) if call.caller == FUNCTION])


def test_no_reminder_is_claimed_after_the_payment_in_full(reminding: TestClinic) -> None:
    """Each round a payment races with the claim of a queued reminder, which starts a little later each time."""
    patient = person(reminding)
    before: set[str] = set()
    root = google_firestore.client().document("clinics", reminding.id)
    for at_round in range(ROUNDS):
        bill = issued(reminding, 100, patient=patient, due_date=DUE.isoformat())
        queue(3)
        (message,) = {one["id"] for one in of_patient(reminding, "messages", patient)} - before
        before.add(message)

        def act(number: int, bill: Reply = bill, message: str = message, wait: int = at_round % 6) -> Any:
            if number:
                return pay(reminding, bill, 100).ok(201)
            sleep(wait * 0.005)
            return claim(reminding, message)

        claimed, _ = at_once(2, act)
        claim_at = root.collection("messages").document(message).get().update_time
        paid_at = root.collection("ledger").document(f"{bill.body['id']}-e2").get().create_time
        assert claimed == (claim_at < paid_at), "it is sent only if it was claimed while the bill was unpaid"


def claim(clinic: TestClinic, message_id: str) -> bool:
    """Claim a message as its task does; True if it is to be sent."""
    ref = model_of(message_id).ref(message_id)
    job = system_clinic(clinic.id, "claim").perform("message.claim", lambda work: sending._claimed(work, ref))
    assert job is not None
    return job.step == sending._Step.SEND


def test_a_payment_between_the_last_look_and_the_claim_stops_it(reminding: TestClinic) -> None:
    patient, bill = unpaid(reminding)
    queue(3)
    (message,) = of_patient(reminding, "messages", patient)
    ref, attempts = model_of(message["id"]).ref(message["id"]), []

    def claimed(work: Any) -> Any:
        attempts.append(sending._claimed(work, ref))
        if len(attempts) == 1:
            pay(reminding, bill, 1_000).ok(201)
        return attempts[-1]

    system_clinic(reminding.id, "test").perform("message.claim", claimed)

    assert [one.step.value for one in attempts if one] == ["send", "nothing"]
    assert messages(reminding, patient) == [(3, "cancelled", "bill_changed")]


def test_a_payment_while_the_reminder_is_queued_comes_first(reminding: TestClinic) -> None:
    """The commit of the reminder requires the bill unchanged, so it is looked at again."""
    patient, bill = unpaid(reminding)
    overdue.mark_all("test", lambda: at(1))
    attempts = []

    def reminded(work: Any) -> Any:
        attempts.append(policy_reminders._reminded(work, bill.body["id"], 3))
        if len(attempts) == 1:
            pay(reminding, seen(reminding, bill), 1_000).ok(201)
        return attempts[-1]

    message = system_clinic(reminding.id, "test", lambda: at(3)).perform("bill.remind", reminded)

    assert (len(attempts), message, messages(reminding, patient)) == (2, None, [])


def test_a_deleted_patient_gets_none(reminding: TestClinic) -> None:
    patient, _ = unpaid(reminding)
    overdue.mark_all("test", lambda: at(1))
    alter(reminding, Patient.ref(patient).path, {"live": False})

    run(3)

    assert of_patient(reminding, "messages", patient) == []


def test_nobody_is_reminded_of_the_bills_of_who_has_died(reminding: TestClinic) -> None:
    patient, bill = unpaid(reminding)
    record_death(reminding, patient)

    run(3)
    run(10)

    by_hand = act(reminding.receptionist, seen(reminding, bill), "send-reminder", {})
    assert by_hand.refused(409, "conflict").body["code"] == "patient_not_reachable"
    assert (mails(reminding, patient), texts(reminding, patient)) == ([], [])
    assert seen(reminding, bill).body["reminder_sent_count"] == 0
