"""A report by hand is compared with the transcript of its visit, or with the clinic's record alone, and says which."""

from __future__ import annotations

from typing import Any

from shared.records.visits.transcription import TranscriptionStatus
from tests.support.client import Reply
from tests.support.clinics import TestClinic, consent_to
from tests.support.database import alter, end_session, plant_transcription
from tests.support.resolutions import resolve_all

METFORMIN = {"section": "plan.medications", "text": "Metformin 850 mg.", "kind": "planned"}
CITED = {"segments": [1], "kind": "said_by_patient"}
SAID = "I take metformin 500 mg. I am allergic to penicillin. I think of suicide."
COMPLETED = TranscriptionStatus.COMPLETED


def create(clinic: TestClinic, session: str, *statements: dict[str, str], **new: Any) -> Reply:
    """A report by hand, also of a visit with a transcript, of which a draft may be there already."""
    body = {"statements": list(statements), "despite_recording": True, "replace": True, **new}
    return clinic.doctor.post(f"/sessions/{session}/report", body)


def heard(clinic: TestClinic, session: str, text: str = SAID, count: int = 1) -> None:
    """A transcribed recording of the visit. No function acts on it."""
    plant_transcription(clinic, session, TranscriptionStatus.FAILED, text=text, count=count)
    alter(clinic, f"sessions/{session}", {"uploads": count})
    alter(clinic, f"transcriptions/{session}-t{count}", {"status": COMPLETED.value})


def own(body: Any) -> list[Any]:
    """The statements of the person."""
    return [one for one in body["statements"] if not one["consent_id"]]


def kinds(body: Any) -> list[list[str]]:
    return [[doubt["kind"] for doubt in one["doubts"]] for one in own(body)]


def edit(clinic: TestClinic, session: str, *edits: dict[str, Any]) -> Reply:
    path = f"/reports/{session}-r1"
    return clinic.doctor.put(path, {"edits": list(edits)}, key="", etag=clinic.doctor.get(path).etag)


