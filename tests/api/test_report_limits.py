"""A report at its limits: edits are refused in time, and what was accepted can be signed, read and printed."""

from __future__ import annotations

import json

import pytest

from local.demo.people import PROFILE
from shared.records.reports.report import Report, ReportStatus
from shared.records.templates.content import TemplateContent
from shared.records.templates.shipped import default_sections
from shared.store.clinic import system_clinic
from shared.workflows.reports import drafting
from shared.workflows.reports.answer import Draft
from shared.workflows.reports.assignment import Assignment
from shared.workflows.reports.prompt import Evidence
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import end_session, plant_report
from tests.support.problems import pointers
from tools.openapi import factories


def edits(count: int, text: str) -> bytes:
    return json.dumps(
        {"edits": [{"section": "assessment", "text": text, "reason": "r"}] * count}, ensure_ascii=False
    ).encode()


@pytest.fixture
def report(clinic: TestClinic) -> str:
    return f"/reports/{plant_report(clinic, clinic.session().body['id'])}"


@pytest.mark.parametrize(("count", "text"), [(2, "x" * 20_000), (1, "நோ " * 6_000), (20, "\n".join("1234567890") * 40)])
def test_a_report_that_was_edited_until_it_is_refused_is_signed_read_and_printed(
    own_clinic: TestClinic, count: int, text: str
) -> None:
    clinic = own_clinic
    report = f"/reports/{plant_report(clinic, clinic.session().body['id'])}"
    clinic.doctor.put("/profile", {**PROFILE, "clinic_address": "Hosur Road " * 1_800}, etag='"1"').ok()

    last = _edited_until_refused(clinic, report, edits(count, text))

    assert last.status == 422
    assert pointers(last) == {"/edits"}
    assert "at most" in last.body["errors"][0]["detail"]
    etag = clinic.doctor.get(report).ok().etag
    end_session(clinic, report.removeprefix("/reports/").removesuffix("-r1"))
    signed = clinic.doctor.post(f"{report}/sign", {}, etag=etag).ok()
    assert signed.body["status"] == "signed"
    assert clinic.doctor.get(report).ok().body["statements"] == signed.body["statements"]
    assert clinic.doctor.pdf(f"{report}/pdf").ok().content.startswith(b"%PDF")


def test_twelve_statements_of_the_largest_length_are_refused_and_nothing_is_changed(
    clinic: TestClinic, report: str
) -> None:
    before = clinic.doctor.get(report).ok()

    refused = clinic.doctor.put(report, edits(12, "x" * 20_000), etag=before.etag).refused(422, "invalid")

    assert "240000" in refused.body["errors"][0]["detail"]
    assert clinic.doctor.get(report).ok().body == before.body


def _edited_until_refused(clinic: TestClinic, report: str, body: bytes) -> Reply:
    for _ in range(40):
        reply = clinic.doctor.put(report, body, etag=clinic.doctor.get(report).ok().etag)
        if reply.status != 200:
            return reply
    raise AssertionError("40 edits of this size were accepted")


def test_a_draft_that_could_not_be_signed_fails_with_a_reason(clinic: TestClinic) -> None:
    report_id = plant_report(clinic, clinic.session().body["id"], ReportStatus.PENDING)
    system = system_clinic(clinic.id, "a task")
    report = system.perform("report.read", lambda work: work.get(Report.ref(report_id)))
    template = TemplateContent(name="Long", sections=default_sections())
    assignment = Assignment(report, template, Evidence([]))
    long = [factories.statement(number, text="x" * 1_000) for number in range(1, 301)]

    system.perform("report.write", lambda work: drafting._written(work, assignment, Draft(long), "model"))

    failed = clinic.doctor.get(f"/reports/{report_id}").ok().body
    assert (failed["status"], failed["error_code"]) == ("failed", "draft_too_long")
