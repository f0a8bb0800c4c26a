"""The last visit at a glance."""

from __future__ import annotations

import pytest

from shared.records.reports.last_visit import LastVisit
from shared.records.reports.statements import Statement
from tests.support.factories import content, patient, report, session, settings, statement
from tools.openapi import factories


def last(*statements: Statement) -> LastVisit:
    return LastVisit.of(factories.signed_payload(report(), content(*statements), session(), patient(), settings()))


def test_plan_and_orders_are_those_of_the_signed_report() -> None:
    seen = last(
        statement(1, "assessment", "Depression."),
        statement(2, "plan.medications", "Sertraline 75 mg."),
        statement(3, "plan.follow_up", "Blood test for TSH."),
        statement(4, "plan.follow_up", "Review in two weeks."),
    )

    assert [one.statement_id for one in seen.plan] == ["s2", "s3", "s4"]
    assert [one.text for one in seen.orders] == ["Blood test for TSH."]
    assert (seen.started_at, seen.report_id) == (session().started_at, report().id)


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("PHQ-9 score is 14, it was 18 last time.", [("PHQ-9", 14)]),
        ("PHQ9: 14 and GAD-7 of 9.", [("PHQ9", 14), ("GAD-7", 9)]),
        ("PHQ-9 was not asked.", []),
        ("Sleeps 5 hours.", []),
        ("", []),
    ],
)
def test_scores_are_found_as_they_stand(text: str, scores: list[tuple[str, int]]) -> None:
    assert [(one.scale, one.value) for one in last(statement(1, "assessment", text)).scores] == scores
