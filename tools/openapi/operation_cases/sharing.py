"""Operations on sharing a report, with colleagues and by links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.permissions import Action
from shared.records.record import Detailed, Stamp
from shared.records.reports.disclosure import LinkShare, NewLinkShare
from shared.workflows.reports.sharing import SharedBody
from tools.openapi import link_factories
from tools.openapi.operation_cases.case import OperationCase, Placeholder, State, page
from tools.openapi.operation_cases.reports import BODY, OF_REPORT, REPORT
from tools.openapi.operation_cases.sample_clinic import DOCTOR, ENDED

_SHARED = Stamp(DOCTOR, ENDED + timedelta(minutes=30))
_SIGNED = REPORT.revised(
    Stamp(DOCTOR, ENDED + timedelta(minutes=22)),
    status="signed",
    signed_by=DOCTOR,
    signed_at=ENDED + timedelta(minutes=22),
)
_LINK = link_factories.link(REPORT, _SHARED)
_DISCLOSURE = link_factories.disclosure(REPORT, _LINK, _SHARED)
_SHARE = LinkShare.of(_DISCLOSURE, _LINK, _SHARED.at)
_UNOPENED = LinkShare.of(_DISCLOSURE, _LINK.model_copy(update={"openings": []}), _SHARED.at)
_REVOKED = LinkShare.of(_DISCLOSURE, _LINK.revoked(Stamp(DOCTOR, ENDED + timedelta(hours=2))), ENDED)
_OF_SHARE = {**OF_REPORT, "share_id": _DISCLOSURE.id}

CASES: Mapping[str, OperationCase] = {
    "reports.share": OperationCase(
        path=OF_REPORT,
        body={
            "recipient": {"kind": "patient"},
            "purpose": "patient_request",
            "channel": "mail",
            "passcode": "date_of_birth",
            "most_openings": 5,
        },
        answer=Detailed(_SIGNED, SharedBody(**dict(BODY), share=NewLinkShare(**dict(_UNOPENED), code=None))),
        state=State.REPORT_SIGNED,
        action=Action.SHARE_REPORT,
    ),
    "reports.list_shares": OperationCase(
        path=OF_REPORT, answer=page(_SHARE), state=State.REPORT_SHARED, action=Action.SHARE_REPORT
    ),
    "reports.revoke_share": OperationCase(
        path=_OF_SHARE,
        test_path={"share_id": Placeholder.SHARE},
        answer=_REVOKED,
        state=State.REPORT_SHARED,
        action=Action.SHARE_REPORT,
    ),
}
