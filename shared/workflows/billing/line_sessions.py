"""The sessions that lines of a bill name, as those in which the services were given: each is one of the patient's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from shared.records.billing.bill import Bill
from shared.records.billing.lines import NewLine
from shared.records.problems import FieldError
from shared.records.record import patient_of
from shared.records.visits.session import Session
from shared.store.unit_of_work import UnitOfWork


def errors(work: UnitOfWork, lines: Sequence[NewLine], person_ids: Collection[str]) -> Iterator[FieldError]:
    """The lines that name no session of the patient, whose records have these ids."""
    named = {line.session_id for line in lines if line.session_id is not None}
    refs = [Session.ref(id) for id in sorted(named) if patient_of(id) in person_ids]
    work.prefetch(*refs)
    known = {ref.id for ref in refs if work.get_or_none(ref) is not None}
    for at, line in enumerate(lines):
        if line.session_id is not None and line.session_id not in known:
            yield FieldError(f"/line_items/{at}/session_id", "is no session of the patient")


def errors_of_change(work: UnitOfWork, bill: Bill, lines: Sequence[NewLine]) -> list[FieldError]:
    """As `errors`, of lines of a bill that there is. Nothing is read if they name no session but those it has."""
    before = {None, bill.session_id, *bill.other_session_ids, *(line.session_id for line in bill.line_items)}
    if before.issuperset(line.session_id for line in lines):
        return []
    return [*errors(work, lines, work.person_ids(bill.patient_id))]
