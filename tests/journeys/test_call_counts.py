"""The exact calls to Google Cloud of every request and job of the journey."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pytest
from google.cloud import tasks_v2

from infra import catalogue
from local.services.eventarc.event import Event
from local.stack.environment import QUEUES
from local.stack.stack import Stack
from tests.support.call_counts import (
    DECRYPT,
    DELETE_OBJECT,
    GET_OBJECT,
    GET_PUBLIC_KEY,
    RECOGNISE,
    SIGN,
    START_UPLOAD,
    TASK,
    WRITE,
    CountedCall,
    Deviation,
    calls_during,
    calls_when_repeated,
    commit,
    counted,
    expected_calls,
    query,
    reads,
)
from tests.support.clinics import open_clinic
from tests.support.journey import OPERATIONS, Journey

SECOND_READ = reads(2)
"""The caller and the stored response, read again before a refusal: an earlier attempt may have committed since the
first read."""

_LINKED = "reads report and transcription, to which the session links"
_OTHERS_BILL = [reads(1)]
"""The profile of the doctor: the bill names the doctor, who is not the caller."""
_LAST_SESSION = reads(1)
"""The doctor's: whether it still runs."""
_SESSION_PROGRESS = Deviation(f"{_LINKED}; writes the earlier version and the progress that clients watch", 2, 2)
DEVIATIONS = {
    "register patient": Deviation(
        "reads settings and counter; writes keys, counter and reserved number", read=2, written=3
    ),
    "give consent": Deviation("reads settings and consents", read=2),
    "read patient": Deviation("the patient's age needs the clinic's time zone", read=1),
    "read patient by number": Deviation(
        "the patient is read after the reserved number, which names it; the patient's age needs the time zone",
        read=1,
        between=[reads(1)],
    ),
    "start session": Deviation(
        "reads settings, counter, consents and the running sessions of doctor and patient, then "
        "the doctor's last one; a template that ships is not read; writes those, a guard of the patient, counter, "
        "reserved number and progress",
        read=5,
        written=6,
        between=[_LAST_SESSION],
    ),
    "pause session": Deviation(
        f"{_LINKED}; with notes, so reads the proof; writes version and progress", read=3, written=2
    ),
    "resume session": _SESSION_PROGRESS,
    "complete session": Deviation(
        f"{_LINKED}; writes the earlier version and the progress that clients watch", read=2, written=2
    ),
    "read session": Deviation(f"{_LINKED}, settings and consents", read=4),
    "open upload": Deviation(
        "reads the report and its signature, settings and consents; the session counts its recordings; "
        "writes progress and a guard of the consents",
        read=4,
        written=3,
        between=[START_UPLOAD],
    ),
    "read transcription of session": Deviation("reads the transcription and its first part", read=2),
    "read transcription": Deviation("reads the first part of the text", read=1),
    "read report": Deviation("reads content and signature", read=2),
    "read signed report": Deviation("reads content and signature", read=2),
    "read signed copy": Deviation("reads the signed bytes", read=1),
    "export draft": Deviation(
        "reads the signature; there is none, so content, session, settings and profile follow; writes at the report "
        "who exported it",
        read=1,
        written=1,
        between=[reads(4)],
    ),
    "export report": Deviation(
        "reads the signature, then the signed PDF, which is kept; writes at the report who exported it",
        read=1,
        written=1,
        between=[reads(1)],
    ),
    "correct report": Deviation(
        "reads content and signature, then the transcript for the checks; writes the content",
        read=2,
        written=1,
        between=[reads(2)],
    ),
    "read doubts": Deviation("reads content and signature", read=2),
    "resolve doubts": Deviation("reads content and signature; writes the content", read=2, written=1),
    "review report": Deviation("reads content and signature", read=2),
    "sign report": Deviation(
        "reads content, signature, session, settings and profile; "
        "writes signed bytes, the export of the signed PDF, guards of the session and the confirmation, and progress",
        read=5,
        written=5,
        between=[SIGN],
        after=[TASK],
    ),
    "read bill": Deviation("then reads the doctor's profile", between=_OTHERS_BILL),
    "pay part": Deviation(
        "reads settings and a counter, then the doctor's profile, the reference and two sums of "
        "the books; writes entry, receipt, counter, reserved number, reference and the sums",
        read=2,
        written=7,
        between=[reads(4)],
    ),
    "pay rest": Deviation(
        "reads as `pay part`, without a reference; writes entry, receipt, counter, reserved number and the sums",
        read=2,
        written=6,
        between=[reads(3)],
    ),
    "pay too much": Deviation("reads settings and a counter; a refused change writes the audit entry alone", 2, -2),
    "export bill": Deviation("reads the bytes that were issued", read=1),
}
"""By request of the journey."""
REQUESTS = {request: expected_calls(operation, DEVIATIONS.get(request)) for request, operation in OPERATIONS.items()}
NOT_IN_THE_JOURNEY = (
    *("api_docs", "appointments", "messages", "templates", "users", "on_staff_changed", "on_report_drafted"),
    *("join_recording", "split_recording", "send_message", "remind_unsigned", "links", "payment_webhook"),
    *("clinic", "on_appointment_written", "notify_patient", "schedule_reminders", "books", "live_audio"),
    "on_transcription_completed",
)
"""Functions whose calls are counted by tests of their own."""
JOBS = {
    # The attempt is committed before the engine is called, the operation name after. Every step that goes on reads the
    # consents and the settings, which hold the policy. The session names the doctor, whose name is a hint.
    "on_audio_uploaded": [
        GET_OBJECT,
        reads(7),
        GET_OBJECT,
        reads(1),
        commit(5),
        TASK,
        RECOGNISE,
        reads(2),
        commit(3),
    ],
    # The report is requested in the same commit, so the events of the transcription are left out. Report and proof are
    # not there; settings and counter are read for its number, which is counted and reserved, and the doctor, who may
    # have left. The patient is touched, the consents are guarded.
    "on_transcript_ready": [reads(7), GET_OBJECT, reads(2), commit(10), TASK, DELETE_OBJECT],
    # The report names transcription, session and doctor, whose style examples are read; its template ships. It is
    # marked as being written before Gemini is called. With the draft, the devices are read; there are none to notify;
    # the template's use is counted. Settings and profile are known from the beginning.
    # The names of patient and doctor are compared with those that were heard. Another name was: the
    # profiles of the staff are queried.
    "write_report": [reads(5), reads(5), commit(3), WRITE, reads(4), query(1), commit(5)],
    # Export and patient; the report and its proof, which has all that is printed; whether a signed PDF is kept; the
    # certificates and the settings. What was read is audited; export and progress are written with the signed PDF.
    "export_report": [
        *(reads(2), reads(2), reads(1), reads(2), commit(1)),
        SIGN,
        *(reads(2), commit(4)),
    ],
    # The completed session; the events of its other changes are left out. The session names the profile of the
    # letterhead, which is written with the patient's identity into the issued bytes; the settings name the series of
    # its number. The sums of the books that a bill belongs to are known once it is priced.
    "on_session_completed": [reads(4), reads(2), reads(2), commit(10)],
}


