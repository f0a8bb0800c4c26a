"""Any course of bookings on the bills of a patient, made by the pure rules alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.records.billing import claiming, crediting, drafting, paying
from shared.records.billing.account import EntryKind, Payer
from shared.records.billing.bill import Bill
from shared.records.billing.books import first_fault
from shared.records.billing.crediting import NewCancellation, NewCredit, NewWriteOff
from shared.records.billing.insurance import OPEN, ClaimDecision, ClaimState, NewClaim
from shared.records.billing.issued import BillSnapshot
from shared.records.billing.ledger import Booked, NewEntry, account_of, status_of
from shared.records.billing.payments import NewPayment, NewRefund, NewReversal, PaymentMethod, ReversalCause
from shared.records.billing.requests import Amendment, NewBill
from shared.records.billing.statement import accounts_of
from shared.records.billing.types import PAYABLE, BillStatus
from shared.records.clinic.settings import ClinicSettings
from shared.records.letterhead import Letterhead
from shared.records.numbering import DocumentSeries, documents
from shared.records.problems import Conflict, Invalid
from shared.records.record import Stamp
from shared.records.types import local_date
from tests.shared.records.billing.billed import CLINIC, LINES, services_of
from tests.support.factories import after, patient, settings

DESK, LATER = Stamp("desk-1", after(hours=1)), Stamp("desk-2", after(hours=2))
AMOUNTS = st.integers(1, 200_000)
PARTS = st.integers(1, 100)
"""Per cent of what there is: so most bookings can be made."""
BILLS, PAYMENTS = st.integers(0, 9), st.integers(0, 9)
MOST_BILLS = 4
REASON = "Agreed with the patient."
ROUNDING = {"INR": 100, "USD": 5, "JPY": 1, "KWD": 10}
"""Currencies, and the multiple of minor units to which a clinic rounds totals."""
CURRENCIES, GST = st.sampled_from([*ROUNDING]), st.sampled_from([CLINIC, {}])


class Ledger(RuleBasedStateMachine):
    """Bills that are issued, paid, corrected and replaced, with all entries of each."""

    clinic: ClinicSettings

    @initialize(
        lines=LINES, currency=st.sampled_from([*ROUNDING]), rounded=st.booleans(), within=st.booleans(), gst=GST
    )
    def begin(self, lines: Any, currency: str, rounded: bool, within: bool, gst: dict[str, Any]) -> None:
        round_to = ROUNDING[currency] if rounded else 1
        self.clinic = settings(**gst, currency=currency, prices_include_tax=within, round_total_to=round_to)
        self.day = local_date(DESK.at, self.clinic.time_zone)
        self.books: dict[str, Booked] = {}
        self.issued: dict[str, BillSnapshot] = {}
        self.counts = Counter[DocumentSeries]()
        self.issue(lines)

    @property
    def bills(self) -> list[Bill]:
        return [one.bill for one in self.books.values()]

    def at(self, number: int, that: Callable[[Bill], object] = lambda _: True) -> Bill:
        """One of the bills that are so, or of all if none is."""
        some = [*filter(that, self.bills)] or self.bills
        return some[number % len(some)]

    def post(self, *booked: Booked) -> None:
        """Keep what was booked, in one commit."""
        for one in booked:
            before = self.books.get(one.bill.id)
            self.books[one.bill.id] = Booked(one.bill, [*(before.entries if before else []), *one.entries])

    def post_if_allowed(self, book: Callable[[], Booked | Iterable[Booked]]) -> None:
        try:
            booked = book()
        except (Conflict, Invalid):
            return
        self.post(*([booked] if isinstance(booked, Booked) else booked))

    def number(self, series: DocumentSeries) -> str:
        self.counts[series] += 1
        gst, starts = self.clinic.gst_number is not None, self.clinic.financial_year_starts_in
        return documents(series, self.day, starts, gst=gst).write(self.counts[series])

    def charge(self, draft: Bill) -> Booked:
        """The bill of a draft, with its number, its issued bytes and its charge."""
        bill = draft.issued(self.number(draft.document_type.series), self.clinic)
        issuer = Letterhead.of(None, self.clinic)
        snapshot = BillSnapshot.of(bill, patient(), None, issuer=issuer, zone=self.clinic.time_zone)
        self.issued[bill.id] = snapshot
        return Booked(bill).book(NewEntry(EntryKind.CHARGE, bill.total_amount, bill.bill_date), DESK)

    @precondition(lambda self: len(self.books) < MOST_BILLS)
    @rule(lines=LINES)
    def issue(self, lines: Any) -> None:
        new = NewBill.model_validate({"patient_id": patient().id, "line_items": services_of(lines)})
        id = f"{new.patient_id}-{len(self.books)}"
        self.post(self.charge(drafting.by_hand(new, id, [], patient=patient(), clinic=self.clinic, stamp=DESK)))

    def take(self, bill: Bill, new: NewPayment) -> None:
        def book() -> Booked:
            paying.must_take(bill, new, self.day)
            return paying.paid(bill, new, DESK, day=self.day, receipt=self.number(DocumentSeries.RECEIPT))

        self.post_if_allowed(book)

    @rule(at=BILLS, amount=AMOUNTS, method=st.sampled_from(PaymentMethod), keep=st.booleans())
    def pay(self, at: int, amount: int, method: PaymentMethod, keep: bool) -> None:
        self.take(self.at(at), NewPayment(amount=amount, method=method, keep_excess_as_credit=keep))

    @rule(at=BILLS, part=PARTS)
    def pay_what_is_owed(self, at: int, part: int) -> None:
        bill = self.at(at, lambda one: one.account.patient_owes)
        amount = bill.account.patient_owes * part // 100 or 1
        self.take(bill, NewPayment(amount=amount, method=PaymentMethod.CHEQUE))

    @rule(at=BILLS, part=PARTS)
    def insurer_pays(self, at: int, part: int) -> None:
        bill = self.at(at, lambda one: one.account.insurer_owes)
        amount = bill.account.insurer_owes * part // 100 or 1
        self.take(bill, NewPayment(amount=amount, method=PaymentMethod.INSURANCE))

    @rule(at=BILLS, number=PAYMENTS, cause=st.sampled_from(ReversalCause))
    def reverse(self, at: int, number: int, cause: ReversalCause) -> None:
        bill = self.at(at, lambda one: one.last_payment_at)
        counting = [one for one in bill.payment_history if one.reversal is None]
        if counting:
            new, id = NewReversal(reason=REASON, cause=cause), counting[number % len(counting)].id
            self.post(paying.reversed_payment(bill, id, new, LATER, day=self.day))

    @rule(at=BILLS, part=PARTS)
    def refund(self, at: int, part: int) -> None:
        def book() -> Booked:
            crediting.must_be_refundable(bill, new, self.day)
            return crediting.refunded(bill, new, DESK, day=self.day, number=self.number(DocumentSeries.CREDIT_NOTE))

        bill = self.at(at, lambda one: one.account.patient_money > 0)
        amount = max(bill.account.patient_money * part // 90, 1)  # sometimes more than there is
        new = NewRefund(amount=amount, method=PaymentMethod.CASH, reason=REASON)
        self.post_if_allowed(book)
        after = self.books[bill.id].bill.account
        assert after.patient_owes == bill.account.patient_owes, "a refund makes nobody owe"

    @rule(at=BILLS, amount=AMOUNTS)
    def credit(self, at: int, amount: int) -> None:
        def book() -> Booked:
            crediting.must_be_creditable(bill, amount)
            return self.credited(bill, amount)

        bill = self.at(at)
        self.post_if_allowed(book)

    def credited(self, bill: Bill, amount: int) -> Booked:
        new, number = NewCredit(amount=amount, reason=REASON), self.number(DocumentSeries.CREDIT_NOTE)
        return crediting.credited(bill, new, DESK, day=self.day, number=number)

    @rule(at=BILLS, amount=st.none() | AMOUNTS)
    def write_off(self, at: int, amount: int | None) -> None:
        new = NewWriteOff(amount=amount, reason=REASON)
        self.post_if_allowed(lambda: crediting.written_off(self.at(at), new, DESK, day=self.day))

    @rule(at=BILLS, part=PARTS, copay=st.integers(0, 1_000))
    def claim(self, at: int, part: int, copay: int) -> None:
        covered = self.at(at).account.patient_owes * part // 100 or 1
        new = NewClaim(provider="Star", covered_amount=covered, copay_amount=copay)
        self.post_if_allowed(lambda: claiming.claimed(self.at(at), new, DESK, day=self.day))

    @rule(at=BILLS, state=st.sampled_from(ClaimState), part=st.none() | PARTS)
    def decide(self, at: int, state: ClaimState, part: int | None) -> None:
        bill = self.at(at, lambda one: one.insurance and one.insurance.state in OPEN)
        covered = None if part is None else bill.account.insurer_share * part // 100
        decision = ClaimDecision(state=state, covered_amount=covered)
        self.post_if_allowed(lambda: claiming.decided(bill, decision, LATER, day=self.day))

    @rule(at=BILLS, by=BILLS, amount=st.none() | AMOUNTS)
    def use_credit(self, at: int, by: int, amount: int | None) -> None:
        one, other = self.at(by, lambda one: one.account.credit_balance), self.at(at)
        if one.id != other.id:
            self.post_if_allowed(lambda: paying.credit_used(one, other, amount, DESK, day=self.day))

    @precondition(lambda self: len(self.books) > 1)
    @rule(at=BILLS)
    def cancel(self, at: int) -> None:
        new = NewCancellation(reason=REASON)
        self.post_if_allowed(lambda: crediting.cancelled(self.at(at), new, DESK, day=self.day))

    @precondition(lambda self: len(self.books) < MOST_BILLS)
    @rule(at=BILLS, lines=LINES)
    def amend(self, at: int, lines: Any) -> None:
        """As the use case does: the old bill is cancelled or credited, and what was paid goes to the new one."""
        old = self.at(at)
        if old.status == BillStatus.CANCELLED or old.amended_by or old.account.insurer_share:
            return
        request = Amendment.model_validate({"line_items": services_of(lines), "reason": REASON})
        new = self.charge(drafting.amendment(old, request, f"{old.patient_id}-{len(self.books)}", self.clinic, DESK))
        if not crediting.has_payments(old):
            given_up = crediting.cancelled(old, NewCancellation(reason=REASON), DESK, day=self.day)
        else:
            share = old.account.patient_share
            given_up = self.credited(old, share) if share > 0 else Booked(old)
        self.post(Booked(given_up.bill.amended(amended_by=new.bill.id), given_up.entries), new)
        source, target = self.books[old.id].bill, self.books[new.bill.id].bill
        self.post_if_allowed(lambda: paying.credit_used(source, target, None, DESK, day=self.day))

    @invariant()
    def accounts_follow_from_the_entries(self) -> None:
        for one in self.books.values():
            assert account_of(one.entries) == one.bill.account
            assert [entry.sequence for entry in one.entries] == [*range(1, len(one.entries) + 1)]
            assert first_fault(one.bill, [*one.entries, None], self.issued[one.bill.id]) is None

    @invariant()
    def parts_add_up(self) -> None:
        for one in self.books.values():
            account, claim = one.bill.account, one.bill.insurance
            left = account.charged - account.credited - account.written_off
            assert left == account.patient_share + account.insurer_share
            assert account.outstanding - account.credit_balance == left - account.received
            assert min(account.insurer_owes, account.outstanding) >= 0
            assert account.patient_share >= 0 or account.written_off, "what was refunded of a bounced payment"
            assert one.entries[-1].balance == account.outstanding - account.credit_balance
            if claim:
                assert claim.patient_responsibility == max(account.patient_share, 0)
                assert claim.covered_amount == account.insurer_share or claim.state == ClaimState.REJECTED

    @invariant()
    def lines_are_the_charge(self) -> None:
        for bill in self.bills:
            lines = sum(line.total for line in bill.line_items)
            assert lines + bill.round_off == bill.total_amount == bill.account.charged
            assert bill.taxable_amount + bill.tax_amount + bill.round_off == bill.total_amount
            assert bill.round_off == 0 or bill.total_amount % self.clinic.round_total_to == 0

    @invariant()
    def states_follow_from_the_accounts(self) -> None:
        for bill in self.bills:
            if bill.status != BillStatus.CANCELLED:
                assert bill.status == status_of(bill, bill.account)
            assert (bill.status in PAYABLE) == (bill.outstanding_amount > 0)

    @invariant()
    def histories_have_what_was_paid(self) -> None:
        for bill in self.bills:
            counting = [one for one in bill.payment_history if one.reversal is None]
            assert sum(one.amount for one in counting) == bill.account.paid + bill.account.insurer_paid
            assert sum(one.amount for one in bill.refund_history) == bill.account.refunded
            assert (bill.last_payment_at is None) == (not counting)

    @invariant()
    def credit_moves_and_is_never_made(self) -> None:
        accounts = [bill.account for bill in self.bills]
        assert sum(one.credit_in for one in accounts) == sum(one.credit_out for one in accounts)

    @invariant()
    def the_patients_statement_has_what_the_patient_owes(self) -> None:
        entries = [entry for one in self.books.values() for entry in one.entries]
        (account,) = accounts_of(entries, {bill.id: bill for bill in self.bills}, self.day, self.day)
        assert account.closing_balance == sum(
            one.account.patient_owes - one.account.credit_balance for one in self.bills
        )
        insurer = [one for one in entries if one.payer == Payer.INSURER and one.entry_kind == EntryKind.PAYMENT]
        assert all(entry.method == PaymentMethod.INSURANCE for entry in insurer)
