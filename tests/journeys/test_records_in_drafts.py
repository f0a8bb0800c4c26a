"""A draft is compared with the clinic's own records: chart, consents and the last signed report."""

from __future__ import annotations

import json

from shared.records.reports.report import Report, ReportStatus
from shared.records.templates.content import TemplateContent
from shared.records.templates.shipped import default_sections
from shared.store.clinic import system_clinic
from shared.workflows.reports import answer, drafting, patient_records
from shared.workflows.reports.assignment import Assignment
from shared.workflows.reports.prompt import Evidence
from tests.support.clinics import TestClinic, consent_to
from tests.support.database import plant_report
from tests.support.proofs import signed_visit_with
from tools.openapi import factories

SAID = ["Your last PHQ-9 was 12.", "Start amoxicillin.", "I consent to the recording."]


def test_a_draft_is_compared_with_chart_consents_and_the_last_report(clinic: TestClinic) -> None:
    patient_id = signed_visit_with(clinic, "PHQ-9 score 21.")
    clinic.doctor.post(f"/patients/{patient_id}/reported-allergies", {"text": "Penicillin"}).ok(201)
    consent_to(clinic.doctor, patient_id, purposes=["treatment"])
    session = clinic.session(patient_id=patient_id).body["id"]
    report_id = plant_report(clinic, session, ReportStatus.PENDING)
    system = system_clinic(clinic.id, "a task")
    report = system.perform("report.read", lambda work: work.get(Report.ref(report_id)))
    chart = system.perform("report.read", lambda work: patient_records.chart_of(work, report.patient_id))
    segments = [factories.segment(number, text, speaker="unknown") for number, text in enumerate(SAID, start=1)]
    items = [{"section": "assessment", "text": one.text, "segments": [one.number]} for one in segments]
    evidence = Evidence(segments, chart=chart)
    draft = answer.read_draft([json.dumps({"statements": items})], default_sections(), evidence)
    template = TemplateContent(name="Default", sections=default_sections(), language="hi")

    assignment = Assignment(report, template, evidence, ["en-IN"], "en-IN")
    system.perform("report.write", lambda work: drafting._written(work, assignment, draft, "model"))

    body = clinic.doctor.get(f"/reports/{report_id}").ok().body
    total, prescribed, *consents = body["statements"]
    assert total["doubts"][-1]["recorded"] == ["PHQ-9: 21, last signed report"]
    assert prescribed["doubts"][-1]["recorded"] == ["Penicillin"]
    assert [one["text"].partition(":")[0] for one in consents] == [
        "सहमति (रिकॉर्डिंग, एआई मॉडल द्वारा प्रसंस्करण)",
        "सहमति (उपचार)",
    ]
    assert all(one["consent_id"] and not one["doubts"] for one in consents)
    assert (body["rejections"], body["rejected_statements"]) == ([{"reason": "about_consent", "count": 1}], 1)
    assert {"section": "plan.follow_up", "reads": "चर्चा नहीं हुई"} in body["unfilled"]
    assert (body["support_score"], body["quality_score"]) == (0.0, 0.0)