@pytest.mark.parametrize("request_name", REQUESTS)
def test_a_request_makes_exactly_the_expected_calls(second_journey: Journey, request_name: str) -> None:
    assert counted(second_journey.calls[request_name]) == REQUESTS[request_name]


def test_every_deviation_belongs_to_a_request_of_the_journey() -> None:
    assert DEVIATIONS.keys() <= REQUESTS.keys()


@pytest.mark.parametrize("function", JOBS)
def test_a_job_makes_exactly_the_expected_calls(second_journey: Journey, function: str) -> None:
    # The order of events is not guaranteed, so only the total over all deliveries is.
    assert Counter(counted(second_journey.calls[function])) == Counter(JOBS[function])


def test_every_request_and_job_of_the_journey_is_counted(second_journey: Journey) -> None:
    callers = {call.caller for call in second_journey.everything}

    assert second_journey.calls.keys() == REQUESTS.keys() | JOBS.keys()
    assert callers | {"check_transcription", "sweep_stalled", *NOT_IN_THE_JOURNEY} == catalogue.load().functions.keys()


def test_libraries_make_no_other_calls(journey: Journey, second_journey: Journey) -> None:
    expected = {
        (service, method) for calls in [*REQUESTS.values(), *JOBS.values(), [DECRYPT]] for service, method, _ in calls
    }

    made = {(call.service, call.method) for one in (journey, second_journey) for call in one.everything}

    service, method, _ = GET_PUBLIC_KEY  # an earlier test may have made the instance fetch it
    assert made - {("speech", "GetOperation"), (service, method)} == expected


