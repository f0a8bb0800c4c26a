"""The desk of a doctor: reports by what they need next, by day and by patient."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.services.smtp.relay import shown
from local.services.smtp.service import SmtpService
from shared.records.reports.report import ReportStatus
from shared.workflows.reports import reminding
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report
from tests.support.visits import set_clinic

ZONE = "Asia/Kolkata"


def desk(client: ApiClient, query: str) -> set[str]:
    """The ids of the listed reports."""
    return {report["id"] for report in client.get(f"/reports?{query}").ok().body["items"]}


@pytest.fixture(scope="module")
def reports(clinic: TestClinic) -> dict[str, Any]:
    """A drafted report, one that was read, and one that failed, each of another patient."""
    made = {}
    for name in ("drafted", "read", "failed"):
        session = clinic.session().body
        status = ReportStatus.FAILED if name == "failed" else ReportStatus.COMPLETED
        made[name] = plant_report(clinic, session["id"], status)
        made[f"{name} patient"] = session["patient_id"]
    path = f"/reports/{made['read']}"
    clinic.doctor.post(f"{path}/review", key="", etag=clinic.doctor.get(path).etag).ok()
    return made


def test_the_desk_tells_what_to_review_from_what_to_sign(clinic: TestClinic, reports: dict[str, Any]) -> None:
    assert desk(clinic.doctor, "status=to_review") == {reports["drafted"]}
    assert desk(clinic.doctor, "status=to_sign") == {reports["read"]}
    assert desk(clinic.doctor, "status=failed") == {reports["failed"]}
    assert desk(clinic.doctor, "") == {reports["drafted"], reports["read"]}
    assert desk(clinic.other_doctor, "status=to_review") == set()
    assert desk(clinic.admin, f"status=to_sign&doctor_id={clinic.doctor.user_id}") == {reports["read"]}
    clinic.other_doctor.get(f"/reports?doctor_id={clinic.doctor.user_id}").refused(403, "forbidden")


def test_a_correction_puts_a_report_back_to_those_to_review(clinic: TestClinic) -> None:
    report_id = plant_report(clinic, clinic.session().body["id"])
    path = f"/reports/{report_id}"
    reviewed = clinic.doctor.post(f"{path}/review", key="", etag=clinic.doctor.get(path).etag).ok()
    assert report_id in desk(clinic.doctor, "status=to_sign")

    statement = reviewed.body["statements"][0]["id"]
    edit = {"statement_id": statement, "text": "Sleeps well.", "reason": "misheard"}
    clinic.doctor.post(f"{path}/corrections", {"edits": [edit]}, key="", etag=reviewed.etag).ok()

    assert report_id in desk(clinic.doctor, "status=to_review")
    assert report_id not in desk(clinic.doctor, "status=to_sign")


def test_the_desk_of_a_day_and_of_a_patient(clinic: TestClinic, reports: dict[str, Any]) -> None:
    today = datetime.now(ZoneInfo(ZONE)).date()

    assert reports["drafted"] in desk(clinic.doctor, f"day={today}")
    assert desk(clinic.doctor, f"day={today - timedelta(days=1)}") == set()
    assert desk(clinic.doctor, f"patient_id={reports['read patient']}") == {reports["read"]}
    assert desk(clinic.doctor, f"patient_id={reports['read patient']}&status=to_review") == set()
    assert desk(clinic.admin, f"patient_id={reports['read patient']}&doctor_id={clinic.other_doctor.user_id}") == set()
    clinic.other_doctor.get(f"/reports?patient_id={reports['read patient']}").refused(404, "not-found")


MORNING = datetime(2026, 11, 30, 2, 5, tzinfo=UTC)
"""35 minutes past 7 in Kolkata."""


def test_each_doctor_is_told_once_a_day_by_numbers_only(own_clinic: TestClinic) -> None:
    mails = _mails(own_clinic)
    old = [plant_report(own_clinic, own_clinic.session().body["id"]) for _ in range(2)]
    plant_report(own_clinic, own_clinic.session().body["id"])  # new
    for report_id in old:
        alter(own_clinic, f"reports/{report_id}", {"created_at": MORNING - timedelta(days=4)})
    numbers = sorted(own_clinic.doctor.get(f"/reports/{report_id}").body["report_number"] for report_id in old)
    set_clinic(own_clinic, unsigned_after_days=3)
    try:
        for minutes in (-30, 0, 5, 60, 200):  # before the morning, twice in it, an hour later, after it
            now = MORNING + timedelta(minutes=minutes)
            reminding.remind("tick", partial(lambda at: at, now))
        own_clinic.stack.wait_idle(60)
        told = mails()
        reminding.remind("tick", lambda: MORNING + timedelta(days=1))
        own_clinic.stack.wait_idle(60)
    finally:
        set_clinic(own_clinic, unsigned_after_days=None)

    assert len(told) == 1
    assert [line for line in told[0].splitlines() if line.startswith("REP-")] == numbers
    assert "Zoë" not in told[0]
    assert "Fernandes" not in told[0]
    assert len(mails()) == 2, "the next day they are told again"


def test_who_has_left_and_reports_of_deleted_patients_are_left_out(own_clinic: TestClinic) -> None:
    mails = _mails(own_clinic)
    session = own_clinic.session().body
    report_id = plant_report(own_clinic, session["id"])
    alter(own_clinic, f"reports/{report_id}", {"created_at": MORNING - timedelta(days=9)})
    alter(own_clinic, f"patients/{session['patient_id']}", {"live": False})
    set_clinic(own_clinic, unsigned_after_days=3)
    try:
        reminding.remind("tick", lambda: MORNING)
        alter(own_clinic, f"patients/{session['patient_id']}", {"live": True})
        alter(own_clinic, f"users/{own_clinic.doctor.user_id}", {"disabled": True})
        reminding.remind("tick", lambda: MORNING)
        own_clinic.stack.wait_idle(60)
    finally:
        set_clinic(own_clinic, unsigned_after_days=None)

    assert mails() == []
    assert own_clinic.stack.schedules.tick("remind_unsigned") == 204


def _mails(clinic: TestClinic) -> Any:
    """Reads the texts of the mails to the clinic's doctor from now on; other clinics' doctors have the same address."""
    relay = clinic.stack.service(SmtpService).relay
    address = clinic.admin.get(f"/users/{clinic.doctor.user_id}").ok().body["email"]
    before = len(relay.mails(address))
    return lambda: [shown(mail)["text"] for mail in relay.mails(address)[before:]]
