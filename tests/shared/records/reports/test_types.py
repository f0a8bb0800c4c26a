"""The type of a report: of the request, or else of its template, or else of the visit."""

from __future__ import annotations

import pytest

from shared.records.record import Stamp
from shared.records.report_type import ReportType
from shared.records.reports.types import TypeFrom, chosen_type
from shared.records.visits.session import SessionType
from tests.support.factories import DOCTOR, after, report

FOLLOWUP, NEW = SessionType.FOLLOWUP, SessionType.NEW_PATIENT
STAMP = Stamp(DOCTOR, after(minutes=1))


@pytest.mark.parametrize(
    ("visit", "of_template", "asked", "expected"),
    [
        (FOLLOWUP, None, None, ("followup", "visit")),
        (NEW, None, None, ("consultation", "visit")),
        (FOLLOWUP, ReportType.DISCHARGE, None, ("discharge", "template")),
        (FOLLOWUP, ReportType.DISCHARGE, ReportType.REFERRAL, ("referral", "request")),
        (FOLLOWUP, None, ReportType.FOLLOWUP, ("followup", "request")),
    ],
)
def test_the_request_wins_over_the_template_and_that_over_the_visit(
    visit: SessionType, of_template: ReportType | None, asked: ReportType | None, expected: tuple[str, str]
) -> None:
    found = chosen_type(visit, of_template, asked)

    assert (found["report_type"], found["type_from"]) == expected


@pytest.mark.parametrize("chosen_by", TypeFrom)
def test_only_a_type_that_nobody_chose_follows_the_visit(chosen_by: TypeFrom) -> None:
    one = report(type_from=chosen_by)

    after_it = one.with_type_of(FOLLOWUP, STAMP)

    assert (after_it.report_type == "followup") is (chosen_by == TypeFrom.VISIT)
    assert one.with_type_of(NEW, STAMP) is one


@pytest.mark.parametrize("number", [1, 2, 6])
def test_each_further_report_publishes_its_state_by_its_id(number: int) -> None:
    one = report(id=f"patient-visit-r{number}")

    assert one.published == ({"report": "pending"} if number == 1 else {"further_reports": {one.id: "pending"}})
