"""The changes of the chart that a signed report offers, over HTTP."""

from __future__ import annotations

import pytest

from shared.records.reports.report import Report
from shared.records.visits.session import Session
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, end_session, plant_report
from tests.support.problems import pointers
from tools.openapi import factories

ALLERGY, DOSE = "s1-1", "s2-1"


@pytest.fixture
def unsigned(clinic: TestClinic) -> str:
    """A drafted report with an allergy and a dose."""
    session_id = clinic.session().body["id"]
    report_id = plant_report(clinic, session_id)

    def transaction(work: UnitOfWork) -> None:
        report, session = work.get(Report.ref(report_id)), work.get(Session.ref(session_id))
        assert report.session_id == session.id
        statements = [
            factories.statement(1, "history_present_illness", "Patient is allergic to penicillin."),
            factories.statement(2, "plan.medications", "Increase sertraline to 75 mg."),
        ]
        work.upsert(factories.content(report, work.stamp, *statements))

    system_clinic(clinic.id, "planted").perform("report.write", transaction)
    return report_id


@pytest.fixture
def report(clinic: TestClinic, unsigned: str) -> str:
    """The report, signed."""
    end_session(clinic, unsigned.removesuffix("-r1"))
    clinic.doctor.post(f"/reports/{unsigned}/sign", {}, etag='"1"').ok()
    return unsigned


def decide(user: ApiClient, report: str, offer: str, verdict: str = "accepted") -> Reply:
    return user.post(f"/reports/{report}/chart-changes", {"offer_id": offer, "verdict": verdict})


def chart(clinic: TestClinic, report: str) -> Reply:
    return clinic.doctor.get(f"/patients/{report.partition('-')[0]}").ok()


def test_a_signed_report_offers_changes_with_evidence_and_writes_none(clinic: TestClinic, report: str) -> None:
    offers = clinic.doctor.get(f"/reports/{report}/chart-changes").ok().body["offers"]

    assert [(one["id"], one["field"], one["value"], one["statement_id"], one["segments"]) for one in offers] == [
        (ALLERGY, "allergies", "penicillin", "s1", [1]),
        (DOSE, "current_medications", "sertraline 75 mg", "s2", [2]),
    ]
    assert [one["decision"] for one in offers] == [None, None]
    assert (chart(clinic, report).body["allergies"], chart(clinic, report).etag) == ([], '"1"')


def test_an_accepted_offer_is_in_the_chart_once_with_its_author(clinic: TestClinic, report: str) -> None:
    first = decide(clinic.doctor, report, ALLERGY).ok().body["offers"][0]
    again = decide(clinic.doctor, report, ALLERGY).ok().body["offers"][0]

    seen = chart(clinic, report)
    assert first == again
    assert (first["in_chart"], first["decision"]["by"]) == (True, clinic.doctor.user_id)
    assert (seen.body["allergies"], seen.body["updated_by"]) == (["penicillin"], clinic.doctor.user_id)
    assert seen.etag == '"2"'
    decide(clinic.doctor, report, ALLERGY, "dismissed").refused(409, "conflict")


def test_six_taps_at_once_add_one_entry(clinic: TestClinic, report: str) -> None:
    replies = at_once(6, lambda _: decide(clinic.doctor, report, ALLERGY))

    assert statuses(replies) == {200: 6}
    assert chart(clinic, report).body["allergies"] == ["penicillin"]


def test_a_dismissed_offer_is_remembered_and_may_be_accepted_later(clinic: TestClinic, report: str) -> None:
    decide(clinic.doctor, report, DOSE, "dismissed").ok()

    offers = clinic.doctor.get(f"/reports/{report}/chart-changes").ok().body["offers"]
    assert [one["decision"] and one["decision"]["verdict"] for one in offers] == [None, "dismissed"]
    assert chart(clinic, report).body["current_medications"] == []

    decide(clinic.doctor, report, DOSE).ok()
    assert chart(clinic, report).body["current_medications"] == ["sertraline 75 mg"]


def test_an_unsigned_report_offers_nothing(clinic: TestClinic, unsigned: str) -> None:
    clinic.doctor.get(f"/reports/{unsigned}/chart-changes").refused(409, "conflict")
    decide(clinic.doctor, unsigned, ALLERGY).refused(409, "conflict")


def test_an_unknown_offer_is_refused(clinic: TestClinic, report: str) -> None:
    assert pointers(decide(clinic.doctor, report, "s9-1").refused(422, "invalid")) == {"/offer_id"}


def test_only_doctors_who_may_change_the_patient_decide(
    clinic: TestClinic, other_clinic: TestClinic, report: str
) -> None:
    alter(clinic, f"patients/{report.partition('-')[0]}", {"shared_with": [clinic.other_doctor.user_id]})

    decide(clinic.receptionist, report, ALLERGY).refused(403, "forbidden")
    decide(clinic.admin, report, ALLERGY).refused(403, "forbidden")
    decide(clinic.other_doctor, report, ALLERGY).refused(403, "forbidden")
    decide(other_clinic.doctor, report, ALLERGY).refused(404, "not-found")
    assert chart(clinic, report).body["allergies"] == []


def test_offers_cost_one_read_and_an_accepted_one_one_commit(clinic: TestClinic, report: str) -> None:
    read = calls_when_repeated(clinic, "reports", lambda: clinic.doctor.get(f"/reports/{report}/chart-changes").ok())
    decided = calls_when_repeated(clinic, "reports", lambda: decide(clinic.doctor, report, ALLERGY).ok())

    # The caller, report, signature, decisions and patient; with a key the stored response. The audit entry, and
    # the count of shown records.
    assert read == [reads(5), commit(2)]
    assert decided == [reads(6), commit(2)]
