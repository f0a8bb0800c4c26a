"""What was said and who said it is nowhere to be read: not in the database, objects, tasks, events or logs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_to_bytes

import grpc
import pytest
from google.cloud import storage, tasks_v2
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from local.demo.seed import SETTINGS, STAFF
from local.samples import load
from local.services.firestore.backend import DATABASE, OWNER
from local.stack.environment import AUDIO_BUCKET, QUEUES
from local.stack.stack import Stack
from shared.records.billing.bill import Bill
from shared.records.patients.patient import Patient
from shared.records.privacy import fields_of
from shared.records.record import Record
from shared.records.reports.content import ReportContent
from shared.records.reports.signed import SignedReport
from shared.records.visits.session import Session
from shared.records.visits.transcription import TranscriptPart, part_id
from tests.support.journey import COMPLAINT, CORRECTED, NOTES, PATIENT, PROFILE, REASON, Journey

SHINGLE_WORDS = 3
SHORTEST = 10
"""Characters of a shingle; a shorter one could be in random bytes by chance."""
PLANTED = "planted"
"""A part of the name of everything that a test plants."""
KINDS = ("document", "object", "task", "event", "log")

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Piece:
    """Something that is kept or sent where others than the clinic could read it."""

    place: str
    """The kind of thing, and its name."""
    content: bytes

    @property
    def kind(self) -> str:
        return self.place.partition(" ")[0]

    def text(self) -> str:
        """All that can be read in it and its name, normalised: as it is, unescaped, and out of base64."""
        raw = f"{self.place}\n".encode() + self.content
        plain = b"\n".join([raw, unquote_to_bytes(raw), *_decoded(raw)]).decode("utf-8", "replace")
        return normalised(f"{plain}\n{_ESCAPED.sub(lambda code: chr(int(code[1], 16)), plain)}")


def normalised(text: str) -> str:
    """The words of a text without case and accents, one space between them."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W_]+", " ", "".join(c for c in decomposed if not unicodedata.combining(c))).strip()


@pytest.fixture(scope="module")
def phrases(journey: Journey) -> list[str]:
    """What must not be found, normalised."""
    report = journey.body("read signed report")
    spoken = [journey.body("read transcription")["transcript_text"], load("follow_up_visit").reference_text]
    written = [statement["text"] for statement in report["statements"]] + [CORRECTED, COMPLAINT, NOTES, REASON]
    shingles = {shingle for text in spoken + written for shingle in _shingles(text)}
    return sorted({normalised(text) for text in _personal()} | shingles)


def test_every_phrase_is_found_in_every_place_where_it_is_planted(stack: Stack, phrases: list[str]) -> None:
    with _planted(stack, phrases):
        texts = dict.fromkeys(KINDS, "")
        for piece in everything(stack):
            if PLANTED in piece.place:
                texts[piece.kind] += f"\n{piece.text()}"

    assert {kind: [phrase for phrase in phrases if phrase not in text] for kind, text in texts.items()} == {
        kind: [] for kind in KINDS
    }


@pytest.mark.parametrize("hide", [base64.b64encode, base64.urlsafe_b64encode, lambda text: json.dumps(text.decode())])
def test_a_phrase_is_found_in_disguise(hide: Any) -> None:
    disguised = hide("call Zubeïda Okonkwo at home".encode())

    found = Piece("log x", disguised if isinstance(disguised, bytes) else disguised.encode()).text()

    assert "zubeida okonkwo" in found


def test_nothing_that_was_said_or_entered_can_be_read_anywhere(
    journey: Journey, second_journey: Journey, phrases: list[str]
) -> None:
    stack = journey.clinic.stack
    stack.wait_idle(60)

    pieces = everything(stack)

    found = {
        (piece.place, phrase) for piece in pieces for text in [piece.text()] for phrase in phrases if phrase in text
    }
    assert found == set()
    assert {piece.kind for piece in pieces} >= {*KINDS, "call"}
    assert sum(journey.session_id in piece.place for piece in pieces) >= 10


def test_no_secret_of_the_upload_or_the_sign_in_is_kept_in_the_clear(journey: Journey) -> None:
    upload_id = journey.body("open upload")["upload_url"].rpartition("upload_id=")[2]
    token = journey.clinic.doctor.token

    pieces = everything(journey.clinic.stack)

    found = [piece.place for piece in pieces for secret in (upload_id, token) if secret.encode() in piece.content]
    assert len(upload_id) > 10
    assert found == []


