"""A draft follows its session; an issued bill never changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.records.billing import drafting
from shared.records.billing.bill import Bill
from shared.records.billing.types import BillStatus
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.visits.correction import corrected
from shared.records.visits.requests import SessionChange
from shared.records.visits.session import Session
from tests.support.factories import BY_SYSTEM, DOCTOR, after, patient, session, settings

CLINIC = settings(
    fees=[
        {"session_type": "followup", "up_to_minutes": 30, "amount": 100_000, "description": "Follow-up"},
        {"session_type": "followup", "amount": 180_000, "description": "Follow-up, long"},
    ],
    tax={"rate_percent": "18", "label": "GST"},
)
LATER = Stamp(DOCTOR, after(hours=5))


def completed() -> Session:
    return session().completed(Stamp(DOCTOR, after(hours=4)))


def draft_of(visit: Session) -> Bill:
    return drafting.of_session(visit, patient(), CLINIC, BY_SYSTEM)


def again(draft: Bill, visit: Session) -> Bill:
    return drafting.repriced(draft, visit, patient(), CLINIC, LATER)


def change(visit: Session, **fields: object) -> Session:
    return corrected(visit, SessionChange.model_validate(fields), LATER, backdating=timedelta(days=1))


def test_a_draft_is_priced_again_by_the_corrected_session() -> None:
    draft = draft_of(completed())

    right = again(draft, change(completed(), ended_at=after(minutes=24)))

    assert (draft.total_amount, right.total_amount) == (212_400, 118_000)
    assert (right.line_items[0].description, right.tax_amount, right.status) == ("Follow-up", 18_000, BillStatus.DRAFT)
    assert (right.id, right.record_key, right.bill_date) == (draft.id, draft.record_key, draft.bill_date)
    assert right.revision == draft.revision + 1


def test_a_draft_without_a_fee_needs_a_price_and_gets_one_with_the_right_type() -> None:
    emergency = session(type="emergency").completed(Stamp(DOCTOR, after(minutes=20)))
    draft = draft_of(emergency)

    right = again(draft, change(emergency, type="followup"))

    assert (draft.needs_pricing, right.needs_pricing, right.total_amount) == (True, False, 118_000)


def test_pricing_the_same_session_again_changes_nothing() -> None:
    draft = draft_of(completed())

    assert again(draft, completed()) is draft


def test_a_draft_ends_with_its_session_and_comes_back_with_it() -> None:
    draft = draft_of(completed())

    withdrawn = draft.withdrawn(LATER)
    with pytest.raises(Conflict):
        withdrawn.must_be_issuable()

    assert withdrawn.status == BillStatus.CANCELLED
    assert again(withdrawn, completed()).status == BillStatus.DRAFT


def test_an_issued_bill_never_changes() -> None:
    issued = draft_of(completed()).issued("INV-202609-000001", CLINIC)

    with pytest.raises(Conflict):
        again(issued, change(completed(), ended_at=after(minutes=24)))
    with pytest.raises(Conflict):
        issued.withdrawn(LATER)
    with pytest.raises(Conflict):
        issued.must_be_issuable()


@pytest.mark.parametrize(
    ("changes", "as_now"),
    [
        ({"gst_number": "29ABCDE1234F1ZW"}, False),
        ({"prices_include_tax": True}, False),
        ({"round_total_to": 1_000}, False),
        ({"round_total_to": 100}, True),
        ({"tax": {"rate_percent": "5"}}, True),
        ({"fees": [], "name": "Another"}, True),
    ],
)
def test_a_draft_is_taxed_as_now_unless_its_totals_would_be_others(changes: dict[str, object], as_now: bool) -> None:
    draft = draft_of(completed())

    assert drafting.is_taxed_as_now(draft, CLINIC)
    assert drafting.is_taxed_as_now(draft, CLINIC.amended(**changes)) is as_now
