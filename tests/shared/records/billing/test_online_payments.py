"""Online payments: any order and number of the provider's events gives the same account."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.services.razorpay import events
from local.services.razorpay.events import Event, Payment
from shared.records.billing import collecting, crediting, paying, settling
from shared.records.billing.account import MOST_ENTRIES
from shared.records.billing.bill import Bill
from shared.records.billing.collection import CollectionStatus, NewStep
from shared.records.billing.entry import LedgerEntry, entry_id
from shared.records.billing.ledger import Booked, account_of
from shared.records.billing.online import MOST_NEWS, OnlinePayment, Question, Resolution
from shared.records.billing.payments import NewPayment, PaymentMethod
from shared.records.billing.provider import OLD_SECRET_COUNTS_FOR
from shared.records.billing.provider_event import BILL_NOTE, DisputeState, PaymentNews, read_event
from shared.records.money import MOST
from shared.records.problems import Conflict
from shared.records.record import Stamp
from tests.support.factories import BY_SYSTEM, DOCTOR, NOON, after, bill
from tools.openapi.operation_cases.billing import PROVIDER

TOTAL = 1_000
ZONE = "Asia/Kolkata"
NOTE = "CRN-202609-000001"
PAID_UP = bill(TOTAL).account.model_copy(update={"paid": TOTAL})
GIVEN_UP = bill(TOTAL).account.model_copy(update={"written_off": TOTAL})
PAID = Payment(TOTAL, notes={BILL_NOTE: bill().id}, id="pay_1")
LATER = Stamp("system", after(hours=1))


def news(event: Event) -> PaymentNews:
    found = read_event(event.body)
    assert found is not None
    return found


def told(*events: Event) -> OnlinePayment:
    """The payment after these events."""
    first, *others = map(news, events)
    online = OnlinePayment.first_heard(first, BY_SYSTEM)
    for one in others:
        online = online.heard(one)
    return online


class Books:
    """A bill and its ledger, on which events are booked as the use case does."""

    def __init__(self, total: int = TOTAL, reminders: int = 0) -> None:
        status = CollectionStatus.REMINDED if reminders else None
        self.bill: Bill = bill(total).amended(reminder_sent_count=reminders, collection_status=status)
        self.charge = self.bill.account
        self.entries: list[LedgerEntry] = []
        self.online: OnlinePayment | None = None

    def take(self, event: Event) -> None:
        heard = news(event)
        self.online = self.online.heard(heard) if self.online else OnlinePayment.first_heard(heard, BY_SYSTEM)
        if self.online.bill_id is None or not self.online.captured:
            return
        if self.online.entry_id is None:
            new, questions = settling.new_payment(self.bill, self.online, self.bill.bill_date, ZONE)
            self._book(paying.paid(self.bill, new, LATER, day=self.bill.bill_date))
            self.online = self.online.amended(entry_id=entry_id(self.bill.id, self.bill.account.entries))
            self.online = self.online.asking(*questions)
        for at, refund in enumerate(self.online.refunds):
            new_refund = settling.new_refund(self.bill, self.online, refund)
            if refund.booked or crediting.refund_is_booked(self.bill, refund.id):
                continue
            if isinstance(new_refund, Question):
                self.online = self.online.asking(new_refund)
                continue
            back = settling.amount_charged_back(self.bill, self.online)
            day = self.bill.bill_date
            booked = crediting.refunded(self.bill, new_refund, LATER, day=day, number=NOTE, charged_back=back)
            self._book(booked)
            refunds = [*self.online.refunds]
            refunds[at] = refund.model_copy(update={"booked": True})
            self.online = self.online.amended(refunds=refunds)
        if any(one.state == DisputeState.LOST for one in self.online.disputes):
            lost = settling.charged_back(self.bill, self.online, LATER, self.bill.bill_date)
            assert isinstance(lost, Booked)
            self._book(lost)
        self.bill = settling.with_dispute(self.bill, self.online)

    def _book(self, booked: Booked) -> None:
        self.bill, self.entries = booked.bill, [*self.entries, *booked.entries]


EVENTS = [
    events.captured(PAID),
    events.failed(PAID),
    events.refunded(PAID, 300, "rfnd_1"),
    events.refunded(PAID, 200, "rfnd_2"),
    events.disputed(PAID, "created", TOTAL, "disp_1"),
    events.disputed(PAID, "under_review", TOTAL, "disp_1"),
    events.disputed(PAID, "lost", TOTAL, "disp_1"),
]
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
TOTALS = st.sampled_from([1, 400, 999, 1_000, 1_200])
CHANGING = [one for one in EVENTS if read_event(one.body)]


@given(st.lists(st.sampled_from(CHANGING), max_size=12), st.permutations(CHANGING), TOTALS, st.integers(0, 1))
def test_any_order_and_number_of_events_gives_the_same_account(
    repeated: list[Event], order: list[Event], total: int, reminders: int
) -> None:
    straight, mixed = Books(total, reminders), Books(total, reminders)

    for event in CHANGING:
        straight.take(event)
    for event in [*repeated, *order]:
        mixed.take(event)

    assert mixed.bill.account == straight.bill.account
    assert (mixed.bill.status, mixed.bill.collection_status) == (straight.bill.status, straight.bill.collection_status)
    assert (mixed.bill.account.paid, mixed.bill.account.refunded) == (0, 500), "charged back after two refunds"
    kinds = sorted(entry.entry_kind for entry in mixed.entries if entry.entry_kind != "credit")
    assert kinds == ["payment", "refund", "refund", "reversal"]
    assert account_of([*_charge(total), *mixed.entries]) == mixed.bill.account


def _charge(total: int) -> list[LedgerEntry]:
    fresh = bill(total)
    entry: dict[str, Any] = {"bill_id": fresh.id, "patient_id": fresh.patient_id, "day": fresh.bill_date}
    more = {"entry_kind": "charge", "payer": "patient", "amount": total, "balance": total, "currency": "INR"}
    return [LedgerEntry.new(entry_id(fresh.id, 1), BY_SYSTEM, sequence=1, **entry, **more)]


def test_what_comes_before_the_bill_is_known_waits() -> None:
    unknown = Payment(TOTAL, id="pay_1")
    books = Books()

    books.take(events.refunded(unknown, 300, "rfnd_1"))
    assert books.entries == []
    books.take(events.captured(PAID))

    assert [entry.entry_kind for entry in books.entries] == ["payment", "credit", "refund"]


@pytest.mark.parametrize(
    ("changes", "question"),
    [
        ({"currency": "USD"}, Question.CURRENCY_DIFFERS),
        ({"number": None}, Question.BILL_NOT_ISSUED),
        ({"account": bill(TOTAL).account.model_copy(update={"entries": MOST_ENTRIES - 1})}, Question.LEDGER_FULL),
        ({"account": bill(TOTAL).account.model_copy(update={"paid": MOST})}, Question.LEDGER_FULL),
        ({}, None),
    ],
)
def test_what_cannot_be_booked_is_asked(changes: dict[str, Any], question: Question | None) -> None:
    one = bill(TOTAL).model_copy(update=changes)

    assert settling.payment_question(one, told(events.captured(PAID))) == question


def dispute(state: str) -> OnlinePayment:
    return told(events.captured(PAID), events.disputed(PAID, state, TOTAL, "disp_1"))


@pytest.mark.parametrize(
    ("changes", "after_it"),
    [
        ({}, None),
        ({"reminder_sent_count": 2}, "reminded"),
        ({"reminder_sent_count": 2, "account": PAID_UP}, "settled"),
        ({"account": PAID_UP}, None),
        ({"account": GIVEN_UP}, "written_off"),
    ],
)
def test_a_collection_resumes_when_the_provider_ends_a_dispute(changes: dict[str, Any], after_it: str | None) -> None:
    disputed = settling.with_dispute(bill(TOTAL).amended(**changes), dispute("created"))

    assert disputed.collection_status == "disputed"
    assert settling.with_dispute(disputed, dispute("under_review")).collection_status == "disputed"
    assert settling.with_dispute(disputed, dispute("won")).collection_status == after_it


def test_what_the_patient_disputes_is_not_ended_by_the_provider() -> None:
    new = NewStep(status=CollectionStatus.DISPUTED, reason="Did not come.")
    by_patient = collecting.collected(bill(TOTAL), new, LATER, bill().bill_date)

    for online in (told(events.captured(PAID)), dispute("created"), dispute("won")):
        by_patient = settling.with_dispute(by_patient, online)

    assert by_patient.collection_status == "disputed"


def of_two(id: str, state: str) -> OnlinePayment:
    """One of two payments of the bill, whose dispute is in this state."""
    payment = Payment(TOTAL // 2, notes={BILL_NOTE: bill().id}, id=id)
    return told(events.captured(payment), events.disputed(payment, state, TOTAL // 2, f"disp_{id}"))


@pytest.mark.parametrize("ends", [("won", "won"), ("won", "lost"), ("lost", "won"), ("lost", "lost")])
def test_a_bill_is_disputed_until_the_last_dispute_of_its_payments_ends(ends: tuple[str, str]) -> None:
    both = bill(TOTAL).amended(reminder_sent_count=1, collection_status=CollectionStatus.REMINDED)
    for id in ("pay_1", "pay_2", "pay_2"):
        both = settling.with_dispute(both, of_two(id, "created"))

    first = settling.with_dispute(both, of_two("pay_1", ends[0]))
    last = settling.with_dispute(first, of_two("pay_2", ends[1]))

    assert (first.collection_status, first.disputed_payments) == ("disputed", ["pay_2"])
    assert (last.collection_status, last.disputed_payments) == ("reminded", [])
    assert settling.with_dispute(last, of_two("pay_1", ends[0])) == last


@pytest.mark.parametrize(
    ("status", "promised"),
    [("final_notice", None), ("with_agency", None), ("promise_to_pay", bill().bill_date)],
)
def test_a_collection_is_again_where_a_person_put_it_before_the_dispute(status: str, promised: date | None) -> None:
    new = NewStep(status=CollectionStatus(status), reason="Not paid.", promised_on=promised)
    pursued = collecting.collected(bill(TOTAL), new, LATER, bill().bill_date)

    disputed = settling.with_dispute(pursued, dispute("created"))
    after_it = settling.with_dispute(disputed, dispute("won"))

    assert disputed.collection_status == "disputed"
    assert (after_it.collection_status, collecting.promised_on(after_it)) == (status, promised)
    paid_up = settling.with_dispute(disputed.amended(account=PAID_UP), dispute("won"))
    assert paid_up.collection_status == "settled", "nobody pursues who owes nothing"


def test_what_is_paid_during_a_dispute_does_not_end_it() -> None:
    disputed = settling.with_dispute(bill(TOTAL), dispute("created"))
    rest = NewPayment(amount=TOTAL, method=PaymentMethod.CASH)

    paid = paying.paid(disputed, rest, LATER, day=bill().bill_date).bill

    assert (paid.status, paid.collection_status) == ("paid", "disputed")
    assert settling.with_dispute(paid, dispute("won")).collection_status is None


def test_more_refunds_than_possible_are_for_a_person() -> None:
    many = told(*(events.refunded(PAID, 1, f"rfnd_{at}") for at in range(MOST_NEWS + 1)))

    assert (len(many.refunds), many.questions) == (MOST_NEWS, [Question.TOO_MUCH_NEWS])
    resolved = many.resolved(Resolution(note="Counted by hand."), LATER)
    assert (resolved.needs_person, resolved.heard(news(events.captured(PAID))).needs_person) == (False, False)
    assert resolved.asking(Question.DISPUTED).needs_person
    with pytest.raises(Conflict):
        resolved.resolved(Resolution(note="Again."), LATER)


def test_a_payment_after_midnight_in_the_clinic_is_of_its_day_and_never_of_the_future() -> None:
    one = bill(TOTAL)
    late = Payment(TOTAL, created_at=int((NOON + timedelta(hours=8)).timestamp()))

    days = [
        settling.new_payment(one, told(events.captured(late)), today, ZONE)[0].received_on
        for today in (one.bill_date, one.bill_date + timedelta(days=2))
    ]

    assert days == [one.bill_date, one.bill_date + timedelta(days=1)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"event": 1}',
        b'{"event": "refund.processed", "payload": {"payment": {"entity": {"id": "pay_1", "amount": 5}}}}',
        b'{"event": "payment.captured", "payload": {"payment": {"entity": {"id": "../x", "amount": 5}}}}',
        b'{"event": "payment.captured", "payload": {"payment": {"entity": {"id": "pay_1", "amount": -5}}}}',
        b'{"event": "payment.captured", "payload": {"payment": {"entity": {"id": "pay_1", "amount": 0.5}}}}',
        b'{"event": "payment.captured", "payload": {"payment": {"entity": {"id": "pay_1", "amount": 5, "notes": 3}}}}',
    ],
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="event"):
        read_event(body)


@given(st.dictionaries(st.text(max_size=9), SCALARS, max_size=5))
def test_other_events_and_unknown_fields_are_ignored(more: dict[str, Any]) -> None:
    value = json.loads(events.captured(PAID).body)
    value["payload"]["payment"]["entity"] = {**more, **value["payload"]["payment"]["entity"]}

    assert read_event(json.dumps({**more, **value}).encode()) == news(events.captured(PAID))
    assert read_event(json.dumps({**value, "event": "order.paid"}).encode()) is None


def test_the_secret_before_counts_for_two_days() -> None:
    update = {"key_id": PROVIDER.key_id, "key_secret": "another-secret", "webhook_secret": "another-secret-of-mine"}
    changed = PROVIDER.updated(_update(update), Stamp(DOCTOR, NOON))
    again = changed.updated(_update({**update, "key_secret": "a-third-secret"}), Stamp(DOCTOR, after(hours=1)))

    for one in (changed, again):
        assert one.webhook_secrets(NOON) == ["another-secret-of-mine", PROVIDER.stored_webhook_secret]
        assert one.webhook_secrets(NOON + OLD_SECRET_COUNTS_FOR) == ["another-secret-of-mine"]
    assert PROVIDER.webhook_secrets(NOON) == [PROVIDER.stored_webhook_secret]


def _update(values: dict[str, str]) -> Any:
    from shared.records.billing.provider import ProviderUpdate

    return ProviderUpdate.model_validate(values)
