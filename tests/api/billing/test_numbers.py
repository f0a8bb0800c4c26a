"""Numbers of documents that are made at the same time: no gap and no double, also over the turn of the financial year.

A number belongs to the financial year of its document's own day in the clinic's time zone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest

from shared.records.billing.bill import Bill
from shared.records.billing.crediting import NewCredit
from shared.records.billing.entry import LedgerEntry
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.numbering import DocumentNumber
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import SYSTEM_CALLER, RequestContext
from shared.workflows.billing import books, issuing, payments
from shared.workflows.billing.booking import NamedBill
from tests.api.billing.helpers import LINE, act, altered, draft, issued
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.thorough import THOROUGH
from tests.support.visits import complete, new_session, reopen, set_clinic

pytestmark = pytest.mark.long

DOCUMENTS = 200 if THOROUGH else 40
OF_EACH_SERIES = DOCUMENTS // 4
TAXED = [{**LINE, "tax": {"rate_percent": "18", "label": "GST"}}]
OLD_YEAR, NEW_YEAR = date(2027, 3, 31), date(2027, 4, 1)
MIDNIGHT = datetime(2027, 3, 31, 18, 30, tzinfo=UTC)
"""In Asia/Kolkata, the zone of the clinic; in UTC the old year has hours left."""


class MovingClock:
    """A clock that goes on by a second with each document of a series that is made, and passes midnight halfway."""

    def __init__(self, documents: int) -> None:
        self._before = documents // 2
        self._made: list[str] = []
        self._struck = Event()

    def __call__(self) -> datetime:
        return MIDNIGHT + timedelta(seconds=len(self._made) - self._before)

    def tick(self, document: str) -> None:
        self._made.append(document)
        if len(self._made) > self._before:
            self._struck.set()

    def wait_for_midnight(self) -> None:
        assert self._struck.wait(60)


def test_numbers_of_concurrent_issues_have_no_gap(own_clinic: TestClinic) -> None:
    patient = own_clinic.patient().body["id"]
    drafts = [draft(own_clinic, 100, patient=patient).ok(201) for _ in range(DOCUMENTS)]

    replies = at_once(DOCUMENTS, lambda at: act(own_clinic.receptionist, drafts[at], "issue"))

    assert statuses(replies) == {200: DOCUMENTS}
    assert sorted(int(reply.body["number"][-6:]) for reply in replies) == [*range(1, DOCUMENTS + 1)]
    assert books.verify(own_clinic.id).faults == []


Made = tuple[str, date]
"""The number of a document, and its day."""


def issue(clinic: Clinic, bill_id: str) -> Made:
    bill = issuing.issue(clinic, bill_id).record
    return str(bill.number), bill.bill_date


def pay(clinic: Clinic, bill_id: str) -> Made:
    new = NewPayment(amount=10, method=PaymentMethod.CASH)
    return _of_last_entry(clinic, payments.pay(clinic, bill_id, new))


def credit(clinic: Clinic, bill_id: str) -> Made:
    return _of_last_entry(clinic, payments.credit(clinic, bill_id, NewCredit(amount=10, reason="Shorter.")))


def _of_last_entry(clinic: Clinic, bill: NamedBill) -> Made:
    id = f"{bill.record.id}-e{bill.record.account.entries}"
    entry = clinic.perform("test.read", lambda work: work.get(LedgerEntry.ref(id)))
    return str(entry.document), entry.day


Act = Callable[[Clinic, str], Made]


def as_read(clinic: TestClinic, bill: Reply, clock: MovingClock) -> Clinic:
    """The clinic in a request at the clock's time, by who has read the bill."""
    revision = int(str(bill.etag).strip('"'))
    return Clinic(RequestContext(clinic.id, SYSTEM_CALLER, Origin("test"), clock, if_match=revision))


def test_each_series_has_no_gap_over_the_turn_of_the_financial_year(own_clinic: TestClinic) -> None:
    """Invoices, bills of supply, receipts and credit notes at once, while it strikes midnight at the clinic."""
    patient, each = own_clinic.patient().body["id"], range(OF_EACH_SERIES)
    earlier = [issued(own_clinic, 100, patient=patient) for _ in range(2 * OF_EACH_SERIES)]
    acts: Sequence[tuple[Act, list[Reply]]] = [
        (issue, [draft(own_clinic, patient=patient, line_items=TAXED).ok(201) for _ in each]),
        (issue, [draft(own_clinic, patient=patient).ok(201) for _ in each]),
        (pay, earlier[::2]),
        (credit, earlier[1::2]),
    ]
    clocks = [MovingClock(OF_EACH_SERIES) for _ in acts]

    def make(at: int) -> Made:
        series, number = at % len(acts), at // len(acts)
        act_of_series, bills = acts[series]
        bill = bills[number]
        if number == OF_EACH_SERIES - 1:  # on a slow machine all others may have begun before midnight
            clocks[series].wait_for_midnight()
        made = act_of_series(as_read(own_clinic, bill, clocks[series]), bill.body["id"])
        clocks[series].tick(made[0])
        return made

    made = at_once(len(acts) * OF_EACH_SERIES, make)

    counts: dict[tuple[str, date], list[int]] = defaultdict(list)
    for number, day in made:
        assert f"{day:%Y%m}" == number[4:10], "the number has the month of the document's own day"
        counts[number[:3], day].append(DocumentNumber.read(number).count)
    counts["BOS", OLD_YEAR] += [DocumentNumber.read(bill.body["number"]).count for bill in earlier]
    assert set(counts) == {(prefix, day) for prefix in ("INV", "BOS", "RCT", "CRN") for day in (OLD_YEAR, NEW_YEAR)}
    for of_year in counts.values():
        assert sorted(of_year) == [*range(1, len(of_year) + 1)]
    verified = books.verify(own_clinic.id)
    assert (verified.faults, verified.sums.faults) == ([], [])


def test_a_draft_of_an_earlier_day_has_the_date_of_its_issue(own_clinic: TestClinic) -> None:
    """A session that the desk was to bill was reopened, and is completed again once bills are issued at once."""
    set_clinic(own_clinic, bill_issue="by_desk")
    session_id = new_session(own_clinic)
    path = f"/bills/{session_id}-bill"
    complete(own_clinic, session_id).ok()
    written = own_clinic.until(lambda: own_clinic.receptionist.get(path), lambda reply: reply.status == 200)
    altered(own_clinic, Bill, written.body["id"], bill_date=OLD_YEAR - timedelta(days=365))

    reopen(own_clinic, session_id).ok()
    set_clinic(own_clinic, bill_issue="at_once")
    complete(own_clinic, session_id).ok()

    bill = own_clinic.until(lambda: own_clinic.receptionist.get(path).ok(), lambda reply: bool(reply.body["number"]))
    assert bill.body["bill_date"] == written.body["bill_date"]
    assert bill.body["number"].startswith(f"BOS-{bill.body['bill_date'][:7].replace('-', '')}")
    assert bill.body["due_date"] > bill.body["bill_date"]