def test_kms_is_called_only_to_sign_if_keys_are_warm(second_journey: Journey) -> None:
    kms = [call for call in second_journey.everything if call.service == "kms" and call.caller != "check_transcription"]

    assert counted(kms) == [SIGN, SIGN], "the report, and its PDF"


def test_the_keys_of_a_clinic_are_decrypted_once_per_instance(journey: Journey, second_journey: Journey) -> None:
    decryptions = Counter(call.caller for call in journey.everything if call.method == "Decrypt")

    serving = {call.caller for call in second_journey.everything} - {"check_transcription"}
    assert {caller: decryptions[caller] for caller in serving} == dict.fromkeys(serving, 1)


@pytest.mark.parametrize("name", ["register patient", "start session", "read transcription", "read bill"])
def test_the_first_request_of_a_clinic_in_an_instance_adds_one_decryption(journey: Journey, name: str) -> None:
    (service, method, documents), *rest = REQUESTS[name]
    if name == "start session":
        rest.remove(_LAST_SESSION)  # the doctor has none yet

    # The document of the keys is read in the same call.
    assert counted(journey.calls[name]) == [(service, method, documents + 1), DECRYPT, *rest]


def test_the_public_key_is_fetched_once_per_instance(journey: Journey, second_journey: Journey) -> None:
    fetching = [call.caller for call in journey.everything if call.method == "GetPublicKey"]

    assert len(fetching) == len({*fetching})
    assert {*fetching} <= {"reports", "export_report"}, "an earlier test may have made the instance fetch it"
    assert "GetPublicKey" not in {call.method for call in second_journey.everything}


def test_new_clinic_in_a_warm_instance_adds_one_decryption(journey: Journey) -> None:
    new_clinic = open_clinic(journey.clinic.stack)

    first = calls_during(
        new_clinic, "patients", lambda: new_clinic.doctor.get("/patients/nobody").refused(404, "not-found")
    )
    second = calls_during(
        new_clinic, "patients", lambda: new_clinic.doctor.get("/patients/nobody").refused(404, "not-found")
    )

    assert second == [reads(3), commit(1)]
    assert first == [reads(4), DECRYPT, commit(1)]


def test_a_repeated_request_reads_the_stored_response_and_changes_nothing(second_journey: Journey) -> None:
    doctor, key = second_journey.clinic.doctor, "the-same-key-again"
    new = {"first_name": "A", "last_name": "B", "date_of_birth": "1990-01-01"}
    first = doctor.post("/patients", new, key=key).ok(201)

    calls = calls_during(second_journey.clinic, "patients", lambda: doctor.post("/patients", new, key=key).ok(201))

    # The patient in the stored response is read next: the caller must still be allowed to see the patient.
    assert calls == [reads(4), reads(1), commit(1)]
    assert doctor.post("/patients", new, key=key).body == first.body


def test_a_conflict_is_audited_and_with_an_idempotency_key_the_stored_response_is_read_again(
    second_journey: Journey,
) -> None:
    doctor, clinic = second_journey.clinic.doctor, second_journey.clinic
    signed, transcribed = second_journey.replies["sign report"], second_journey.replies["read transcription"]
    report, transcription = f"/reports/{second_journey.session_id}-r1", f"/transcriptions/{transcribed.body['id']}"

    def review() -> object:
        return doctor.post(f"{report}/review", key="", etag=signed.etag).refused(409, "conflict")

    def regenerate() -> object:
        return doctor.post(f"{transcription}/regenerate", etag=transcribed.etag).refused(409, "conflict")

    def generate() -> object:
        return doctor.post(f"/sessions/{second_journey.session_id}/generate-report").refused(409, "conflict")

    assert calls_when_repeated(clinic, "reports", review) == [reads(5), commit(1)]
    assert calls_when_repeated(clinic, "transcriptions", regenerate) == [reads(7), SECOND_READ, commit(1)]
    assert calls_when_repeated(clinic, "sessions", generate) == [reads(4), reads(5), SECOND_READ, commit(1)]


