"""The collection of what a patient owes: its states, what a person records, and when it pauses the reminders.

null → reminded ⇄ final_notice
  └──────┴─────────────┴──→ promise_to_pay, disputed, with_agency → null, or one another
each of them → settled, written_off    follow from the account
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field

from shared.records.billing.account import Account, EntryKind
from shared.records.problems import FieldError
from shared.records.record import Value
from shared.records.text import ShortText, Text
from shared.records.types import Day, Id, Moment

MOST_STEPS = 50
"""Steps that people record about one bill."""
LONGEST_PROMISE = timedelta(days=366)


class CollectionStatus(StrEnum):
    """How far the clinic has come with what a patient owes."""

    REMINDED = "reminded"
    """The patient was reminded at least once. Follows from the reminder."""
    FINAL_NOTICE = "final_notice"
    """The patient was told that nothing but an agency or a court comes next."""
    PROMISE_TO_PAY = "promise_to_pay"
    """The patient has promised to pay by a day: no reminder goes until it is over."""
    DISPUTED = "disputed"
    """The patient says that the bill is wrong: no reminder goes until that is resolved."""
    WITH_AGENCY = "with_agency"
    """A collection agency has it: the clinic sends no reminder."""
    SETTLED = "settled"
    """The patient owes nothing any more. Follows from the account."""
    WRITTEN_OFF = "written_off"
    """The clinic gave up the rest. Follows from the account."""


CLOSED = frozenset({CollectionStatus.SETTLED, CollectionStatus.WRITTEN_OFF})
_BY_PEOPLE = frozenset(
    {
        CollectionStatus.FINAL_NOTICE,
        CollectionStatus.PROMISE_TO_PAY,
        CollectionStatus.DISPUTED,
        CollectionStatus.WITH_AGENCY,
    }
)
"""The states that a person sets; the others follow from what happens."""


class NewStep(Value):
    """What a person records about the collection of a bill."""

    status: CollectionStatus | None
    """`final_notice`, `promise_to_pay`, `disputed` or `with_agency`; null ends such a state, as when a dispute is
    resolved, and reminders go on."""
    reason: ShortText = Field(min_length=1)
    note: Text | None = None
    """For the staff."""
    promised_on: Day | None = None
    """The last day by which the patient has promised to pay; required for `promise_to_pay`, and of no other state."""

    def errors(self, today: date) -> Iterator[FieldError]:
        """What is wrong with it on the clinic's day."""
        if self.status is not None and self.status not in _BY_PEOPLE:
            yield FieldError("/status", f"{self.status} follows from reminders and payments; nobody sets it")
        if self.status != CollectionStatus.PROMISE_TO_PAY:
            if self.promised_on is not None:
                yield FieldError("/promised_on", "is of promise_to_pay alone")
        elif self.promised_on is None:
            yield FieldError("/promised_on", "is required for promise_to_pay")
        elif not today <= self.promised_on <= today + LONGEST_PROMISE:
            yield FieldError("/promised_on", "is today or a day of the next year")


class CollectionStep(NewStep):
    """A step of the collection, and who recorded it when."""

    recorded_at: Moment
    recorded_by: Id


def reopened(reminders: int) -> CollectionStatus | None:
    """The state of a collection that nobody has put into another one, after so many reminders."""
    return CollectionStatus.REMINDED if reminders else None


def following(
    status: CollectionStatus | None, account: Account, kind: EntryKind, reminders: int
) -> CollectionStatus | None:
    """The state of the collection after an entry of this kind: it ends once the patient owes nothing, and is open again
    when a payment is reversed. A bill that is paid without any collection has none."""
    if account.patient_owes:
        return reopened(reminders) if status in CLOSED else status
    if kind == EntryKind.WRITE_OFF:
        return CollectionStatus.WRITTEN_OFF
    return status if status is None or status in CLOSED else CollectionStatus.SETTLED
