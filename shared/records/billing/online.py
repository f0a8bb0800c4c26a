"""A payment at the provider: all that its events said, and what of it is booked.

Events come more than once and in any order, so each only adds to what is known (`heard`), and what is known decides
what is booked. A payment, a refund or a chargeback is booked once.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field

from shared.records.billing.provider_event import DisputeNews, DisputeState, PaymentNews, RefundNews
from shared.records.conflict_codes import ConflictCode
from shared.records.money import Minor
from shared.records.page import PageQuery
from shared.records.privacy import Encrypted, Plain
from shared.records.problems import Conflict
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.text import ShortText
from shared.records.types import Currency, Id, Moment

MOST_NEWS = 50
"""Refunds, and disputes, of one payment."""


class Question(StrEnum):
    """Why a person must look at a payment."""

    BILL_UNKNOWN = "bill_unknown"
    """There is no such bill in the clinic, or its patient is erased: nothing is booked."""
    BILL_NOT_ISSUED = "bill_not_issued"
    """The bill is a draft: nothing is booked."""
    CURRENCY_DIFFERS = "currency_differs"
    """Payment and bill have two currencies: nothing is booked."""
    AMOUNT_DIFFERS = "amount_differs"
    """A person has booked this payment with another amount."""
    LEDGER_FULL = "ledger_full"
    """The bill takes no further entry, or no such amount: not booked."""
    NOTHING_OWED = "nothing_owed"
    """More was paid than is owed, or for a cancelled bill: the rest is the patient's credit. Pay it back, or use it."""
    REFUND_NOT_BOOKED = "refund_not_booked"
    """A refund is more than what the bill shows as paid."""
    DISPUTED = "disputed"
    """The payer's bank disputes it: send evidence to the provider."""
    CHARGEBACK_NOT_BOOKED = "chargeback_not_booked"
    """A part of the payment was charged back: refund or credit it by hand."""
    TOO_MUCH_NEWS = "too_much_news"
    """More refunds or disputes than one payment can have."""


class OnlineRefund(RefundNews):
    """A refund at the provider."""

    booked: bool = False


class OnlineDispute(DisputeNews):
    """A dispute at the provider."""

    booked: bool = False
    """True once the chargeback is booked."""


class Resolution(Value):
    """What a person did about a payment."""

    note: ShortText = Field(min_length=1)


class OnlinePaymentList(PageQuery):
    """The payments to list, newest first."""

    needs_person: bool = False
    """Only those that a person must look at."""


class OnlinePayment(Record):
    """A payment through the clinic's payment provider. Its id is the provider's."""

    kind: ClassVar[str] = "OnlinePayment"
    collection: ClassVar[str] = "online_payments"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    bill_id: Plain[Id | None]
    """Null for a payment that no bill made, so far as is known."""
    amount: Encrypted[Minor]
    currency: Plain[Currency]
    captured: Plain[bool]
    """True if the clinic has, or had, the money."""
    paid_at: Plain[Moment]
    entry_id: Plain[Id | None] = None
    """Its entry in the ledger; null while it is not booked."""
    refunds: Encrypted[list[OnlineRefund]] = Field(default=[], max_length=MOST_NEWS)
    disputes: Encrypted[list[OnlineDispute]] = Field(default=[], max_length=MOST_NEWS)
    questions: Plain[list[Question]] = Field(default=[], max_length=len(Question))
    """Why a person must look at it."""
    settled_questions: Plain[list[Question]] = Field(default=[], max_length=len(Question))
    """Those that a person has dealt with."""
    needs_person: Plain[bool] = False
    note: Encrypted[ShortText | None] = None
    """What a person did about it."""

    @classmethod
    def first_heard(cls, news: PaymentNews, stamp: Stamp) -> Self:
        """The payment after the first event about it."""
        known = ("bill_id", "amount", "currency", "captured", "paid_at")
        return cls.new(news.payment_id, stamp, **{name: getattr(news, name) for name in known}).heard(news)

    def heard(self, news: PaymentNews) -> Self:
        """The payment after an event, which may be an old one."""
        refunds, disputes = list(self.refunds), list(self.disputes)
        questions = list(self.questions)
        if news.refund is not None and news.refund.id not in {one.id for one in refunds}:
            refunds.append(OnlineRefund(**dict(news.refund)))
        if news.dispute is not None:
            disputes = _with_dispute(disputes, news.dispute)
        if max(len(refunds), len(disputes)) > MOST_NEWS:
            refunds, disputes = refunds[:MOST_NEWS], disputes[:MOST_NEWS]
            questions = [*questions, Question.TOO_MUCH_NEWS]
        return self.amended(
            bill_id=self.bill_id or news.bill_id,
            captured=self.captured or news.captured,
            refunds=refunds,
            disputes=disputes,
        ).asking(*questions)

    def asking(self, *questions: Question) -> Self:
        """The payment with these questions, as well as earlier ones."""
        asked = [one for one in Question if one in {*self.questions, *questions}]
        return self.amended(questions=asked, needs_person=bool(set(asked) - set(self.settled_questions)))

    def resolved(self, resolution: Resolution, stamp: Stamp) -> Self:
        """The payment after a person dealt with its questions. Raises Conflict if there is none."""
        if not self.needs_person:
            raise Conflict(ConflictCode.NO_QUESTION, "nobody needs to look at this payment")
        return self.revised(stamp, settled_questions=self.questions, needs_person=False, note=resolution.note)

    @property
    def is_of_interest(self) -> bool:
        """True if it must be kept: a bill made it, or it may turn out that one did."""
        return self.bill_id is not None or bool(self.refunds or self.disputes)

    @property
    def disputed(self) -> bool:
        """True while a dispute is open."""
        return any(one.state == DisputeState.OPEN for one in self.disputes)


def _with_dispute(disputes: list[OnlineDispute], news: DisputeNews) -> list[OnlineDispute]:
    found = next((one for one in disputes if one.id == news.id), None)
    if found is None:
        return [*disputes, OnlineDispute(**dict(news))]
    later = found.model_copy(update={"state": found.state.later(news.state)})
    return [later if one.id == news.id else one for one in disputes]