def test_following_a_finished_session_reads_its_progress_once(second_journey: Journey) -> None:
    doctor, path = second_journey.clinic.doctor, f"/sessions/{second_journey.session_id}/progress"

    calls = calls_when_repeated(second_journey.clinic, "sessions", lambda: doctor.get(path).ok())

    # The caller, the session and the patient; the audit entry and the count of shown records; then the
    # progress, with each poll again.
    assert calls == [reads(3), commit(2), reads(1)]


def test_cancelling_a_session_reads_its_jobs_too(second_journey: Journey) -> None:
    session = second_journey.clinic.session()
    path = f"/sessions/{session.body['id']}"

    calls = calls_during(
        second_journey.clinic, "sessions", lambda: second_journey.clinic.doctor.delete(path, etag=session.etag).ok()
    )

    assert calls == [reads(5), reads(1), commit(4)]  # a report by hand exists without a recording


def test_polling_a_finished_transcription_only_reads_it(second_journey: Journey) -> None:
    stack, clinic = second_journey.clinic.stack, second_journey.clinic
    poll = {"clinic_id": clinic.id, "transcription_id": f"{second_journey.session_id}-t1", "attempt": 1, "poll": 0}

    def deliver() -> None:
        headers = [("Content-Type", "application/json"), stack.authorization("check_transcription")]
        response = stack.functions.request("check_transcription", "POST", "/", headers, json.dumps(poll).encode())
        assert response.status == 204

    with _paused(stack, "transcriptions"):
        calls = calls_when_repeated(clinic, "check_transcription", deliver)

    assert calls == [reads(1)], "no key is needed, and nothing is opened that would be audited"


def test_an_event_delivered_again_changes_nothing(second_journey: Journey) -> None:
    clinic, stack = second_journey.clinic, second_journey.clinic.stack
    again: dict[str, list[list[CountedCall]]] = {}
    for name, event in events_of(second_journey):
        again.setdefault(name, []).append(
            calls_when_repeated(clinic, name, partial(stack.triggers.deliver, name, event))
        )

    # One event causes something, of the transcription none. The others, of writes before and after, say themselves that
    # they cause nothing.
    assert {name: [calls for calls in found if calls] for name, found in again.items()} == {
        "on_audio_uploaded": [[GET_OBJECT, reads(7), commit(1)]],
        "on_transcript_ready": [[reads(7), commit(1)]],
        "on_transcription_completed": [],
        "on_session_completed": [[reads(4), commit(1)]],
    }
    assert {name: len(found) for name, found in again.items()} == {
        "on_audio_uploaded": 1,
        "on_transcript_ready": 1,
        "on_transcription_completed": 3,
        "on_session_completed": 9,
    }


def test_an_event_of_a_completed_transcription_without_a_payload_is_handled(second_journey: Journey) -> None:
    clinic, stack = second_journey.clinic, second_journey.clinic.stack
    name = "on_transcription_completed"
    event = next(event for function, event in events_of(second_journey) if function == name)
    unread = replace(event, body=b"")

    calls = calls_when_repeated(clinic, name, partial(stack.triggers.deliver, name, unread))

    assert calls == [reads(7), commit(1)], "the report is there"


def events_of(journey: Journey) -> list[tuple[str, Event]]:
    """The events of the session of a journey, each with its function, in the order of their delivery."""
    history, id = journey.clinic.stack.triggers.history, journey.session_id
    return [(one.function, one.event) for one in history if id in one.event.headers["ce-subject"]]


@contextmanager
def _paused(stack: Stack, queue: str) -> Iterator[None]:
    """Pause a queue, so that no tasks of other tests are dispatched."""
    client = tasks_v2.CloudTasksClient(client_options={"api_endpoint": stack.client_environment()["TASKS_ENDPOINT"]})
    client.pause_queue(name=f"{QUEUES}/{queue}")
    try:
        stack.wait_idle(60)
        yield
    finally:
        client.resume_queue(name=f"{QUEUES}/{queue}")
