"""A statement that a person edits is checked again in the same request."""

from __future__ import annotations

from typing import Any

from tests.support.clinics import TestClinic
from tests.support.database import plant_report, plant_transcription


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
    assert doubt == {"kind": "number_not_in_evidence", "severity": "major", "words": ["850 mg"], "segments": [1]}
    assert (right["statements"][0]["doubts"], right["omissions"], right["checks_version"]) == ([], [], 1)
    assert [(one["kind"], one["words"], one["segment"]) for one in without["omissions"]] == [("drug", ["metformin"], 1)]


def test_what_a_person_adds_on_their_own_word_is_not_compared_with_the_transcript(clinic: TestClinic) -> None:
    session = clinic.session().body["id"]
    plant_transcription(clinic, session, text="I take metformin, five hundred milligrams.")
    report = plant_report(clinic, session, claim_check="done")
    added = {"section": "assessment", "text": "No chest pain on examination."}

    own = clinic.doctor.put(f"/reports/{report}", {"edits": [added]}, etag='"1"').ok().body
    cited = clinic.doctor.put(f"/reports/{report}", {"edits": [{**added, "segments": [1]}]}, etag='"2"').ok().body

    assert own["statements"][-1]["doubts"] == []
    assert "negation_differs" in [one["kind"] for one in cited["statements"][-1]["doubts"]]
