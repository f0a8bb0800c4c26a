"""An unsigned report is written anew: the whole, some sections, with another template; a person's edits stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.services.gemini.script import Answer, Script
from local.services.gemini.service import GeminiService
from local.stack.stack import Stack
from shared.records.visits.transcription import TranscriptionStatus
from shared.store.clinic import system_clinic
from shared.workflows.reports import drafting
from tests.support import crashes as support
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_transcription
from tests.support.visits import new_session

SAID = "I have a dry cough. I take metformin 500 mg. Come back in two weeks."
COUGH = ("chief_complaint", "Dry cough.", [1])
METFORMIN = ("plan.medications", "Metformin 500 mg.", [1])
FOLLOW_UP = ("plan.follow_up", "Come back in two weeks.", [1])
CHEST = ("history_present_illness", "Chest pain for two days.", [2])
COMPLETED = TranscriptionStatus.COMPLETED


EDIT = {"edits": [{"section": "plan.follow_up", "text": "Bring the inhaler."}]}


def answer(*items: tuple[str, str, list[int]]) -> Answer:
    names = ("section", "text", "segments")
    return Answer(json.dumps({"statements": [dict(zip(names, item, strict=True)) for item in items]}))


@pytest.fixture
def script(stack: Stack) -> Iterator[Script]:
    script = stack.service(GeminiService).script
    script.clear()
    with support.quiet(stack):
        yield script
    script.clear()


def drafted(clinic: TestClinic, script: Script) -> tuple[str, Reply]:
    """A session, and its report of three statements, the first of which the doctor corrects and to which one is
    added."""
    session = new_session(clinic)
    script.plant(answer(COUGH, METFORMIN, FOLLOW_UP))
    plant_transcription(clinic, session, COMPLETED, text=SAID)
    support.converge(clinic.stack)
    report = read(clinic, session)
    edits = [
        {"statement_id": report.body["statements"][0]["id"], "text": "Dry cough at night."},
        {"section": "plan.follow_up", "text": "Bring the inhaler."},
    ]
    return session, clinic.doctor.put(f"/reports/{session}-r1", {"edits": edits}, etag=report.etag).ok()


def read(clinic: TestClinic, session: str) -> Reply:
    return clinic.doctor.get(f"/reports/{session}-r1").ok()


def texts(body: Any) -> list[tuple[str, str]]:
    return [(one["section"], one["text"]) for one in without_consents(body)]


def without_consents(body: Any) -> list[Any]:
    """The statements but those of the consent records."""
    return [one for one in body["statements"] if not one["consent_id"]]


def rewrite(clinic: TestClinic, session: str, etag: str | None = None, **asked: Any) -> Reply:
    etag = etag or read(clinic, session).etag
    return clinic.doctor.post(f"/reports/{session}-r1/rewrite", asked, etag=etag)


def test_a_section_is_written_anew_and_the_doctors_edits_elsewhere_stay(clinic: TestClinic, script: Script) -> None:
    session, before = drafted(clinic, script)
    script.plant(answer(("plan.follow_up", "Review in two weeks.", [1]), METFORMIN))

    with support.paused(clinic.stack, "reports"):
        pending = rewrite(clinic, session, sections=["plan.follow_up"], force=True).ok(202)
        edits = {"edits": [{"statement_id": "s1", "text": None}]}
        clinic.doctor.put(f"/reports/{session}-r1", edits, etag=pending.etag).refused(409, "conflict")
        rewrite(clinic, session, force=True).refused(409, "conflict")
        clinic.doctor.post(f"/reports/{session}-r1/sign", {}, etag=pending.etag).refused(409, "conflict")
    support.converge(clinic.stack)
    after = read(clinic, session).body
    (version,) = clinic.doctor.get(f"/reports/{session}-r1/versions").ok().body["items"]

    assert (pending.body["status"], texts(pending.body)) == ("pending", texts(before.body))
    sections = [line for line in script.requests[-1]["contents"][0]["parts"][0]["text"].split("\n") if line[:2] == "- "]
    assert [line.split(":")[0] for line in sections] == ["- plan.follow_up"]
    assert texts(after) == [
        ("chief_complaint", "Dry cough at night."),
        METFORMIN[:2],
        ("plan.follow_up", "Review in two weeks."),
    ]
    assert (after["status"], after["version"], after["manually_edited"]) == ("completed", 3, True)
    removed = after["corrections"][-1]
    assert (removed["before"], removed["after"], removed["author_id"]) == (
        "Bring the inhaler.",
        None,
        clinic.doctor.user_id,
    )
    assert texts(version["clinical_before"]) == texts(before.body)
    assert (version["created_by"], version["revision"]) == (clinic.doctor.user_id, 3)
    assert version["id"] in {one["id"] for one in clinic.admin.get("/versions").ok().body["items"]}
    assert versions_for_a_colleague(clinic, session) == [version]


def versions_for_a_colleague(clinic: TestClinic, session: str) -> list[Any]:
    """The versions of a report for a doctor with whom the report alone is shared; before that there is none."""
    path, colleague = f"/reports/{session}-r1", clinic.other_doctor
    colleague.get(f"{path}/versions").refused(404, "not-found")
    share = {"doctor_id": colleague.user_id, "level": "read"}
    clinic.doctor.post(f"{path}/share", share, etag=read(clinic, session).etag).ok()
    return list(colleague.get(f"{path}/versions").ok().body["items"])


def test_the_whole_report_is_written_anew_after_a_correction_of_the_transcript(
    clinic: TestClinic, script: Script
) -> None:
    session, _ = drafted(clinic, script)
    path = f"/transcriptions/{session}-t1"
    corrected = {"edits": [{"number": 1, "text": f"{SAID} And I smoke."}]}
    clinic.doctor.put(path, corrected, etag=clinic.doctor.get(path).etag).ok()
    marked = read(clinic, session)
    script.plant(answer(METFORMIN), answer(COUGH, METFORMIN, ("history_present_illness", "Smokes.", [1])))

    rewrite(clinic, session, sections=["plan"]).ok(202)
    support.converge(clinic.stack)
    partly = read(clinic, session).body
    clinic.doctor.put(f"/reports/{session}-r1", EDIT, etag=read(clinic, session).etag).ok()
    rewrite(clinic, session, force=True).ok(202)
    support.converge(clinic.stack)
    after = read(clinic, session).body

    assert "plan.medications" in marked.body["outdated_sections"]
    assert partly["transcript_changed"]
    assert {*marked.body["outdated_sections"]} - {*partly["outdated_sections"]} >= {"plan.medications"}
    assert "history_present_illness" in partly["outdated_sections"]
    assert (marked.body["transcript_changed"], after["transcript_changed"]) == (True, False)
    assert after["outdated_sections"] == []
    assert after["sources"][0]["version"] == 2
    assert texts(after) == [
        ("chief_complaint", "Dry cough at night."),
        ("history_present_illness", "Smokes."),
        METFORMIN[:2],
        ("plan.follow_up", "Bring the inhaler."),
    ]


def test_the_same_again_is_the_report_that_is_there_unless_forced(clinic: TestClinic, script: Script) -> None:
    session, before = drafted(clinic, script)
    script.clear()

    same = rewrite(clinic, session).ok(202)
    section = rewrite(clinic, session, sections=["assessment"]).ok(202)
    clinic.doctor.put(f"/sessions/{session}", {"session_notes": "Asthma."}, etag=_session(clinic, session)).ok()
    other_notes = rewrite(clinic, session).ok(202)
    support.converge(clinic.stack)

    assert (same.body, section.etag, same.body["status"]) == (before.body, before.etag, "completed")
    assert (other_notes.body["status"], len(script.requests)) == ("pending", 1)


def test_a_new_recording_is_covered_and_earlier_citations_stay(clinic: TestClinic, script: Script) -> None:
    session, _ = drafted(clinic, script)
    alter(clinic, f"sessions/{session}", {"uploads": 2})
    plant_transcription(clinic, session, COMPLETED, count=2, text="I have had chest pain for two days.")
    support.converge(clinic.stack)
    lacking = read(clinic, session).body["unreported_recordings"]
    script.plant(answer(COUGH, CHEST))
    rewrite(clinic, session).ok(202)
    support.converge(clinic.stack)
    after = read(clinic, session).body

    assert (lacking, after["unreported_recordings"]) == ([f"{session}-a2"], [])
    assert [(one["text"], one["segments"]) for one in without_consents(after)] == [
        ("Dry cough at night.", [1]),
        ("Chest pain for two days.", [2]),
        ("Bring the inhaler.", []),
    ]


def test_another_template_keeps_the_doctors_statements_in_their_sections(clinic: TestClinic, script: Script) -> None:
    session, _ = drafted(clinic, script)
    script.plant(answer(("subjective", "Dry cough.", [1]), ("subjective", "Takes metformin.", [1])))

    rewrite(clinic, session, template_id="shipped-soap").ok(202)
    support.converge(clinic.stack)
    after = read(clinic, session).body

    assert (after["template_id"], after["status"]) == ("shipped-soap", "completed")
    assert texts(after) == [
        ("subjective", "Takes metformin."),
        ("chief_complaint", "Dry cough at night."),
        ("plan_follow_up", "Bring the inhaler."),
    ]
    assert {one["id"] for one in after["sections"]} >= {"subjective", "chief_complaint", "plan_follow_up"}
    rewrite(clinic, session, sections=["plan_follow_up"], force=True).refused(422, "invalid")


def test_a_failure_leaves_the_report_as_it_was(clinic: TestClinic, script: Script) -> None:
    session, before = drafted(clinic, script)
    script.plant(*[answer()] * 2)

    rewrite(clinic, session, template_id="shipped-soap").ok(202)
    support.converge(clinic.stack)
    after = read(clinic, session).body
    same = (
        "template_id",
        "template_version",
        "prompt_hash",
        "ai_model",
        "statements",
        "corrections",
        "version",
        "sources",
    )

    assert (after["status"], after["error_code"], after["rewrite_failed"]) == ("completed", None, "draft_empty")
    assert {name: after[name] for name in same} == {name: before.body[name] for name in same}
    assert clinic.doctor.get(f"/reports/{session}-r1/versions").ok().body["items"] == []
    assert rewrite(clinic, session, force=True).ok(202).body["rewrite_failed"] is None


def test_another_delivery_of_the_task_goes_on_or_changes_nothing(clinic: TestClinic, script: Script) -> None:
    session, _ = drafted(clinic, script)
    script.plant(Answer(status=503), answer(METFORMIN))
    rewrite(clinic, session, force=True).ok(202)
    support.converge(clinic.stack)
    once = read(clinic, session)

    drafting.write(system_clinic(clinic.id, "again"), f"{session}-r1", once.body["attempt"], 1)

    assert (once.body["status"], once.body["attempt"], once.body["version"]) == ("completed", 2, 3)
    assert (read(clinic, session).body, script.waiting) == (once.body, 0)
    assert len(clinic.doctor.get(f"/reports/{session}-r1/versions").ok().body["items"]) == 1


def test_refusals(clinic: TestClinic, script: Script) -> None:
    session, before = drafted(clinic, script)
    path = f"/reports/{session}-r1/rewrite"

    unknown = rewrite(clinic, session, sections=["nothing", "plan"]).refused(422, "invalid")
    mixed = rewrite(clinic, session, sections=["plan"], template_id="shipped-soap").refused(422, "invalid")
    rewrite(clinic, session, template_id="shipped-nothing").refused(422, "invalid")
    rewrite(clinic, session, '"1"', force=True).refused(412, "stale")
    clinic.doctor.post(path, {}).refused(428, "precondition-required")
    clinic.receptionist.post(path, {}, etag=before.etag).refused(403, "forbidden")
    clinic.other_doctor.post(path, {}, etag=before.etag).refused(404, "not-found")
    clinic.doctor.post(f"/reports/{session}-r2/rewrite", {}, etag=before.etag).refused(404, "not-found")
    closed = {}
    for status in ("failed", "signed"):
        alter(clinic, f"reports/{session}-r1", {"status": status})
        closed[status] = rewrite(clinic, session, before.etag, force=True).refused(409, "conflict").body["code"]

    assert "nothing" in unknown.body["errors"][0]["detail"]
    assert [error["pointer"] for error in mixed.body["errors"]] == ["/sections"]
    assert closed == {"failed": "report_not_ready", "signed": "report_not_ready"}


def test_cancelling_meanwhile_discards_the_report(clinic: TestClinic, script: Script) -> None:
    session, _ = drafted(clinic, script)
    with support.paused(clinic.stack, "reports"):
        rewrite(clinic, session, template_id="shipped-soap").ok(202)
        clinic.doctor.delete(f"/sessions/{session}", etag=_session(clinic, session)).ok()
    support.converge(clinic.stack)

    report = read(clinic, session).body
    assert (report["status"], report["error_code"], report["template_id"]) == (
        "failed",
        "session_cancelled",
        "shipped-consultation",
    )


def _session(clinic: TestClinic, session: str) -> str:
    return str(clinic.doctor.get(f"/sessions/{session}").ok().etag)
