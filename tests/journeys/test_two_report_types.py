"""One recorded visit, two reports: the consultation, and a referral letter from the same transcript."""

from __future__ import annotations

from shared.records.visits.transcription import TranscriptionStatus
from tests.journeys.visit.pdf_text import printed_text
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.database import end_session, plant_transcription
from tests.support.resolutions import resolve_all

LETTER = "shipped-referral-letter"
SAID = "I have had chest pain for two days. I refer you to a cardiologist. Come back in two weeks."


def test_a_visit_has_a_report_and_a_letter_that_are_signed_by_themselves(own_clinic: TestClinic) -> None:
    clinic, session = own_clinic, str(own_clinic.session(type="consultation").body["id"])
    plant_transcription(clinic, session, TranscriptionStatus.COMPLETED, text=SAID)
    support.converge(clinic.stack)
    end_session(clinic, session)
    first, letter = f"{session}-r1", f"{session}-r2"
    sign(clinic, first)
    signed = clinic.doctor.get(f"/reports/{first}").ok().content

    clinic.doctor.post(f"/sessions/{session}/generate-report", {"template_id": LETTER}).ok(202)
    support.converge(clinic.stack)
    drafted = clinic.doctor.get(f"/reports/{letter}").ok().body
    sign(clinic, letter)

    assert (drafted["status"], drafted["report_type"], drafted["template_id"]) == ("completed", "referral", LETTER)
    assert [one["id"] for one in drafted["sections"]][:1] == ["reason"]
    assert {one["transcription_id"] for one in drafted["sources"]} == {f"{session}-t1"}
    assert drafted["statements"]
    assert clinic.doctor.get(f"/reports/{first}").ok().content == signed
    assert "Referralreport" in printed_text(clinic.doctor.pdf(f"/reports/{letter}/pdf").ok())
    patient = session.partition("-")[0]
    listed = clinic.doctor.get(f"/patients/{patient}/reports").ok().body["items"]
    assert [(one["id"], one["status"]) for one in listed] == [(letter, "signed"), (first, "signed")]
    assert clinic.doctor.get(f"/patients/{patient}/last-visit").ok().body["last_visit"]["report_id"] == first


def sign(clinic: TestClinic, report_id: str) -> None:
    clinic.doctor.sign_in()
    etag = resolve_all(clinic.doctor, report_id).etag
    clinic.doctor.post(f"/reports/{report_id}/sign", {}, etag=etag).ok()
