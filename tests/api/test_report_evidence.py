"""The evidence of corrected statements, over HTTP."""

from __future__ import annotations

from functools import partial

import pytest

from tests.support.call_counts import CountedCall, calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import end_session, plant_report, plant_transcription
from tests.support.problems import pointers


@pytest.fixture
def report(clinic: TestClinic) -> str:
    """A drafted report: a statement that cites the only segment. Notes are typed in its session."""
    session = clinic.session(session_notes="Looks tired.").body["id"]
    plant_transcription(clinic, session)
    return plant_report(clinic, session)


def corrected(clinic: TestClinic, report: str, body: dict[str, object], etag: str = '"1"') -> Reply:
    return clinic.doctor.put(f"/reports/{report}", body, etag=etag)


def test_correction_keeps_the_segments_and_needs_no_reason(clinic: TestClinic, report: str) -> None:
    edit = {"statement_id": "s1", "text": "Sleeps badly since May."}

    body = corrected(clinic, report, {"edits": [edit], "reason": "misheard"}).ok().body

    assert (body["statements"][0]["segments"], body["statements"][0]["reason"]) == ([1], "misheard")
    assert body["corrections"][0]["before_segments"] == [1]
    assert body["correction_counts"] == {"corrected": 1, "added": 0, "removed": 0}


def test_segments_are_looked_up_in_the_transcription_of_the_report(clinic: TestClinic, report: str) -> None:
    wrong = {"statement_id": "s1", "segments": [1, 2]}

    refused = corrected(clinic, report, {"edits": [wrong]}).refused(422, "invalid")
    accepted = corrected(clinic, report, {"edits": [wrong | {"segments": [1], "text": "x"}]}).ok()

    assert pointers(refused) == {"/edits/0/segments"}
    assert accepted.body["statements"][0]["segments"] == [1]


def test_a_cited_note_stays_as_it_was_cited_and_is_signed(clinic: TestClinic, report: str) -> None:
    session = report.removesuffix("-r1")
    edit = {"statement_id": "s1", "notes": ["session_notes"]}
    cited = corrected(clinic, report, {"edits": [edit]}).ok()
    seen = clinic.doctor.get(f"/sessions/{session}").ok()
    clinic.doctor.put(f"/sessions/{session}", {"session_notes": "Rested."}, etag=seen.etag).ok()

    end_session(clinic, session)
    signed = clinic.doctor.post(f"/reports/{report}/sign", {}, etag=cited.etag).ok().body

    note = {"number": 1, "kind": "noted_by_practitioner", "source": "session_notes", "text": "Looks tired."}
    assert (signed["notes"], signed["statements"][0]["notes"]) == ([note], [1])
    assert clinic.doctor.get(f"/reports/{report}").ok().body["notes"] == [note]


def test_a_field_in_which_nothing_is_typed_is_no_evidence(clinic: TestClinic, report: str) -> None:
    edit = {"statement_id": "s1", "notes": ["chief_complaint"]}

    assert pointers(corrected(clinic, report, {"edits": [edit]}).refused(422, "invalid")) == {"/edits/0/notes"}


def test_a_removal_is_counted(clinic: TestClinic, report: str) -> None:
    body = corrected(clinic, report, {"edits": [{"statement_id": "s1", "text": None}]}).ok().body

    assert body["correction_counts"] == {"corrected": 0, "added": 0, "removed": 1}
    assert clinic.doctor.pdf(f"/reports/{report}/pdf").ok().content.startswith(b"%PDF")


def test_evidence_is_read_only_if_an_edit_cites_it(clinic: TestClinic, report: str) -> None:
    counted: list[list[CountedCall]] = []
    citing: list[dict[str, object]] = [{}, {"segments": [1]}, {"notes": ["session_notes"]}]
    for number, cites in enumerate(citing):
        edits = [{"statement_id": "s1", "text": f"Version {number}.", **cites}]
        etag = clinic.doctor.get(f"/reports/{report}").ok().etag
        counted.append(calls_during(clinic, "reports", partial(corrected, clinic, report, {"edits": edits}, etag)))

    # The caller, report, content, signature and patient; the transcription with its first part; the session.
    assert counted == [
        [reads(5), commit(3)],
        [reads(5), reads(2), commit(3)],
        [reads(5), reads(1), commit(3)],
    ]
