"""What becomes of the bills of a clinic: a plan, month by month, in which the same months have the same bills.

A month has 1,000 bills, on its first twenty days, so clinics differ in the number of months alone. The bills of all
months but the last are settled.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from random import Random

from shared.records.numbering import DocumentSeries, documents

A_MONTH, A_DAY = 1_000, 50
"""Bills of a month, and of each of its first twenty days."""
OF_A_PATIENT = 10
"""Bills of each patient, in one month: of neighbours in a list, none has the same patient."""
DOCTORS = [f"bench-doctor-{number}" for number in range(5)]
YEAR_STARTS_IN = 4
_GST = {"rate_percent": "18", "label": "GST", "code": "999722"}
_EXEMPT = {"exemption_reason": "Notification 12/2017, entry 74", "code": "999312"}
_VISIT = {"description": "Consultation", "unit_price": 150_000, "tax": _EXEMPT}
SERVICES = [
    [_VISIT],
    [{"description": "Follow-up", "unit_price": 120_000, "tax": _EXEMPT}],
    [{"description": "Laser", "unit_price": 400_000, "quantity": 2, "tax": _GST}],
    [_VISIT, {"description": "Peel", "unit_price": 90_000, "tax": _GST}],
]
"""The lines of a bill."""
_EXEMPT_ALONE = (0, 1)
"""The services that make a bill of supply."""


class Step(StrEnum):
    """What happens to an issued bill."""

    PART = "part"
    REST = "rest"
    CREDIT = "credit"
    REFUND = "refund"
    WRITE_OFF = "write_off"
    CANCEL = "cancel"
    OVERDUE = "overdue"


Course = tuple[Step, ...] | None
"""The steps of a bill, a day each; None is a draft."""
_DOCUMENTS = {
    Step.PART: DocumentSeries.RECEIPT,
    Step.REST: DocumentSeries.RECEIPT,
    Step.CREDIT: DocumentSeries.CREDIT_NOTE,
    Step.REFUND: DocumentSeries.CREDIT_NOTE,
}
"""The steps that have a document of their own."""
_SETTLED: dict[Course, int] = {
    (Step.REST,): 75,
    (Step.PART, Step.REST): 12,
    (Step.CREDIT, Step.REST): 4,
    (Step.REST, Step.REFUND): 3,
    (Step.PART, Step.WRITE_OFF): 3,
    (Step.CANCEL,): 3,
}
_RECENT: dict[Course, int] = {
    (Step.REST,): 45,
    (Step.PART,): 12,
    (): 18,
    (Step.OVERDUE,): 8,
    (Step.PART, Step.OVERDUE): 4,
    (Step.CREDIT,): 5,
    (Step.CANCEL,): 3,
    None: 5,
}
"""The courses of bills, per cent: of earlier months, and of the last one."""


@dataclass(frozen=True)
class PlannedBill:
    """A bill to be written."""

    at: datetime
    doctor_id: str
    service: int
    course: Course
    numbers: Sequence[str]
    """Of the bill, and of the documents of its steps in order."""


@dataclass(frozen=True)
class PlannedMonth:
    """The bills of a month."""

    number: int
    by_patient: Sequence[Sequence[PlannedBill]]


@dataclass(frozen=True)
class Plan:
    """The months of a clinic, oldest first, and the last numbers of each series by financial year."""

    months: Sequence[PlannedMonth]
    counts: Mapping[DocumentSeries, Mapping[str, int]]


def plan(size: int, last: date) -> Plan:
    """So many bills, a multiple of A_MONTH, or fewer in one month; `last` is the first day of the last month."""
    counts: dict[DocumentSeries, Counter[str]] = defaultdict(Counter)
    in_month = min(size, A_MONTH)
    months, patients = [], in_month // OF_A_PATIENT
    for number in range(size // in_month):
        first = _months_before(last, size // in_month - 1 - number)
        bills = [*islice(_bills(first, _RECENT if first == last else _SETTLED, counts), in_month)]
        months.append(PlannedMonth(number, [bills[patient::patients] for patient in range(patients)]))
    return Plan(months, counts)


def _bills(
    first: date, shares: Mapping[Course, int], counts: dict[DocumentSeries, Counter[str]]
) -> Iterator[PlannedBill]:
    random = Random(A_MONTH)
    courses = [course for course, share in shares.items() for _ in range(share * A_MONTH // 100)]
    random.shuffle(courses)
    for number, course in enumerate(courses):
        day = first + timedelta(days=number // A_DAY)
        at = datetime.combine(day, time(4, 30), UTC) + timedelta(minutes=5 * (number % A_DAY))
        service, doctor_id = random.randrange(len(SERVICES)), DOCTORS[number % len(DOCTORS)]
        yield PlannedBill(at, doctor_id, service, course, [*_numbers(service, course, day, counts)])


def _numbers(service: int, course: Course, day: date, counts: dict[DocumentSeries, Counter[str]]) -> Iterator[str]:
    """The next numbers of the bill and of the documents of its steps."""
    if course is None:
        return
    of_bill = DocumentSeries.BILL_OF_SUPPLY if service in _EXEMPT_ALONE else DocumentSeries.INVOICE
    for series in (of_bill, *(_DOCUMENTS[step] for step in course if step in _DOCUMENTS)):
        numbered = documents(series, day, YEAR_STARTS_IN, gst=True)
        counts[series][numbered.year] += 1
        yield numbered.write(counts[series][numbered.year])


def _months_before(first: date, count: int) -> date:
    months = first.year * 12 + first.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)
