"""Objects that nobody announced are deleted from the buckets, and reported without their names (S20)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from google.cloud.storage import Bucket, Client

from local.services.kit.identity import PROJECT
from local.stack.environment import AUDIO_BUCKET, RESULTS_BUCKET
from shared.gateways import storage_client
from shared.records.types import new_id
from tests.support.clinics import TestClinic

pytestmark = pytest.mark.long

AUDIO = "on_audio_uploaded"
RESULTS = "on_transcript_ready"
NAME = "Asha Rao, suicidal"
"""A name of an object may hold clinical text."""


def bucket(name: str) -> Bucket:
    client: Client = storage_client.client(PROJECT)
    found: Bucket = client.bucket(name)
    return found


def put(clinic: TestClinic, bucket_name: str, object_name: str) -> None:
    bucket(bucket_name).blob(object_name).upload_from_string(b"speech in the clear", content_type="audio/flac")
    clinic.stack.wait_idle(90)


def exists(bucket_name: str, object_name: str) -> bool:
    return bool(bucket(bucket_name).blob(object_name).exists())


def events(tmp_path_factory: pytest.TempPathFactory, function: str, object_name: str) -> list[dict[str, Any]]:
    """The security events about an object."""
    digest = hashlib.sha256(object_name.encode()).hexdigest()
    files = {file.resolve() for file in tmp_path_factory.getbasetemp().glob(f"state*/logs/{function}.log")}
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert not any(NAME in line for line in lines)
    return [json.loads(line) for line in lines if digest in line]


RECORDINGS = {
    "outside": "malformed_name",
    "clinics/{clinic}": "malformed_name",
    "clinics/{clinic}/{name}": "malformed_name",
    "clinics/{clinic}/sessions/{session}/recordings/": "malformed_name",
    "clinics/{clinic}/sessions/{session}/recordings/{session}-a9": "unknown_recording",
    "clinics/{clinic}/sessions/{session}/recordings/{name}": "malformed_name",
    "clinics/{clinic}/elsewhere/{session}/recordings/{session}-a1": "malformed_name",
    "clinics/{clinic}/sessions/{other}/recordings/{session}-a1": "malformed_name",
    "clinics/{unknown}/sessions/{session}/recordings/{session}-a1": "unknown_recording",
    "clinics/{name}/sessions/{session}/recordings/{session}-a1": "malformed_name",
}


@pytest.mark.parametrize("form", RECORDINGS)
def test_strange_recording_is_deleted_and_reported_by_a_digest(
    clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory, form: str
) -> None:
    session = clinic.session().body["id"]
    values = {"clinic": clinic.id, "session": session, "other": f"{new_id()}-{new_id()}", "unknown": new_id(12)}
    object_name = f"{form.format(**values, name=NAME)}"

    put(clinic, AUDIO_BUCKET, object_name)

    assert not exists(AUDIO_BUCKET, object_name)
    (event,) = events(tmp_path_factory, AUDIO, object_name)
    assert (event["logger"], event["message"], event["kind"]) == (
        "synapse.security",
        "strange object deleted",
        "recording",
    )
    assert event["reason"] == RECORDINGS[form]
    clinic.doctor.get(f"/sessions/{session}/transcription").refused(404, "none-yet")


RESULT_NAMES = {
    "outside.json": "malformed_name",
    "clinics/{clinic}/{name}.json": "malformed_name",
    "clinics/{clinic}/transcriptions/{name}/attempts/1/x.json": "malformed_name",
    "clinics/{clinic}/transcriptions/{id}/attempts/1/x.json": "unknown_recording",
    "clinics/{unknown}/transcriptions/{id}/attempts/1/x.json": "unknown_recording",
    "clinics/{clinic}/transcriptions/{id}/attempts/99999999999999999999/x.json": "malformed_name",
}


@pytest.mark.parametrize("form", RESULT_NAMES)
def test_strange_result_is_deleted_and_reported_by_a_digest(
    clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory, form: str
) -> None:
    values = {"clinic": clinic.id, "id": f"{new_id()}-{new_id()}-t1", "unknown": new_id(12)}
    object_name = form.format(**values, name=NAME)

    put(clinic, RESULTS_BUCKET, object_name)

    assert not exists(RESULTS_BUCKET, object_name)
    (event,) = events(tmp_path_factory, RESULTS, object_name)
    assert (event["kind"], event["reason"]) == ("result", RESULT_NAMES[form])


def test_announced_recording_is_not_strange(clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory) -> None:
    session = clinic.session().body["id"]
    clinic.record(session, b"not really audio")
    object_name = f"clinics/{clinic.id}/sessions/{session}/recordings/{session}-a1"
    clinic.stack.wait_idle(90)

    assert exists(AUDIO_BUCKET, object_name)
    assert events(tmp_path_factory, AUDIO, object_name) == []
