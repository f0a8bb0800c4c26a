"""What every request and every job of the story asks of Google: exactly this, and nothing besides."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from google.cloud import tasks_v2

from infra import catalogue
from local.services.kit.recorder import Call
from local.stack.environment import QUEUES
from local.stack.stack import Stack
from tests.support.clinics import TestClinic, open_clinic
from tests.support.journey import Journey

Asked = tuple[str, str, int]
"""Service, method, and how many documents Firestore reads or writes for it."""


def reads(documents: int) -> Asked:
    """All of a request's reads are one call where nothing read says what to read next."""
    return ("firestore", "BatchGetDocuments", documents)


def commit(writes: int) -> Asked:
    """A change and its audit entry; an answer that only reads commits the entry alone."""
    return ("firestore", "Commit", writes)


DECRYPT: Asked = ("kms", "Decrypt", 0)
SIGN: Asked = ("kms", "AsymmetricSign", 0)
LOOK_AGAIN = reads(2)
"""A refused repetition: the first one's answer may have landed after the first read (with it the caller's record)."""
TASK: Asked = ("tasks", "CreateTask", 0)
START_UPLOAD: Asked = ("storage", "resumable.start", 0)
GET_OBJECT: Asked = ("storage", "objects.get", 0)
DELETE_OBJECT: Asked = ("storage", "objects.delete", 0)
RECOGNISE: Asked = ("speech", "BatchRecognize", 0)
WRITE: Asked = ("gemini", "generateContent", 0)

REQUESTS = {
    # Reads: the caller, and what is asked for; of a patient's things also the patient and the patient's keys.
    "write profile": [reads(2), commit(2)],
    "read profile": [reads(2), commit(1)],
    # Patient, patient's keys, counter, reserved number, answer for a repetition, audit entry.
    "register patient": [reads(4), commit(6)],
    "read patient": [reads(4), commit(1)],
    "read patient by number": [reads(3), reads(2), commit(1)],
    # Session, guard of the patient, counter, reserved number, progress, answer, audit entry.
    "start session": [reads(7), commit(7)],
    "pause session": [reads(4), commit(3)],
    "resume session": [reads(4), commit(3)],
    "read session": [reads(4), commit(1)],
    "open upload": [reads(5), START_UPLOAD, commit(4)],
    "read transcription of session": [reads(6), commit(1)],
    "read transcription": [reads(5), commit(1)],
    "read report": [reads(6), commit(1)],
    "export draft": [reads(9), commit(1)],
    "correct report": [reads(6), commit(3)],
    "review report": [reads(6), commit(2)],
    # Report, signed bytes, guard of the content, progress, audit entry.
    "sign report": [reads(9), SIGN, commit(5)],
    "read signed report": [reads(6), commit(1)],
    "export report": [reads(9), commit(1)],
    "complete session": [reads(4), commit(3)],
    "read bill": [reads(4), commit(1)],
    "pay part": [reads(5), commit(3)],
    "pay too much": [reads(5), commit(1)],
    "pay rest": [reads(5), commit(3)],
    # The bill says whose letterhead it carries.
    "export bill": [reads(5), reads(1), commit(1)],
}
NOT_OF_THE_STORY = ("api_docs", "appointments", "users", "on_staff_changed")
"""Functions whose calls are counted where they are tested."""
JOBS = {
    # The attempt is committed before the engine is called, the operation after.
    "on_audio_uploaded": [GET_OBJECT, reads(5), commit(5), TASK, RECOGNISE, reads(3), commit(3)],
    "on_transcript_ready": [reads(4), GET_OBJECT, commit(5), DELETE_OBJECT],
    # Three changes of the transcription; the one that finds it completed has the report written.
    "on_transcription_completed": [*[reads(5), commit(1)] * 2, reads(5), commit(2), TASK],
    # The report says which transcription and template; it is noted as being written before the writer is asked.
    "write_report": [reads(3), reads(3), commit(3), WRITE, reads(4), commit(4)],
    # The completed session, and the change of it that the bill itself makes.
    "on_session_completed": [reads(6), commit(6), reads(6), commit(1)],
}


