"""A statement that a person edits is checked again in the same request."""

from __future__ import annotations

from typing import Any

from shared.records.claims.doubt import CHECKS_VERSION
from tests.support.clinics import TestClinic
from tests.support.database import plant_report, plant_transcription
from tests.support.proofs import signed_visit_with


def test_an_edited_statement_is_checked_against_the_transcript_at_once(clinic: TestClinic) -> None:
    session = clinic.session().body["id"]
    plant_transcription(clinic, session, text="I take metformin, five hundred milligrams. No chest pain.")
    report = plant_report(clinic, session, claim_check="done")

    def corrected(text: str, version: int) -> Any:
        body = {"edits": [{"statement_id": "s1", "text": text}]}
        return clinic.doctor.put(f"/reports/{report}", body, etag=f'"{version}"').ok().body

    wrong = corrected("Takes metformin 850 mg.", 1)
    right = corrected("Takes metformin 500 mg.", 2)
    without = corrected("No chest pain.", 3)

    (doubt,) = wrong["statements"][0]["doubts"]
    expected = {"kind": "number_not_in_evidence", "severity": "major", "words": ["850 mg"], "segments": [1]}
    assert doubt == expected | {"recorded": []}
    assert (right["statements"][0]["doubts"], right["omissions"], right["checks_version"]) == ([], [], CHECKS_VERSION)
    assert [(one["kind"], one["words"], one["segment"]) for one in without["omissions"]] == [("drug", ["metformin"], 1)]


def test_an_edited_statement_is_compared_with_the_chart_and_the_consents_of_the_patient(clinic: TestClinic) -> None:
    session = clinic.session().body
    patient = clinic.doctor.get(f"/patients/{session['patient_id']}").ok()
    path, changes = f"/patients/{patient.body['id']}", {"allergies": ["Penicillin"]}
    merge = {"Content-Type": "application/merge-patch+json"}
    clinic.doctor.send("PATCH", path, changes, etag=patient.etag, **merge).ok()
    plant_transcription(clinic, session["id"], text="I take amoxicillin, and I consented to treatment.")
    report = plant_report(clinic, session["id"], claim_check="done")

    def doubts(text: str, kind: str, version: int) -> Any:
        edit = {"statement_id": "s1", "text": text, "kind": kind}
        body = clinic.doctor.put(f"/reports/{report}", {"edits": [edit]}, etag=f'"{version}"').ok().body
        return body["statements"][0]["kind"], [
            (one["kind"], one["recorded"]) for one in body["statements"][0]["doubts"]
        ]

    assert doubts("Amoxicillin.", "said_by_patient", 1) == ("said_by_patient", [])
    assert doubts("Amoxicillin.", "planned", 2)[1][-1] == ("allergy_in_record", ["Penicillin"])
    assert doubts("Consented to treatment.", "said_by_patient", 3)[1][-1] == ("consent_not_in_record", [])
    assert doubts("Take amoxicillin.", "said_by_patient", 4)[1][-1] == ("allergy_in_record", ["Penicillin"])


def test_a_total_of_the_last_visit_is_compared_with_the_last_signed_report(clinic: TestClinic) -> None:
    session = clinic.session(patient_id=signed_visit_with(clinic, "PHQ-9 score 21.")).body
    plant_transcription(clinic, session["id"], text="Your last PHQ-9 was 12.")
    report = plant_report(clinic, session["id"], claim_check="done")

    edit = {"edits": [{"statement_id": "s1", "text": "Last PHQ-9 was 12."}]}
    body = clinic.doctor.put(f"/reports/{report}", edit, etag='"1"').ok().body

    doubts = {one["kind"]: one["recorded"] for one in body["statements"][0]["doubts"]}
    assert doubts["score_not_as_recorded"] == ["PHQ-9: 21, last signed report"]


def test_an_edit_that_changes_the_kind_alone_is_a_correction(
    clinic: TestClinic,
) -> None:
    session = clinic.session().body["id"]
    report = plant_report(clinic, session)
    edit = {"statement_id": "s1", "kind": "said_by_others"}

    body = clinic.doctor.put(f"/reports/{report}", {"edits": [edit]}, etag='"1"').ok().body
    again = clinic.doctor.put(f"/reports/{report}", {"edits": [edit]}, etag='"2"').ok().body
    refused = clinic.doctor.put(f"/reports/{report}", {"edits": [edit | {"kind": "guessed"}]}, etag='"2"')

    [statement], [correction] = body["statements"], body["corrections"]
    assert (statement["kind"], statement["author_id"]) == ("said_by_others", clinic.doctor.user_id)
    assert (correction["before_kind"], correction["before"]) == (None, correction["after"])
    assert again["version"] == body["version"]
    assert refused.refused(422, "invalid").body["errors"][0]["pointer"] == "/edits/0/kind"


def test_what_a_person_adds_on_their_own_word_is_not_compared_with_the_transcript(clinic: TestClinic) -> None:
    session = clinic.session().body["id"]
    plant_transcription(clinic, session, text="I take metformin, five hundred milligrams.")
    report = plant_report(clinic, session, claim_check="done")
    added = {"section": "assessment", "text": "No chest pain on examination."}

    own = clinic.doctor.put(f"/reports/{report}", {"edits": [added]}, etag='"1"').ok().body
    cited = clinic.doctor.put(f"/reports/{report}", {"edits": [{**added, "segments": [1]}]}, etag='"2"').ok().body

    assert own["statements"][-1]["doubts"] == []
    assert "negation_differs" in [one["kind"] for one in cited["statements"][-1]["doubts"]]
