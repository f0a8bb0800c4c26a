"""Bills become overdue by the clinic's day, once, whatever ends or repeats the run, until nothing is owed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from local.services.functions.responses import FunctionDown
from local.services.kit.recorder import Fault
from shared.records.problems import Unavailable
from shared.workflows.billing import overdue
from tests.api.billing.helpers import act, issued, pay, set_aside_overdue
from tests.support import crashes
from tests.support.call_counts import commit, contains, counted, query, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic, open_clinic
from tests.support.database import alter
from tests.support.problems import pointers
from tests.support.visits import set_clinic

DUE = "2027-01-15"


@pytest.fixture(scope="module")
def clinic(stack: Any) -> TestClinic:
    """A clinic whose days are those of UTC."""
    made = open_clinic(stack)
    set_clinic(made, time_zone="Etc/UTC")
    return made


@pytest.fixture(autouse=True)
def _alone(clinic: TestClinic) -> None:
    set_aside_overdue(date.fromisoformat(DUE) + timedelta(days=400))


def follow_up(at: str) -> None:
    overdue.mark_all("test", lambda: datetime.fromisoformat(at).astimezone(UTC))


def seen(clinic: TestClinic, bill: Reply) -> Reply:
    return clinic.receptionist.get(f"/bills/{bill.body['id']}").ok()


def state(clinic: TestClinic, bill: Reply) -> tuple[str, str | None]:
    body = seen(clinic, bill).body
    return body["status"], body["overdue_since"]


def overdue_ids(clinic: TestClinic) -> set[str]:
    return {one["id"] for one in clinic.receptionist.get("/bills?overdue=true").ok().body["items"]}


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("America/Los_Angeles", "2027-01-16T00:30Z", "2027-01-16T08:00Z"),
        ("Asia/Tokyo", "2027-01-15T14:30Z", "2027-01-15T15:00Z"),
        ("Pacific/Kiritimati", "2027-01-15T09:30Z", "2027-01-15T10:30Z"),
    ],
)
def test_a_bill_is_overdue_once_the_due_date_has_passed_at_the_clinic(
    own_clinic: TestClinic, zone: str, before: str, after: str
) -> None:
    set_clinic(own_clinic, time_zone=zone)
    bill = issued(own_clinic, due_date=DUE)

    follow_up(before)
    early = state(own_clinic, bill)
    follow_up(after)
    marked = seen(own_clinic, bill)
    follow_up(after)

    assert early == ("pending", None)
    assert (marked.body["status"], marked.body["overdue_since"], marked.etag) == ("overdue", "2027-01-16", bill.etag)
    assert seen(own_clinic, bill).body == marked.body, "another run changes nothing"
    assert overdue_ids(own_clinic) == {bill.body["id"]}


def test_payment_ends_it_and_a_bounced_payment_brings_it_back(clinic: TestClinic) -> None:
    bill = issued(clinic, 1_000, due_date=DUE)
    follow_up("2027-01-16T01:00Z")

    part = pay(clinic, bill, 400).ok(201)
    paid = pay(clinic, part, 600).ok(201)
    bounced = act(clinic.receptionist, paid, "payments/e3/reverse", {"reason": "Returned.", "cause": "bounced"}).ok()
    follow_up("2027-02-01T01:00Z")

    states = [(one.body["status"], one.body["overdue_since"]) for one in (part, paid, bounced)]
    assert states == [("overdue", "2027-01-16"), ("paid", None), ("partially_paid", None)]
    assert state(clinic, bill) == ("overdue", "2027-01-16"), "however late it is found"


def test_what_was_paid_cancelled_or_is_the_insurers_never_is(clinic: TestClinic) -> None:
    paid, gone, insured, draft_due = (issued(clinic, 1_000, due_date=DUE) for _ in range(4))
    pay(clinic, paid, 1_000).ok(201)
    act(clinic.receptionist, gone, "cancel", {"reason": "Twice."}).ok()
    act(clinic.receptionist, insured, "claim", {"provider": "Star", "covered_amount": 1_000}).ok(201)

    follow_up("2027-01-20T01:00Z")

    assert [state(clinic, one)[0] for one in (paid, gone, insured)] == ["paid", "cancelled", "pending"]
    assert state(clinic, draft_due)[0] == "overdue"


def test_the_due_date_of_a_draft_can_change_until_it_is_issued(clinic: TestClinic) -> None:
    patient = clinic.silent_patient().body["id"]
    lines = {"patient_id": patient, "line_items": [{"description": "Visit", "unit_price": 100}], "due_date": DUE}
    draft = clinic.receptionist.post("/bills", lines).ok(201)
    later = clinic.receptionist.send("PATCH", f"/bills/{draft.body['id']}", {"due_date": "2027-03-31"}, etag=draft.etag)
    bill = act(clinic.receptionist, later.ok(), "issue").ok()

    follow_up("2027-01-20T01:00Z")
    early = state(clinic, bill)
    follow_up("2027-04-01T01:00Z")

    assert (early, state(clinic, bill)) == (("pending", None), ("overdue", "2027-04-01"))


def test_a_run_marks_in_few_commits_and_nothing_twice(own_clinic: TestClinic) -> None:
    """One query; the clinic's settings and keys; then 20 bills with their patient in each commit."""
    set_clinic(own_clinic, time_zone="Etc/UTC")
    patient = own_clinic.silent_patient().body["id"]
    warm = issued(own_clinic, 100, patient=patient, due_date="2026-01-01")
    own_clinic.stack.wait_idle(60)
    own_clinic.stack.schedules.tick("schedule_reminders")  # warm, and marks what other tests left

    fresh = [issued(own_clinic, 100, patient=patient, due_date="2026-01-01") for _ in range(21)]
    own_clinic.stack.wait_idle(60)
    mark = own_clinic.stack.recorder.mark()
    assert own_clinic.stack.schedules.tick("schedule_reminders") == 204
    first = [call for call in own_clinic.stack.recorder.calls(mark) if call.caller == "schedule_reminders"]
    mark = own_clinic.stack.recorder.mark()
    assert own_clinic.stack.schedules.tick("schedule_reminders") == 204
    again = [call for call in own_clinic.stack.recorder.calls(mark) if call.caller == "schedule_reminders"]

    assert {state(own_clinic, one)[0] for one in (warm, *fresh)} == {"overdue"}
    # The same schedule looks for reminders of appointments before, and for those of bills after.
    marked = [query(21), reads(1), reads(22), commit(21), reads(3), commit(2)]
    assert contains(counted(first), marked), counted(first)
    assert not {call.method for call in again} - {"RunQuery", "BatchGetDocuments"}