def test_no_hash_without_a_key_stands_for_a_name_or_a_number(journey: Journey) -> None:
    values = [
        PATIENT["first_name"],
        PATIENT["last_name"],
        PATIENT["primary_phone"],
        PATIENT["email"],
        PATIENT["date_of_birth"],
    ]
    spellings = {form for value in map(str, values) for form in (value, value.casefold(), normalised(value), value[1:])}

    documents = b"".join(piece.content for piece in _documents(journey.clinic.stack))

    digests = [hashlib.new(name, form.encode()) for name in ("md5", "sha1", "sha256") for form in spellings]
    assert [
        d.hexdigest() for d in digests if d.digest()[:12] in documents or d.hexdigest()[:24].encode() in documents
    ] == []


@pytest.mark.parametrize("model", [Patient, Session, TranscriptPart, ReportContent, SignedReport, Bill])
def test_what_is_marked_encrypted_is_ciphertext_in_the_database(journey: Journey, model: type[Record]) -> None:
    path = f"clinics/{journey.clinic.id}/{model.path_of(_id_of(model, journey))}"

    [document] = [
        document for document in _stored(journey.clinic.stack) if document.name.endswith(f"/documents/{path}")
    ]

    sealed = document.fields["sealed"].map_value.fields
    marks = fields_of(model)
    assert not marks.encrypted & document.fields.keys()
    assert sealed and sealed.keys() <= marks.encrypted
    assert all(len(value.bytes_value) > 28 and not _is_json(value.bytes_value) for value in sealed.values())


def everything(stack: Stack) -> list[Piece]:
    """All that is kept or was sent, but recordings and what only the endpoints themselves keep."""
    return [*_documents(stack), *_objects(stack), *_tasks(stack), *_events(stack), *_logs(stack), *_calls(stack)]


def _documents(stack: Stack) -> list[Piece]:
    return [
        Piece(f"document {d.name.partition('/documents/')[2]}", types.Document.serialize(d)) for d in _stored(stack)
    ]


def _stored(stack: Stack) -> list[types.Document]:
    """Every document of the database, past the rules and past our own code."""
    with grpc.insecure_channel(stack.firestore.address) as channel:
        client = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))
        all_of_them = {"from_": [{"all_descendants": True}]}
        request = {"parent": f"{DATABASE}/documents", "structured_query": all_of_them}
        answers = client.run_query(request=request, metadata=[("authorization", "Bearer owner")])
        return [answer.document for answer in answers if answer.document]


def _objects(stack: Stack) -> Iterator[Piece]:
    """The names and metadata of all objects, and the content of those that are no audio."""
    client = _storage(stack)
    for bucket in client.list_buckets():
        for blob in client.list_blobs(bucket):
            audio = str(blob.content_type).startswith("audio/")
            content = b"" if audio else blob.download_as_bytes()
            yield Piece(f"object {blob.name}", json.dumps(blob.metadata).encode() + content)


def _tasks(stack: Stack) -> list[Piece]:
    """Every task that was ever created."""
    return [Piece(f"task {task.name}", tasks_v2.Task.serialize(task)) for task in stack.task_queues.history]


def _events(stack: Stack) -> Iterator[Piece]:
    for delivery in stack.triggers.history:
        headers = dict(delivery.event.headers)
        yield Piece(f"event {headers['ce-subject']}", json.dumps(headers).encode() + delivery.event.body)


def _logs(stack: Stack) -> list[Piece]:
    return [Piece(f"log {file.name}", file.read_bytes()) for file in stack.logs.glob("*.log")]


def _calls(stack: Stack) -> set[Piece]:
    """What the calls to Google named in their requests."""
    calls = stack.recorder.calls()
    return {Piece(f"call {call.service}.{call.method}", call.resource.encode()) for call in calls}


def _commit(stack: Stack, write: types.Write) -> None:
    request = types.CommitRequest(database=DATABASE, writes=[write])
    stack.firestore.call("Commit", types.CommitRequest.serialize(request), OWNER)