@pytest.mark.parametrize("request_name", REQUESTS)
def test_a_request_asks_for_exactly_this(second_journey: Journey, request_name: str) -> None:
    assert _asked(second_journey.calls[request_name]) == REQUESTS[request_name]


@pytest.mark.parametrize("function", JOBS)
def test_a_job_asks_for_exactly_this(second_journey: Journey, function: str) -> None:
    # Events come in no promised order, so of several deliveries only the sum is certain.
    assert Counter(_asked(second_journey.calls[function])) == Counter(JOBS[function])


def test_nothing_of_the_story_is_left_out(second_journey: Journey) -> None:
    callers = {call.caller for call in second_journey.everything}

    assert second_journey.calls.keys() == REQUESTS.keys() | JOBS.keys()
    assert callers | {"check_transcription", "sweep_stalled", *NOT_OF_THE_STORY} == catalogue.load().functions.keys()


def test_no_library_calls_google_of_its_own_accord(journey: Journey, second_journey: Journey) -> None:
    meant = {
        (service, method) for asked in [*REQUESTS.values(), *JOBS.values(), [DECRYPT]] for service, method, _ in asked
    }

    made = {(call.service, call.method) for transaction in (journey, second_journey) for call in transaction.everything}

    assert made - {("speech", "GetOperation")} == meant


def test_with_warm_keys_kms_is_called_for_signing_alone(second_journey: Journey) -> None:
    kms = [call for call in second_journey.everything if call.service == "kms" and call.caller != "check_transcription"]

    assert _asked(kms) == [SIGN]


def test_the_keys_of_a_clinic_are_decrypted_once_an_instance(journey: Journey, second_journey: Journey) -> None:
    decrypting = Counter(call.caller for call in journey.everything if call.method == "Decrypt")

    serving = {call.caller for call in second_journey.everything} - {"check_transcription"}
    assert {caller: decrypting[caller] for caller in serving} == dict.fromkeys(serving, 1)


@pytest.mark.parametrize("name", ["register patient", "start session", "read transcription", "read bill"])
def test_the_first_request_of_a_clinic_in_an_instance_adds_one_decryption(journey: Journey, name: str) -> None:
    (service, method, documents), *rest = REQUESTS[name]

    # The document of the keys comes along in the same read.
    assert _asked(journey.calls[name]) == [(service, method, documents + 1), DECRYPT, *rest]


def test_a_clinic_that_is_new_to_a_warm_instance_costs_one_decryption_once(journey: Journey) -> None:
    stranger = open_clinic(journey.clinic.stack)

    first = _during(stranger, "patients", lambda: stranger.doctor.get("/patients/nobody").refused(404, "not-found"))
    second = _during(stranger, "patients", lambda: stranger.doctor.get("/patients/nobody").refused(404, "not-found"))

    assert second == [reads(4), commit(1)]
    assert first == [reads(5), DECRYPT, commit(1)]


def test_a_repeated_request_reads_its_answer_and_changes_nothing(second_journey: Journey) -> None:
    doctor, key = second_journey.clinic.doctor, "the-same-key-again"
    new = {"first_name": "A", "last_name": "B", "date_of_birth": "1990-01-01"}
    first = doctor.post("/patients", new, key=key).ok(201)

    asked = _during(second_journey.clinic, "patients", lambda: doctor.post("/patients", new, key=key).ok(201))

    # Whether the caller still sees whom the answer is about, is read when the answer has told who that is.
    assert asked == [reads(4), reads(1), commit(1)]
    assert doctor.post("/patients", new, key=key).body == first.body


