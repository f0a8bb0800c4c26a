"""The pipeline dies at every step, loses answers, hears things twice, and still ends where it would have ended."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.services.kit.recorder import Fault
from local.stack.environment import AUDIO_BUCKET, QUEUES, RESULTS_BUCKET
from local.stack.stack import Stack
from shared.records.record import SYSTEM, Stamp
from shared.records.reports.template import ReportTemplate, Section, default_sections
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.support import crashes as support
from tests.support.client import ApiClient, Reply, upload
from tests.support.clinics import PATIENT, PROFILE, TestClinic
from tests.support.crashes import OGG, Ending, Story

pytestmark = pytest.mark.long

READ, COMMIT, UNLOCK = "firestore.BatchGetDocuments", "firestore.Commit", "kms.Decrypt"
GET, DELETE = "storage.objects.get", "storage.objects.delete"
ENQUEUE, RECOGNISE, ASK_ENGINE = "tasks.CreateTask", "speech.BatchRecognize", "speech.GetOperation"
WRITE = "gemini.generateContent"

STAGES: dict[Story, dict[str, list[str]]] = {
    support.consultation: {
        "on_audio_uploaded": [GET, READ, UNLOCK, COMMIT, ENQUEUE, RECOGNISE, READ, COMMIT],
        "on_transcript_ready": [READ, UNLOCK, GET, COMMIT, DELETE],
        # once for each state: pending, processing, completed
        "on_transcription_completed": [READ, UNLOCK, COMMIT, READ, COMMIT, READ, COMMIT, ENQUEUE],
        "write_report": [READ, UNLOCK, READ, COMMIT, WRITE, READ, COMMIT],
    },
    support.unrecorded_visit: {
        # once for each change: started, completed, billed
        "on_session_completed": [READ, UNLOCK, COMMIT, READ, COMMIT, READ, COMMIT],
    },
    support.cancelled_session: {
        "on_audio_uploaded": [GET, READ, UNLOCK, COMMIT, DELETE],
    },
    support.unreadable_recording: {
        # a failure found; asked for again and begun again; a failure found
        "check_transcription": [
            *(READ, UNLOCK, COMMIT, ASK_ENGINE, READ, COMMIT),
            *(READ, COMMIT, READ, ENQUEUE, COMMIT, RECOGNISE, READ, COMMIT),
            *(READ, COMMIT, ASK_ENGINE, READ, COMMIT),
        ],
    },
}
"""Every call that a stage makes in a story that nothing disturbs, in order."""


@dataclass(frozen=True)
class Stage:
    """A function in a story."""

    transaction: Story
    function: str

    @property
    def calls(self) -> list[str]:
        return STAGES[self.transaction][self.function]

    def __str__(self) -> str:
        return f"{self.transaction.__name__}-{self.function}"


def groups() -> Iterator[list[Stage]]:
    """Every stage once, with those that may be disturbed in one story.

    The first stage of a story is disturbed alone. Those after it can share a story, for what goes wrong in one of them
    is taken up by that one again and does not come twice to the next.
    """
    for transaction, functions in STAGES.items():
        first, *later = (Stage(transaction, function) for function in functions)
        yield [first]
        if later:
            yield later


class Crashes(dict[Stage, int]):
    """The number of the call that each of these stages is killed after, in one story."""

    def __str__(self) -> str:
        return "-".join(f"{stage}-{number}" for stage, number in self.items())


def crashes() -> Iterator[Crashes]:
    """Every call of every stage once."""
    for stages in groups():
        for number in range(max(len(stage.calls) for stage in stages)):
            yield Crashes({stage: number for stage in stages if number < len(stage.calls)})


every_stage = pytest.mark.parametrize("stage", [stage for stages in groups() for stage in stages], ids=str)
every_group = pytest.mark.parametrize("stages", list(groups()), ids=lambda stages: "-".join(map(str, stages)))


@dataclass(frozen=True)
class Undisturbed:
    """How a story goes when nothing happens."""

    calls: dict[str, list[str]]
    ending: Ending


@pytest.fixture(scope="module")
def audio() -> bytes:
    return support.short_recording()


@pytest.fixture(scope="module")
def undisturbed(stack: Stack, audio: bytes) -> dict[Story, Undisturbed]:
    """Each story as it goes on functions that run already, for a cold start changes what overtakes what."""
    for transaction in (support.consultation, support.unreadable_recording):
        transaction(support.new_clinic(stack), audio)
    return {transaction: play_undisturbed(transaction, support.new_clinic(stack), audio) for transaction in STAGES}


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    """No test meets what another one left on its way."""
    stack.wait_idle(support.PATIENCE)
    for queue in ("reports", "transcriptions"):
        support.queues_of(stack).purge_queue(name=f"{QUEUES}/{queue}")
    yield
    stack.recorder.clear_faults()


def play_undisturbed(transaction: Story, clinic: TestClinic, audio: bytes) -> Undisturbed:
    mark = clinic.stack.recorder.mark()
    session_id = transaction(clinic, audio)
    calls = {function: support.calls_of(clinic.stack, function, mark) for function in STAGES[transaction]}
    return Undisturbed(calls, support.ending(clinic, session_id))


@dataclass(frozen=True)
class UnluckyClient:
    """A client that loses the answer to whatever it asks, and asks again with the same key and the same ETag."""

    api: ApiClient
    stack: Stack
    outcome: str
    """`kill`: the function dies after its commit, and no answer comes. `cut`: the function loses the commit's."""

    def post(self, function: str, path: str, body: Any = None, *, etag: str = "", status: int = 200) -> Reply:
        """The answer to the second try, which must be the answer to the first one."""
        key = uuid.uuid4().hex
        first = self._lose(function, lambda: self.api.post(path, body, etag=etag, key=key), status)
        again = self.api.post(path, body, etag=etag, key=key).ok(status)
        assert again.headers["Idempotent-Replayed"] == "true"
        if first is not None:
            assert (again.content, again.etag) == (first.content, first.etag)
        return again

    def change(self, function: str, method: str, path: str, body: Any = None) -> Reply:
        """What is there after a change without a key: the second try finds that the first one had its effect."""
        etag = self.api.get(path).ok().etag
        self._lose(function, lambda: self.api.send(method, path, body, etag=etag), 200)
        self.api.send(method, path, body, etag=etag).refused(412, "stale")
        return self.api.get(path).ok()

    def _lose(self, function: str, send: Any, status: int) -> Reply | None:
        """The answer of the first try, if it comes."""
        fault = plant(self.stack, function, COMMIT, self.outcome)
        reply: Reply = send()
        assert fault.fired.wait(5)
        if self.outcome == "kill":
            assert reply.status == 502
            return None
        return reply.ok(status)