@contextmanager
def _planted(stack: Stack, phrases: list[str]) -> Iterator[None]:
    """Meanwhile every phrase is in a document, an object, a task, an event and a log; afterwards all are gone."""
    text = " | ".join(phrases)  # one line: metadata travels in headers
    name = f"{DATABASE}/documents/{PLANTED}/{PLANTED}"
    nulls = {phrase: types.Value(null_value=0) for phrase in phrases}
    texts = types.ArrayValue(values=[types.Value(string_value=phrase) for phrase in phrases])
    fields = {"texts": types.Value(array_value=texts), "map": types.Value(map_value=types.MapValue(fields=nulls))}
    _commit(stack, types.Write(update=types.Document(name=name, fields=fields)))
    bucket = _storage(stack).create_bucket(f"{PLANTED}-{datetime.now(UTC):%H%M%S%f}")
    # A function deletes the strange object from the bucket of recordings; its event stays.
    for blob in (bucket.blob(f"{PLANTED}/text"), _storage(stack).bucket(AUDIO_BUCKET).blob(f"{PLANTED}/text")):
        blob.metadata = {"note": text}
        blob.upload_from_string(text, content_type="text/plain")
    client, task = _plant_task(stack, text)
    log = stack.logs / f"{PLANTED}.log"
    log.write_text(json.dumps({"message": text}))
    stack.wait_idle(60)
    try:
        yield
    finally:
        _commit(stack, types.Write(delete=name))
        bucket.delete(force=True)
        client.delete_task(name=task)
        log.unlink()
        stack.task_queues.history[:] = [kept for kept in stack.task_queues.history if PLANTED not in kept.name]
        events = stack.triggers.history
        events[:] = [kept for kept in events if PLANTED not in kept.event.headers["ce-subject"]]


def _plant_task(stack: Stack, text: str) -> tuple[tasks_v2.CloudTasksClient, str]:
    """A task for tomorrow."""
    client = tasks_v2.CloudTasksClient(client_options={"api_endpoint": stack.client_environment()["TASKS_ENDPOINT"]})
    queue = f"{QUEUES}/reports"
    task = tasks_v2.Task(
        name=f"{queue}/tasks/{PLANTED}-{datetime.now(UTC):%H%M%S%f}",
        schedule_time=datetime.now(UTC) + timedelta(days=1),
        http_request={"url": stack.url, "body": text.encode()},
    )
    return client, client.create_task(parent=queue, task=task).name


def _storage(stack: Stack) -> storage.Client:
    return storage.Client(client_options={"api_endpoint": stack.client_environment()["STORAGE_ENDPOINT"]})


def _personal() -> Iterator[str]:
    """Names, numbers, addresses and whatever else was entered in text about people, and about the clinic."""
    address, contact = PATIENT["address"], PATIENT["emergency_contact"]
    assert isinstance(address, dict) and isinstance(contact, dict)
    entered = [value for value in [*PATIENT.values(), *PROFILE.values()] if isinstance(value, str)]
    yield from (value for value in entered if value != PATIENT["gender"])
    yield from ("sulfonamide antibiotics", str(PATIENT["notes"]), *address["lines"], address["city"])
    yield from (contact["name"], contact["phone"], "UPI 4471 Kensington")
    yield from (email for email, _ in STAFF.values())
    yield from (SETTINGS["name"], *SETTINGS["address"].split("\n"), SETTINGS["phone"], SETTINGS["payment_instructions"])


def _shingles(text: str) -> Iterator[str]:
    """Every three words that follow each other."""
    words = normalised(text).split()
    for start in range(len(words) - SHINGLE_WORDS + 1):
        shingle = " ".join(words[start : start + SHINGLE_WORDS])
        if len(shingle) >= SHORTEST:
            yield shingle


def _decoded(content: bytes) -> Iterator[bytes]:
    """What runs of base64 in it decode to, in either alphabet."""
    for run in _BASE64.findall(content):
        standard = run.translate(bytes.maketrans(b"-_", b"+/"))
        try:
            yield base64.b64decode(standard + b"=" * (-len(standard) % 4))
        except binascii.Error:
            continue


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _id_of(model: type[Record], journey: Journey) -> str:
    report = f"{journey.session_id}-r1"
    ids: dict[type[Record], str] = {
        Patient: journey.session_id.partition("-")[0],
        Session: journey.session_id,
        TranscriptPart: part_id(f"{journey.session_id}-t1", 1),
        ReportContent: report,
        SignedReport: report,
        Bill: f"{journey.session_id}-bill",
    }
    return ids[model]