def test_what_the_state_refuses_is_noted_and_with_a_key_an_earlier_answer_is_looked_for(
    second_journey: Journey,
) -> None:
    doctor, clinic = second_journey.clinic.doctor, second_journey.clinic
    signed, heard = second_journey.replies["sign report"], second_journey.replies["read transcription"]
    report, transcription = f"/reports/{second_journey.session_id}-r1", f"/transcriptions/{heard.body['id']}"

    def review() -> object:
        return doctor.post(f"{report}/review", key="", etag=signed.etag).refused(409, "conflict")

    def regenerate() -> object:
        return doctor.post(f"{transcription}/regenerate", etag=heard.etag).refused(409, "conflict")

    def generate() -> object:
        return doctor.post(f"/sessions/{second_journey.session_id}/generate-report").refused(409, "conflict")

    assert _second(clinic, "reports", review) == [reads(6), commit(1)]
    assert _second(clinic, "transcriptions", regenerate) == [reads(5), LOOK_AGAIN, commit(1)]
    assert _second(clinic, "sessions", generate) == [reads(5), reads(2), LOOK_AGAIN, commit(1)]


def test_cancelling_a_session_is_one_read_and_one_commit(second_journey: Journey) -> None:
    session = second_journey.clinic.session()
    path = f"/sessions/{session.body['id']}"

    asked = _during(
        second_journey.clinic, "sessions", lambda: second_journey.clinic.doctor.delete(path, etag=session.etag).ok()
    )

    assert asked == [reads(4), commit(3)]


def test_looking_after_a_finished_transcription_only_reads_it(second_journey: Journey) -> None:
    stack, clinic = second_journey.clinic.stack, second_journey.clinic
    look = {"clinic_id": clinic.id, "transcription_id": f"{second_journey.session_id}-t1", "attempt": 1, "poll": 0}

    def deliver() -> None:
        headers = [("Content-Type", "application/json")]
        answer = stack.functions.request("check_transcription", "POST", "/", headers, json.dumps(look).encode())
        assert answer.status == 204

    with _paused(stack, "transcriptions"):
        asked = _second(clinic, "check_transcription", deliver)

    assert asked == [reads(3), commit(1)]


def test_an_event_that_comes_again_changes_nothing(second_journey: Journey) -> None:
    stack, found = second_journey.clinic.stack, {}
    for delivery in stack.triggers.history:
        if second_journey.session_id in delivery.event.headers["ce-subject"]:
            found[delivery.function] = delivery.event

    again = {
        name: _second(second_journey.clinic, name, partial(stack.triggers.deliver, name, found[name]))
        for name in ("on_audio_uploaded", "on_transcript_ready", "on_transcription_completed", "on_session_completed")
    }

    assert again == {
        "on_audio_uploaded": [GET_OBJECT, reads(5), commit(1)],
        "on_transcript_ready": [reads(4), commit(1)],
        "on_transcription_completed": [reads(5), commit(1)],
        "on_session_completed": [reads(6), commit(1)],
    }


def _asked(calls: list[Call]) -> list[Asked]:
    """What the calls are, with the documents of those to Firestore."""
    return [(call.service, call.method, _documents(call)) for call in calls]


def _documents(call: Call) -> int:
    return sum(call.amounts.values()) if call.service == "firestore" else 0


def _second(clinic: TestClinic, function: str, act: Callable[[], object]) -> list[Asked]:
    """What the function asks of Google when this is done again, with the keys warm."""
    act()
    return _during(clinic, function, act)


def _during(clinic: TestClinic, function: str, act: Callable[[], object]) -> list[Asked]:
    """What the function asks of Google while this is done."""
    clinic.stack.wait_idle(60)
    mark = clinic.stack.taps.mark()
    act()
    return _asked([call for call in clinic.stack.taps.calls(mark) if call.caller == function])


@contextmanager
def _paused(stack: Stack, queue: str) -> Iterator[None]:
    """Meanwhile no task of other tests comes due."""
    client = tasks_v2.CloudTasksClient(client_options={"api_endpoint": stack.client_environment()["TASKS_ENDPOINT"]})
    client.pause_queue(name=f"{QUEUES}/{queue}")
    try:
        stack.wait_idle(60)
        yield
    finally:
        client.resume_queue(name=f"{QUEUES}/{queue}")
