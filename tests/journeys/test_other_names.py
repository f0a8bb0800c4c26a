"""A recording that names another person: the session may belong to the wrong patient."""

from __future__ import annotations

from shared.records.record import SYSTEM, Stamp
from shared.records.reports.report import Report, ReportStatus
from shared.records.templates.content import TemplateContent
from shared.store.clinic import system_clinic
from shared.workflows.reports import drafting
from shared.workflows.reports.answer import Draft
from shared.workflows.reports.assignment import Assignment
from shared.workflows.reports.prompt import Evidence
from tests.support.clinics import TestClinic
from tests.support.database import plant_report
from tools.openapi import factories


def test_a_name_of_nobody_is_a_doubt_and_the_name_of_a_colleague_is_none(clinic: TestClinic) -> None:
    clinic.other_doctor.put("/profile", {"first_name": "Ravi", "last_name": "Menon"}).ok()
    report_id = plant_report(clinic, clinic.session().body["id"], ReportStatus.PENDING)
    system = system_clinic(clinic.id, "a task")
    report = system.perform("report.read", lambda work: work.get(Report.ref(report_id)))
    said = ["Good morning, Ms. Fernandes.", "Dr. Menon sent me.", "Mr. Johnson, how do you sleep?"]
    segments = [factories.segment(number, text) for number, text in enumerate(said, start=1)]
    draft = Draft([factories.statement(number) for number in (1, 2, 3)])
    sections = factories.content(report, Stamp(SYSTEM, system.now())).sections
    template = TemplateContent(name="Default", sections=sections)
    assignment = Assignment(report, template, Evidence(segments), ["en-IN"], "en-IN")

    system.perform("report.write", lambda work: drafting._written(work, assignment, draft, "model"))

    body = clinic.doctor.get(f"/reports/{report_id}").ok().body
    assert (body["name_check"], body["other_names_heard"]) == ("done", [3])
    doubts = [[doubt["kind"] for doubt in one["doubts"]] for one in body["statements"] if one["segments"]]
    assert doubts == [[], [], ["other_name_heard"]]
