"""The event of a session's end, however often and when it comes: one bill, one number, one charge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle, islice
from threading import Event as Signal

import pytest

from local.services.eventarc.event import Event
from local.services.functions.responses import FunctionDown
from local.services.kit.recorder import Fault
from shared.workflows.billing import books
from tests.api.billing.helpers import act, entries
from tests.support import crashes
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once
from tests.support.thorough import THOROUGH
from tests.support.visits import complete, new_session, reopen

pytestmark = pytest.mark.long

BILLS = "on_session_completed"
DELIVERIES = 20
ROUNDS = 10 if THOROUGH else 2
DEATHS = DELIVERIES if THOROUGH else 5


@pytest.fixture(autouse=True)
def _quiet(own_clinic: TestClinic) -> Iterator[None]:
    with crashes.quiet(own_clinic.stack):
        yield


def event_of(clinic: TestClinic, session_id: str) -> Event:
    """An event of the session that does not say what was written, so it is never left out: what is stored decides."""
    clinic.stack.wait_idle(60)
    found = [one for one in clinic.stack.triggers.history if one.function == BILLS]
    headers = [one.event.headers for one in found if one.event.headers["ce-subject"].endswith(f"/{session_id}")][-1]
    return Event(headers, b"")


def deliver(clinic: TestClinic, event: Event) -> int:
    return clinic.stack.triggers.deliver(BILLS, event)


def bills(clinic: TestClinic) -> list[Reply]:
    clinic.stack.wait_idle(60)
    found = clinic.receptionist.get("/bills").ok().body["items"]
    return [clinic.receptionist.get(f"/bills/{one['id']}").ok() for one in found]


def check_one_bill(clinic: TestClinic, sessions: int = 1) -> None:
    """Each session has one bill with a number of its own and one charge, and the books are right."""
    found = bills(clinic)
    assert len({one.body["session_id"] for one in found}) == len(found) == sessions
    assert sorted(int(one.body["number"][-6:]) for one in found) == [*range(1, sessions + 1)]
    for one in found:
        assert [kind for kind, _ in entries(clinic, one)].count("charge") == 1
    verified = books.verify(clinic.id)
    assert (verified.faults, verified.sums.faults) == ([], [])


def test_twenty_deliveries_at_once_make_one_bill(own_clinic: TestClinic) -> None:
    for _ in range(ROUNDS):
        session_id = new_session(own_clinic)
        event, ended = event_of(own_clinic, session_id), Signal()

        def end_or_deliver(at: int, session_id: str = session_id, event: Event = event, ended: Signal = ended) -> int:
            if at == 0:
                status = complete(own_clinic, session_id).status
                ended.set()
                return status
            ended.wait(60)
            return deliver(own_clinic, event)

        statuses = at_once(DELIVERIES + 1, end_or_deliver)
        assert {status // 100 for status in statuses} == {2}

    check_one_bill(own_clinic, ROUNDS)


def test_deliveries_while_the_session_is_reopened(own_clinic: TestClinic) -> None:
    """Either the bill is first, and the session stays ended, or the session runs again, and its next end is billed."""
    for _ in range(ROUNDS):
        session_id = new_session(own_clinic)
        event = event_of(own_clinic, session_id)
        complete(own_clinic, session_id).ok()

        def reopen_or_deliver(at: int, session_id: str = session_id, event: Event = event) -> int:
            if at == DELIVERIES // 2:
                return reopen(own_clinic, session_id).status
            return deliver(own_clinic, event)

        statuses = at_once(DELIVERIES + 1, reopen_or_deliver)
        reopened = statuses.pop(DELIVERIES // 2)
        assert {status // 100 for status in statuses} == {2}
        assert reopened in (200, 409, 412)
        if reopened == 200:
            complete(own_clinic, session_id).ok()

    check_one_bill(own_clinic, ROUNDS)


def test_deliveries_while_the_bill_is_cancelled(own_clinic: TestClinic) -> None:
    session_id = new_session(own_clinic)
    event = event_of(own_clinic, session_id)
    complete(own_clinic, session_id).ok()
    (bill,) = bills(own_clinic)

    def cancel_or_deliver(at: int) -> int:
        if at == DELIVERIES // 2:
            return act(own_clinic.receptionist, bill, "cancel", {"reason": "Not seen."}).status
        return deliver(own_clinic, event)

    statuses = at_once(DELIVERIES + 1, cancel_or_deliver)

    assert {status // 100 for status in statuses} == {2}
    check_one_bill(own_clinic)
    assert bills(own_clinic)[0].body["status"] == "cancelled"


def test_twenty_deliveries_with_deaths_between_make_one_bill(own_clinic: TestClinic) -> None:
    """The process dies, or loses an answer, after one call after the other of what bills a session."""
    session_id = new_session(own_clinic)
    event = event_of(own_clinic, session_id)
    recorder = own_clinic.stack.recorder
    ways = zip(cycle(["cut", "kill"]), cycle(range(6)), strict=False)
    faults = [Fault("firestore", "", BILLS, how, skip) for how, skip in islice(ways, DEATHS)]
    for fault in faults:
        recorder.plant(fault)

    complete(own_clinic, session_id).ok()
    for _ in range(DELIVERIES):
        with suppress(FunctionDown):
            deliver(own_clinic, event)

    assert all(fault.fired.is_set() for fault in faults)
    check_one_bill(own_clinic)
