"""Recordings and reports that fail with their reason and can be retried."""

from __future__ import annotations

from typing import Any

import pytest

from local.stack.environment import AUDIO_BUCKET
from shared.records.record import SYSTEM, Stamp
from shared.records.templates.content import TemplateContent
from shared.records.templates.sections import Section, Subsection
from shared.records.templates.shipped import default_sections
from shared.records.templates.template import ReportTemplate, TemplateVersion
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.journeys.crashes.helpers import (
    WRITE,
    LossyClient,
    Undisturbed,
    is_over,
    plant,
)
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.crashes import Story

pytestmark = pytest.mark.long


def test_unreadable_recording_fails_with_its_reason_and_can_be_retried(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    path = f"/transcriptions/{session_id}-t1"
    clinic.record(session_id, support.NOT_AUDIO)

    failed = clinic.until(lambda: clinic.doctor.get(path), is_over).body
    asked_again = clinic.doctor.post(f"{path}/regenerate", etag=clinic.doctor.get(path).etag).ok(202).body
    failed_again = clinic.until(lambda: clinic.doctor.get(path), is_over).body

    assert (failed["status"], failed["error_code"], failed["retry_count"]) == ("failed", "audio_not_readable", 0)
    assert (asked_again["status"], asked_again["error_code"], asked_again["retry_count"]) == ("pending", None, 1)
    assert (failed_again["status"], failed_again["error_code"]) == ("failed", "audio_not_readable")
    assert failed_again["retry_count"] == 1
    assert clinic.doctor.get(f"/sessions/{session_id}").body["status"] == "in_progress"
    assert bytes(_recording(clinic, session_id).download_as_bytes()) == support.NOT_AUDIO
    clinic.doctor.get(f"/reports/{session_id}-r1").refused(404, "not-found")


def test_recording_for_a_cancelled_session_is_refused_and_deleted(clinic: TestClinic, audio: bytes) -> None:
    session_id = support.cancelled_session(clinic, audio)

    kept = support.documents(clinic.id)[f"sessions/{session_id}/recordings/{session_id}-a1"]
    assert (kept["status"], kept["refusal"]) == ("refused", "session_cancelled")
    assert not _recording(clinic, session_id).exists()
    clinic.doctor.get(f"/transcriptions/{session_id}-t1").refused(404, "not-found")


def test_report_refused_by_the_model_fails_with_its_reason_and_can_be_retried(
    lossy_client: LossyClient, own_clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    parts = [Subsection(id=f"part_{number}", title=f"Part {number}") for number in range(20)]
    too_many = [Section(id=f"section_{number}", title="Section", subsections=parts) for number in range(15)]
    _write_template(own_clinic.id, "own", too_many)
    session_id = str(own_clinic.session(template_id="own").body["id"])
    own_clinic.record(session_id, audio)
    support.converge(own_clinic.stack)

    refused = own_clinic.doctor.get(f"/reports/{session_id}-r1").ok().body
    _write_template(own_clinic.id, "own", default_sections())
    asked_again = lossy_client.post("sessions", f"/sessions/{session_id}/generate-report", status=202).body
    support.converge(own_clinic.stack)

    written = own_clinic.doctor.get(f"/reports/{session_id}-r1").ok().body
    assert (refused["status"], refused["error_code"], refused["statements"]) == ("failed", "writer_error_400", [])
    assert (asked_again["status"], asked_again["error_code"], asked_again["attempt"]) == ("pending", None, 2)
    assert _drafted(written) == _drafted(undisturbed[support.consultation].ending.report)
    assert (written["status"], written["attempt"]) == ("completed", 2)


def test_report_without_model_response_fails_in_the_end_and_can_be_retried(
    clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    expected = undisturbed[support.consultation].ending
    silences = [plant(clinic.stack, "write_report", WRITE, "cut") for _ in range(6)]
    session_id = str(clinic.session().body["id"])
    clinic.record(session_id, audio)
    support.converge(clinic.stack)

    failed = clinic.doctor.get(f"/reports/{session_id}-r1").ok().body
    transcription_body = clinic.doctor.get(f"/sessions/{session_id}/transcription").ok().body
    clinic.doctor.post(f"/sessions/{session_id}/generate-report").ok(202)
    support.converge(clinic.stack)

    written = clinic.doctor.get(f"/reports/{session_id}-r1").ok().body
    assert all(fault.fired.is_set() for fault in silences)
    assert (failed["status"], failed["error_code"]) == ("failed", "writer_busy")
    assert (transcription_body["status"], transcription_body["transcript_text"]) == (
        "completed",
        expected.transcription["transcript_text"],
    )
    assert (written["status"], _drafted(written)) == ("completed", _drafted(expected.report))


def _drafted(report: dict[str, Any]) -> list[Any]:
    """The statements of the model: those from consent records have times."""
    return [
        (one["section"], one["text"], one["kind"], one["segments"]) for one in report["statements"] if one["segments"]
    ]


def _recording(clinic: TestClinic, session_id: str) -> Any:
    name = f"clinics/{clinic.id}/sessions/{session_id}/recordings/{session_id}-a1"
    return support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(name)


def _write_template(clinic_id: str, template_id: str, sections: list[Section]) -> None:
    """Create a public template or replace its sections, also by ones that the API refuses."""

    def transaction(work: UnitOfWork) -> None:
        content = TemplateContent(name="Own", sections=sections)
        work.upsert(ReportTemplate.new(template_id, Stamp(SYSTEM, work.now), name="Own", is_public=True))
        work.upsert(TemplateVersion.of(template_id, 1, content, Stamp(SYSTEM, work.now)))

    system_clinic(clinic_id, "test").perform("template.write", transaction)