def test_a_bill_that_cannot_be_read_does_not_keep_the_others(own_clinic: TestClinic) -> None:
    set_clinic(own_clinic, time_zone="Etc/UTC")
    broken, whole = (issued(own_clinic, due_date="2026-01-01") for _ in range(2))
    own_clinic.stack.wait_idle(60)
    key = {"record_key": "another"}
    alter(own_clinic, f"bills/{broken.body['id']}", key)

    with crashes.quiet(own_clinic.stack), pytest.raises(Unavailable):
        overdue.mark_all("test")

    assert state(own_clinic, whole)[0] == "overdue"
    alter(own_clinic, f"bills/{broken.body['id']}", {"live": False})


def test_a_run_that_dies_is_made_up_for_by_the_next_one(own_clinic: TestClinic) -> None:
    bill = issued(own_clinic, due_date="2026-01-01")
    own_clinic.stack.wait_idle(60)
    with crashes.quiet(own_clinic.stack):
        death = own_clinic.stack.recorder.plant(Fault("firestore", "Commit", "schedule_reminders", "kill"))
        with suppress(FunctionDown):
            own_clinic.stack.schedules.tick("schedule_reminders")
        assert death.fired.wait(10)
    own_clinic.stack.schedules.tick("schedule_reminders")

    assert state(own_clinic, bill) == ("overdue", "2026-01-02")


def test_only_so_many_in_one_run_and_the_rest_in_the_next(
    own_clinic: TestClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    overdue.mark_all("test")
    days = [(date(2026, 1, 1) + timedelta(days=at)).isoformat() for at in range(3)]
    bills = [issued(own_clinic, due_date=day) for day in reversed(days)]
    monkeypatch.setattr(overdue, "MOST_IN_RUN", 2)

    overdue.mark_all("test")
    first = [state(own_clinic, one)[0] for one in bills]
    overdue.mark_all("test")

    assert first == ["pending", "overdue", "overdue"], "the earliest day first"
    assert state(own_clinic, bills[0])[0] == "overdue"


def test_overdue_and_another_state_are_refused_together(clinic: TestClinic) -> None:
    refused = clinic.receptionist.get("/bills?overdue=true&status=paid").refused(422, "invalid")

    assert pointers(refused) == {"/overdue"}
    clinic.receptionist.get("/bills?overdue=true&status=overdue").ok()


def test_the_collection_is_recorded_listed_and_settled(clinic: TestClinic, other_clinic: TestClinic) -> None:
    bill, other = issued(clinic, 1_000), issued(clinic, 1_000)
    step = {"status": "disputed", "reason": "Did not come.", "note": "Will write."}

    disputed = act(clinic.receptionist, bill, "collection", step).ok()
    act(clinic.receptionist, bill, "collection", step).refused(412, "stale")
    again = act(clinic.receptionist, disputed, "collection", step).refused(409, "conflict")
    strange = act(clinic.receptionist, disputed, "collection", {"status": "settled", "reason": "x"})
    act(other_clinic.receptionist, disputed, "collection", step).refused(404, "not-found")
    listed = clinic.receptionist.get("/bills?collection_status=disputed").ok().body["items"]
    paid = pay(clinic, disputed, 1_000).ok(201)

    assert [one["id"] for one in listed] == [bill.body["id"]]
    assert other.body["collection_status"] is None
    (recorded,) = disputed.body["collection_history"]
    assert (recorded["status"], recorded["reason"], recorded["recorded_by"]) == (
        "disputed",
        "Did not come.",
        clinic.receptionist.user_id,
    )
    assert again.body["code"] == "collection_state"
    assert pointers(strange.refused(422, "invalid")) == {"/status"}
    assert paid.body["collection_status"] == "settled"
    none_owed = act(clinic.receptionist, paid, "collection", step).refused(409, "conflict")
    assert none_owed.body["code"] == "nothing_owed"
    together = clinic.receptionist.get("/bills?collection_status=disputed&status=paid").refused(422, "invalid")
    assert pointers(together) == {"/collection_status"}
