"""Answers of the day, with what they show."""

from __future__ import annotations

from typing import Any

from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic

PLAN = {"section": "plan.follow_up", "text": "Review in four weeks."}
"""A statement written by hand."""


def answered(reply: Reply, status: int = 200, /, **shown: Any) -> Reply:
    """The reply. Raises AssertionError if it has another status or another value of a field."""
    body = reply.ok(status).body
    found = {name: body.get(name, "missing") for name in shown}
    assert found == shown, f"{found} instead of {shown}"
    return reply


def refused(reply: Reply, status: int, problem: str, /, **shown: Any) -> Reply:
    """The reply. Raises AssertionError if it is not this problem, or has another value of a member."""
    return answered(reply.refused(status, problem), status, **shown)


def by_hand(clinic: TestClinic, session: Reply, *statements: dict[str, str]) -> Reply:
    """The report of a session, written by hand."""
    return clinic.doctor.post(f"/sessions/{session.body['id']}/report", {"statements": statements})


def sign(doctor: ApiClient, report: Reply) -> Reply:
    """The reply to the signature of a report, after a fresh sign-in."""
    doctor.sign_in()
    return doctor.post(f"/reports/{report.body['id']}/sign", {}, key="", etag=report.etag)
