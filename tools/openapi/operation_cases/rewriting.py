"""Operations that write a report anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.permissions import Action
from shared.records.record import Detailed, Stamp
from shared.records.version import Version
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, page
from tools.openapi.operation_cases.reports import CASES as REPORTS
from tools.openapi.operation_cases.reports import REPORT
from tools.openapi.operation_cases.sample_clinic import DOCTOR, ENDED

_READ = REPORTS["reports.get"].answer
_ASKED = Stamp(DOCTOR, ENDED + timedelta(minutes=20))
_BEFORE = factories.content(REPORT, _ASKED, *_READ.extra.statements, sections=_READ.extra.sections)
_ANEW = [factories.statement(2, "subjective", "Wakes at 04:00 on most nights.")]

CASES: Mapping[str, OperationCase] = {
    "reports.rewrite": OperationCase(
        path={"id": REPORT.id},
        body={"sections": ["subjective"], "force": True},
        answer=Detailed(REPORT.to_be_rewritten(["subjective"], _ASKED), _READ.extra),
        test_body={"sections": ["assessment"], "force": True},
        action=Action.REQUEST_REPORT,
    ),
    "reports.versions": OperationCase(
        path={"id": REPORT.id},
        query={"page_size": 20},
        answer=page(Version.of(_BEFORE, _BEFORE.revised(_ASKED, statements=_ANEW, generated=_ANEW), _ASKED)),
        action=Action.READ_REPORT,
    ),
}