@pytest.fixture(params=["kill", "cut"])
def unlucky(request: pytest.FixtureRequest, clinic: TestClinic) -> UnluckyClient:
    return UnluckyClient(clinic.doctor, clinic.stack, request.param)


# Crashes and lost answers of the pipeline


@every_stage
def test_a_stage_makes_the_calls_that_it_is_killed_after(stage: Stage, undisturbed: dict[Story, Undisturbed]) -> None:
    assert undisturbed[stage.transaction].calls[stage.function] == stage.calls


def test_an_undisturbed_consultation_ends_with_a_draft_and_a_bill(undisturbed: dict[Story, Undisturbed]) -> None:
    ending = undisturbed[support.consultation].ending

    assert [ending.session["status"], ending.transcription["status"]] == ["completed", "completed"]
    assert {segment["speaker"] for segment in ending.transcription["segments"]} == {"practitioner"}
    assert ending.report["status"] == "completed"
    assert any("ibuprofen" in statement["text"] for statement in ending.report["statements"])
    assert ending.bill["number"].endswith("000001")


@pytest.mark.parametrize("crashes", list(crashes()), ids=str)
def test_a_stage_killed_after_a_call_ends_as_if_nothing_had_happened(
    crashes: Crashes, clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    transaction = next(iter(crashes)).transaction
    mark = clinic.stack.recorder.mark()
    faults = [
        plant(clinic.stack, stage.function, call, "kill", skip=stage.calls[:number].count(call))
        for stage, number in crashes.items()
        for call in [stage.calls[number]]
    ]

    session_id = transaction(clinic, audio)

    assert all(fault.fired.wait(5) for fault in faults)
    for stage, number in crashes.items():
        made = support.calls_of(clinic.stack, stage.function, mark)
        assert made[: number + 1] == stage.calls[: number + 1], "it was killed after another call"
    assert support.ending(clinic, session_id) == undisturbed[transaction].ending


@every_group
def test_a_stage_that_loses_the_answers_to_its_commits_does_nothing_twice(
    stages: list[Stage], clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    transaction = stages[0].transaction
    mark = clinic.stack.recorder.mark()
    lost = {stage: stage.calls.count(COMMIT) for stage in stages}
    faults = [plant(clinic.stack, stage.function, COMMIT, "cut") for stage in stages for _ in range(lost[stage])]

    session_id = transaction(clinic, audio)

    assert all(fault.fired.is_set() for fault in faults)
    made = {stage: support.calls_of(clinic.stack, stage.function, mark).count(COMMIT) for stage in stages}
    assert made == lost
    assert support.ending(clinic, session_id) == undisturbed[transaction].ending


@every_group
def test_a_stage_that_loses_the_answer_to_every_call_ends_as_if_nothing_had_happened(
    stages: list[Stage], clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    transaction = stages[0].transaction
    faults = [plant(clinic.stack, stage.function, call, "cut") for stage in stages for call in stage.calls]

    session_id = transaction(clinic, audio)

    assert all(fault.fired.is_set() for fault in faults)
    assert support.ending(clinic, session_id) == undisturbed[transaction].ending


# Delivered again, late and out of order


def test_every_event_and_task_delivered_again_from_last_to_first_changes_nothing(
    clinic: TestClinic, audio: bytes
) -> None:
    stack = clinic.stack
    session_id = support.consultation(clinic, audio)
    before = _kept(clinic.id)
    deliveries = [d for d in stack.triggers.history if clinic.id in d.event.headers["ce-subject"]]
    tasks = [task.http_request for task in stack.task_queues.history if clinic.id.encode() in task.http_request.body]

    answers = [stack.triggers.deliver(delivery.function, delivery.event) for delivery in reversed(deliveries)]
    answers += [_run_again(stack, request.url, request.body) for request in reversed(tasks)]
    support.converge(stack)

    assert {d.function for d in deliveries} | {_function(t.url) for t in tasks} == {*PIPELINE, "on_staff_changed"}
    assert {status // 100 for status in answers} == {2}
    assert _kept(clinic.id) == before
    assert support.ending(clinic, session_id).bill["status"] == "pending"


PIPELINE = {function for functions in STAGES.values() for function in functions}


def test_a_late_result_of_an_earlier_attempt_is_deleted_and_changes_nothing(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    path = f"/transcriptions/{session_id}-t1"
    clinic.record(session_id, support.NOT_AUDIO)
    support.converge(clinic.stack)

    with support.looks_held_back(clinic.stack):
        assert support.regenerate(clinic, session_id).ok(202).body["attempt"] == 2
        waiting = _kept(clinic.id)
        _write_result(clinic, session_id, attempt=1)
        after_the_late_one = _kept(clinic.id)
        _write_result(clinic, session_id, attempt=2)

    heard = clinic.doctor.get(path).ok().body
    assert waiting[f"transcriptions/{session_id}-t1"]["status"] == "pending"
    assert after_the_late_one == waiting
    assert (heard["status"], heard["transcript_text"]) == ("completed", "Attempt 2.")
    assert support.results_in_the_clear(clinic) == []


def test_a_result_whose_event_does_not_come_through_is_found_by_the_look(
    clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    session_id = str(clinic.session().body["id"])
    for _ in range(50):
        plant(clinic.stack, "on_transcript_ready", READ, "kill")

    with support.looks_held_back(clinic.stack):
        clinic.record(session_id, audio)
        heard = clinic.until(lambda: _look(clinic, session_id), _is_over, support.PATIENCE).body
    clinic.stack.recorder.clear_faults()
    support.converge(clinic.stack)

    assert heard["segments"] == undisturbed[support.consultation].ending.transcription["segments"]
    assert support.ending(clinic, session_id).report == undisturbed[support.consultation].ending.report


# Failures


def test_a_recording_that_is_not_audio_fails_with_its_reason_and_can_be_tried_again(clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    path = f"/transcriptions/{session_id}-t1"
    clinic.record(session_id, support.NOT_AUDIO)

    failed = clinic.until(lambda: clinic.doctor.get(path), _is_over).body
    asked_again = clinic.doctor.post(f"{path}/regenerate", etag=clinic.doctor.get(path).etag).ok(202).body
    failed_again = clinic.until(lambda: clinic.doctor.get(path), _is_over).body

    assert (failed["status"], failed["error_code"], failed["retry_count"]) == ("failed", "audio_not_readable", 0)
    assert (asked_again["status"], asked_again["error_code"], asked_again["retry_count"]) == ("pending", None, 1)
    assert (failed_again["status"], failed_again["error_code"]) == ("failed", "audio_not_readable")
    assert failed_again["retry_count"] == 1
    assert clinic.doctor.get(f"/sessions/{session_id}").body["status"] == "in_progress"
    assert bytes(_recording(clinic, session_id).download_as_bytes()) == support.NOT_AUDIO
    clinic.doctor.get(f"/reports/{session_id}-r1").refused(404, "not-found")


def test_a_recording_for_a_cancelled_session_is_refused_and_deleted(clinic: TestClinic, audio: bytes) -> None:
    session_id = support.cancelled_session(clinic, audio)

    kept = support.documents(clinic.id)[f"sessions/{session_id}/recordings/{session_id}-a1"]
    assert (kept["status"], kept["refusal"]) == ("refused", "session_cancelled")
    assert not _recording(clinic, session_id).exists()
    clinic.doctor.get(f"/transcriptions/{session_id}-t1").refused(404, "not-found")


def test_a_report_that_the_model_refuses_fails_with_its_reason_and_can_be_asked_for_again(
    unlucky: UnluckyClient, clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    too_many = [Section(id=f"section_{number}", title=f"Section {number}") for number in range(300)]
    _write_template(clinic.id, "own", too_many)
    session_id = str(clinic.session(template_id="own").body["id"])
    clinic.record(session_id, audio)
    support.converge(clinic.stack)

    refused = clinic.doctor.get(f"/reports/{session_id}-r1").ok().body
    _write_template(clinic.id, "own", default_sections())
    asked_again = unlucky.post("sessions", f"/sessions/{session_id}/generate-report", status=202).body
    support.converge(clinic.stack)

    written = clinic.doctor.get(f"/reports/{session_id}-r1").ok().body
    assert (refused["status"], refused["error_code"], refused["statements"]) == ("failed", "writer_error_400", [])
    assert (asked_again["status"], asked_again["error_code"], asked_again["attempt"]) == ("pending", None, 2)
    assert written["statements"] == undisturbed[support.consultation].ending.report["statements"]
    assert (written["status"], written["attempt"]) == ("completed", 2)


def test_a_report_whose_model_does_not_answer_fails_in_the_end_and_can_be_asked_for_again(
    clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    expected = undisturbed[support.consultation].ending
    silences = [plant(clinic.stack, "write_report", WRITE, "cut") for _ in range(6)]
    session_id = str(clinic.session().body["id"])
    clinic.record(session_id, audio)
    support.converge(clinic.stack)

    failed = clinic.doctor.get(f"/reports/{session_id}-r1").ok().body
    heard = clinic.doctor.get(f"/sessions/{session_id}/transcription").ok().body
    clinic.doctor.post(f"/sessions/{session_id}/generate-report").ok(202)
    support.converge(clinic.stack)

    written = clinic.doctor.get(f"/reports/{session_id}-r1").ok().body
    assert all(fault.fired.is_set() for fault in silences)
    assert (failed["status"], failed["error_code"]) == ("failed", "writer_busy")
    assert (heard["status"], heard["segments"]) == ("completed", expected.transcription["segments"])
    assert (written["status"], written["statements"]) == ("completed", expected.report["statements"])


# Requests


def test_a_visit_of_lost_answers_is_registered_started_billed_and_paid_once(
    unlucky: UnluckyClient, clinic: TestClinic
) -> None:
    patient = unlucky.post("patients", "/patients", PATIENT, status=201).body
    session = unlucky.post("sessions", "/sessions", {"patient_id": patient["id"], "type": "followup"}, status=201).body
    path = f"/sessions/{session['id']}"
    paused = unlucky.change("sessions", "PUT", path, {"status": "paused"}).body
    resumed = unlucky.change("sessions", "PUT", path, {"status": "in_progress"})
    completed = unlucky.post("sessions", f"{path}/complete", etag=resumed.etag).body
    support.converge(clinic.stack)
    bill = clinic.doctor.get(f"/bills/{session['id']}-bill").ok()
    payment = {"amount": 50_000, "method": "cash"}
    paid = unlucky.post("bills", f"/bills/{bill.body['id']}/payment", payment, etag=bill.etag, status=201).body

    assert [paused["status"], resumed.body["status"], completed["status"]] == ["paused", "in_progress", "completed"]
    assert (len(paid["payment_history"]), paid["outstanding_amount"]) == (1, bill.body["outstanding_amount"] - 50_000)
    assert support.ending(clinic, session["id"]).bill["status"] == "partially_paid"
    assert clinic.patient().body["number"].endswith("0002")


def test_a_report_of_lost_answers_is_recorded_corrected_reviewed_and_signed_once(
    unlucky: UnluckyClient, clinic: TestClinic, audio: bytes
) -> None:
    session_id = str(clinic.session().body["id"])
    wanted = {"content_type": OGG, "size_bytes": len(audio)}
    opened = unlucky.post("sessions", f"/sessions/{session_id}/recordings", wanted, status=201).body
    assert upload(opened["upload_url"], audio, OGG) == 200
    support.converge(clinic.stack)
    path = f"/reports/{session_id}-r1"
    statement = clinic.doctor.get(path).ok().body["statements"][0]
    edit = {"statement_id": statement["id"], "text": "Takes ibuprofen.", "reason": "misheard"}
    corrected = unlucky.change("reports", "PUT", path, {"edits": [edit]})
    reviewed = unlucky.post("reports", f"{path}/review", etag=corrected.etag)
    signed = unlucky.post("reports", f"{path}/sign", {}, etag=reviewed.etag)

    kept = clinic.doctor.get(path).ok()
    assert kept.content == signed.content
    assert (kept.body["status"], kept.body["version"], len(kept.body["corrections"])) == ("signed", 2, 1)
    assert support.ending(clinic, session_id).session["recordings"] == 1


def test_a_retry_of_lost_answers_is_counted_once(unlucky: UnluckyClient, clinic: TestClinic) -> None:
    session_id = str(clinic.session().body["id"])
    path = f"/transcriptions/{session_id}-t1"
    clinic.record(session_id, support.NOT_AUDIO)
    support.converge(clinic.stack)

    asked = unlucky.post("transcriptions", f"{path}/regenerate", etag=clinic.doctor.get(path).etag, status=202).body
    support.converge(clinic.stack)

    assert asked["retry_count"] == 1
    assert support.ending(clinic, session_id).transcription["retry_count"] == 1


def test_a_change_of_lost_answers_is_done_once_and_then_refused_as_stale(
    unlucky: UnluckyClient, clinic: TestClinic
) -> None:
    session_id = str(clinic.session().body["id"])
    revision = clinic.doctor.get("/profile").ok().body["revision"]

    renamed = unlucky.change("profile", "PUT", "/profile", PROFILE | {"first_name": "Mira"}).body
    cancelled = unlucky.change("sessions", "DELETE", f"/sessions/{session_id}").body

    support.converge(clinic.stack)
    assert (renamed["first_name"], renamed["revision"]) == ("Mira", revision + 1)
    assert cancelled["status"] == "cancelled"
    assert support.ending(clinic, session_id).bill == 404


@pytest.mark.parametrize(
    ("function", "call", "path", "status"),
    [
        ("sessions", "storage.resumable.start", "/sessions/{session}/recordings", 201),
        ("transcriptions", ENQUEUE, "/transcriptions/{session}-t1/regenerate", 202),
    ],
)
def test_a_request_that_died_before_its_commit_is_done_by_its_repetition(
    clinic: TestClinic, function: str, call: str, path: str, status: int
) -> None:
    session_id = str(clinic.session().body["id"])
    clinic.record(session_id, support.NOT_AUDIO)
    support.converge(clinic.stack)
    path, key = path.format(session=session_id), uuid.uuid4().hex
    wanted = {"content_type": OGG, "size_bytes": 1000} if status == 201 else None
    etag = clinic.doctor.get(f"/transcriptions/{session_id}-t1").etag

    crash = plant(clinic.stack, function, call, "kill")
    lost = clinic.doctor.post(path, wanted, etag=etag, key=key)
    done = clinic.doctor.post(path, wanted, etag=etag, key=key)

    support.converge(clinic.stack)
    assert crash.fired.wait(5)
    assert (lost.status, done.status) == (502, status)
    ending = support.ending(clinic, session_id)
    assert ending.session["recordings"] + ending.transcription["retry_count"] == 2


# Helpers


def plant(stack: Stack, function: str, call: str, outcome: str, skip: int = 0) -> Fault:
    service, _, method = call.partition(".")
    return stack.recorder.plant(Fault(service, method, function, outcome, skip))


def _kept(clinic_id: str) -> support.Documents:
    """All documents of a clinic; the progress document also tells when it was written, which is no content."""
    found = support.documents(clinic_id)
    return {
        path: {name: value for name, value in document.items() if not (path.startswith("progress/") and name == "at")}
        for path, document in found.items()
    }


def _function(task_url: str) -> str:
    return task_url.rpartition("/")[2].replace("-", "_")


def _run_again(stack: Stack, url: str, body: bytes) -> int:
    """Deliver a task that was done before."""
    return stack.functions.request(_function(url), "POST", "/", [("Content-Type", "application/json")], body).status


def _write_result(clinic: TestClinic, session_id: str, attempt: int) -> None:
    """A result as Speech-to-Text writes it, of one of the attempts; returns when it was handled."""
    words = [
        {"word": "Attempt", "startOffset": "0s", "endOffset": "0.500s", "confidence": 0.9},
        {"word": f"{attempt}.", "startOffset": "0.500s", "endOffset": "1s", "confidence": 0.9},
    ]
    result = {"alternatives": [{"words": words}], "channelTag": 1, "resultEndOffset": "1s"}
    name = f"clinics/{clinic.id}/transcriptions/{session_id}-t1/attempts/{attempt}/result.json"
    blob = support.bucket_of(clinic.stack, RESULTS_BUCKET).blob(name)
    blob.upload_from_string(json.dumps({"results": [result]}), content_type="application/json")
    clinic.stack.wait_idle(support.PATIENCE)
    assert not blob.exists()


def _look(clinic: TestClinic, session_id: str) -> Reply:
    """Look after the transcription now; returns how it is."""
    support.run_tasks(clinic.stack)
    return clinic.doctor.get(f"/transcriptions/{session_id}-t1")


def _recording(clinic: TestClinic, session_id: str) -> Any:
    name = f"clinics/{clinic.id}/sessions/{session_id}/recordings/{session_id}-a1"
    return support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(name)


def _is_over(reply: Reply) -> bool:
    return reply.status == 200 and reply.body["status"] not in ("pending", "processing")


def _write_template(clinic_id: str, template_id: str, sections: list[Section]) -> None:
    """Make a template or replace its sections; there is no route for that yet."""

    def transaction(work: UnitOfWork) -> None:
        known = work.get_or_none(ReportTemplate.ref(template_id))
        if known is not None:
            work.save(known.revised(Stamp(SYSTEM, work.now), sections=sections))
        else:
            work.create(ReportTemplate.new(template_id, Stamp(SYSTEM, work.now), name="Own", sections=sections))

    system_clinic(clinic_id, "test").perform("template.write", transaction)