def test_a_report_of_a_visit_with_a_transcript_is_checked_as_a_draft_is(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    heard(clinic, session)

    created = create(clinic, session, METFORMIN).ok(201).body
    path = f"/reports/{session}-r1"
    transcript = clinic.doctor.get(f"{path}/transcript").ok().body
    cited = edit(clinic, session, {"statement_id": "h1", "text": "Metformin 500 mg.", **CITED}).ok().body

    (statement,) = own(created)
    assert (created["source"], created["transcription_id"], created["claim_check"]) == ("by_hand", None, "done")
    assert [one["transcription_id"] for one in created["sources"]] == [f"{session}-t1"]
    assert [one["text"] for one in transcript["segments"]] == [SAID]
    assert (statement["claim_check"], kinds(created)) == ("own_word", [["dose_not_of_drug"]])
    assert {one["kind"] for one in created["omissions"]} >= {"risk", "allergy"}
    assert (own(cited)[0]["claim_check"], kinds(cited)) == (None, [[]])


def test_major_findings_of_a_report_by_hand_are_resolved_before_the_signature(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    heard(clinic, session)
    created = create(clinic, session, METFORMIN).ok(201)
    end_session(clinic, session)
    path = f"/reports/{session}-r1"
    clinic.doctor.sign_in()

    clinic.doctor.post(f"{path}/sign", {}, key="", etag=created.etag).refused(409, "doubts-unresolved")
    resolved = resolve_all(clinic.doctor, f"{session}-r1")
    signed = clinic.doctor.post(f"{path}/sign", {}, key="", etag=resolved.etag).ok().body

    assert (signed["claim_check"], own(signed)[0]["claim_check"]) == ("done", "own_word")
    assert signed["sources"] == created.body["sources"]


def test_without_a_transcript_only_the_clinics_own_record_is_compared_and_the_report_says_so(
    clinic: TestClinic,
) -> None:
    session = clinic.session().body
    patient = clinic.doctor.get(f"/patients/{session['patient_id']}").ok()
    merge = {"Content-Type": "application/merge-patch+json"}
    changes = {"allergies": ["Penicillin"]}
    clinic.doctor.send("PATCH", f"/patients/{patient.body['id']}", changes, etag=patient.etag, **merge).ok()
    consent = {"section": "assessment", "text": "Patient consented to treatment."}
    given = {"section": "plan.medications", "text": "Start amoxicillin 500 mg."}

    created = create(clinic, session["id"], given, consent).ok(201).body
    plain = create(clinic, session["id"], {**given, "text": "Rest."}).ok(201).body

    assert (created["claim_check"], created["sources"]) == ("record_only", [])
    assert kinds(created) == [["allergy_in_record"], ["consent_not_in_record"]]
    assert [one["claim_check"] for one in own(created)] == [None, None]
    assert (created["unresolved_findings"], plain["unresolved_findings"]) == (2, 0)
    assert plain["omissions"] == []


def test_consents_are_stated_from_the_records_as_in_a_draft(clinic: TestClinic) -> None:
    session = clinic.session().body
    consent_to(clinic.doctor, session["patient_id"], purposes=["treatment"])

    alone = create(clinic, session["id"], METFORMIN).ok(201).body
    heard(clinic, session["id"], "Good morning.")
    recorded = create(clinic, session["id"]).ok(201)
    end_session(clinic, session["id"])

    def stated(body: Any) -> list[str]:
        return [one["text"].partition(":")[0] for one in body["statements"] if one["consent_id"]]

    assert stated(alone) == ["Consent to treatment"], "nothing was recorded"
    assert stated(recorded.body) == ["Consent to recording and processing by AI models", "Consent to treatment"]
    assert {one["claim_check"] for one in recorded.body["statements"]} == {"not_done"}
    clinic.doctor.sign_in()
    sign = f"/reports/{session['id']}-r1/sign"
    refused = clinic.doctor.post(sign, {}, key="", etag=recorded.etag).refused(409, "conflict")
    assert refused.body["code"] == "report_empty"


def test_a_later_recording_is_compared_at_the_next_correction(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    create(clinic, session, METFORMIN).ok(201)
    heard(clinic, session)

    before = clinic.doctor.get(f"/reports/{session}-r1").ok().body
    after = edit(clinic, session, {"section": "assessment", "text": "Stable."}).ok().body
    wrong = edit(clinic, session, {"section": "assessment", "text": "Rash.", "segments": [2]})

    assert (before["claim_check"], kinds(before)) == ("record_only", [[]])
    assert (after["claim_check"], kinds(after)[0]) == ("done", ["dose_not_of_drug"])
    assert [one["claim_check"] for one in own(after)] == ["own_word", "own_word"]
    assert wrong.refused(422, "invalid").body["errors"][0]["pointer"] == "/edits/0/segments"


def test_a_corrected_transcript_marks_the_report_until_it_is_compared_again(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    heard(clinic, session)
    create(clinic, session, METFORMIN).ok(201)
    path = f"/transcriptions/{session}-t1"
    text = {"edits": [{"number": 1, "text": "I take metformin 850 mg."}]}

    clinic.doctor.put(path, text, key="", etag=clinic.doctor.get(path).etag).ok()
    marked = clinic.doctor.get(f"/reports/{session}-r1").ok().body
    after = edit(clinic, session, {"section": "assessment", "text": "Stable."}).ok().body

    assert (marked["transcript_changed"], marked["outdated_sections"]) == (True, [])
    assert (after["transcript_changed"], after["sources"][0]["version"], kinds(after)[0]) == (False, 2, [])
    assert after["omissions"] == []


def test_a_deleted_recording_leaves_the_report_and_nothing_of_what_was_heard(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    upload = {"content_type": "audio/flac", "size_bytes": 1_000}
    clinic.doctor.post(f"/sessions/{session}/recordings", upload).ok(201)
    alter(clinic, f"sessions/{session}/recordings/{session}-a1", {"status": "received"})
    heard(clinic, session)
    create(clinic, session, METFORMIN).ok(201)
    edit(clinic, session, {"section": "assessment", "text": "Rash after penicillin.", "segments": [1]}).ok()
    resolve_all(clinic.doctor, f"{session}-r1")

    (recording,) = clinic.doctor.get(f"/sessions/{session}/recordings").ok().body["items"]
    path = f"/sessions/{session}/recordings/{recording['id']}"
    clinic.doctor.delete(path, etag=f'"{recording["revision"]}"').ok()
    after = clinic.doctor.get(f"/reports/{session}-r1").ok().body

    assert (after["status"], after["claim_check"], after["sources"]) == ("completed", "record_only", [])
    assert [(one["text"], one["segments"], one["doubts"]) for one in own(after)] == [
        ("Metformin 850 mg.", [], []),
        ("Rash after penicillin.", [], []),
    ]
    assert after["omissions"] == []
    assert all(one["statement_id"] and one["lapsed_at"] for one in after["resolutions"])


def test_a_colleague_who_sees_the_report_alone_has_their_correction_checked(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])
    heard(clinic, session)
    created = create(clinic, session, METFORMIN).ok(201)
    path, colleague = f"/reports/{session}-r1", clinic.other_doctor
    share = {"doctor_id": colleague.user_id, "level": "write"}
    shared = clinic.doctor.post(f"{path}/share", share, etag=created.etag).ok()

    body = {"edits": [{"statement_id": "h1", "text": "Last PHQ-9 was 12, denies suicidal thoughts."}]}
    corrected = colleague.put(path, body, key="", etag=shared.etag).ok().body

    assert kinds(corrected) == [["negation_differs"]]
    colleague.get(f"{path}/transcript").refused(404, "not-found")
    colleague.get(f"/transcriptions/{session}-t1").refused(404, "not-found")
    colleague.get(f"/sessions/{session}").refused(404, "not-found")
