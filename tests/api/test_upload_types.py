"""Which files may be uploaded: the types and sizes that are announced, and what is found instead of them."""

from __future__ import annotations

from typing import Any

import pytest

from local.stack.environment import AUDIO_BUCKET
from shared import settings
from shared.records.visits.audio_types import AUDIO_TYPES
from tests.support import crashes as support
from tests.support.client import Reply, upload
from tests.support.clinics import TestClinic
from tests.support.problems import pointers

LARGEST = settings.Recordings.max_recording_bytes


def announced(clinic: TestClinic, session: str, content_type: object = "audio/flac", size: object = 9) -> Reply:
    body = {"content_type": content_type, "size_bytes": size}
    return clinic.doctor.post(f"/sessions/{session}/recordings", body)


@pytest.fixture
def session(clinic: TestClinic) -> str:
    return str(clinic.session().body["id"])


@pytest.fixture(scope="module")
def refusing(clinic: TestClinic) -> str:
    """A session whose uploads are all refused."""
    return str(clinic.session().body["id"])


def test_audio_that_speech_to_text_decodes_may_be_uploaded(clinic: TestClinic, session: str) -> None:
    opened = announced(clinic, session, " AUDIO/x-wav; codecs=1").ok(201)

    assert (opened.body["content_type"], opened.body["status"]) == ("audio/wav", "awaited")


def test_refusal_names_the_accepted_types(clinic: TestClinic, refusing: str) -> None:
    refused = announced(clinic, refusing, "audio/aac").refused(422, "invalid")

    assert refused.body["errors"][0]["detail"] == f"one of {', '.join(AUDIO_TYPES)}"


STRANGE = [
    "application/octet-stream",
    "application/pdf",
    "application/x-msdownload",
    "application/zip",
    "audio/*",
    "audio/",
    "audio/basic",
    "audio/flac, text/html",
    "audio/flac\r\nX-Goog-Acl: public-read",
    "audio/flac\x00",
    "image/svg+xml",
    "multipart/form-data",
    "text/html",
    "text/javascript",
    "video/mp4",
    "video/webm",
    "",
    "*/*",
    "../flac",
    "x" * 10_000,
    None,
    7,
    ["audio/flac"],
]


@pytest.mark.parametrize("content_type", STRANGE, ids=lambda kind: ascii(kind)[:40])
def test_other_types_are_refused(clinic: TestClinic, refusing: str, content_type: object) -> None:
    refused = announced(clinic, refusing, content_type).refused(422, "invalid")

    assert {pointer.split("/")[1] for pointer in pointers(refused)} == {"content_type"}
    assert clinic.doctor.get(f"/sessions/{refusing}/recordings").ok().body["items"] == []


@pytest.mark.parametrize(
    ("size", "status", "problem"),
    [
        (0, 422, "invalid"),
        (-1, 422, "invalid"),
        (1.5, 422, "invalid"),
        ("9", 422, "invalid"),
        (True, 422, "invalid"),
        (None, 422, "invalid"),
        (10**12 + 1, 422, "invalid"),
        (10**30, 422, "invalid"),
        (LARGEST + 1, 413, "too-large"),
        (10**12, 413, "too-large"),
    ],
)
def test_sizes_out_of_bounds_are_refused(
    clinic: TestClinic, refusing: str, size: object, status: int, problem: str
) -> None:
    announced(clinic, refusing, size=size).refused(status, problem)

    assert clinic.doctor.get(f"/sessions/{refusing}/recordings").ok().body["items"] == []


def test_the_smallest_and_the_largest_recording_may_be_uploaded(clinic: TestClinic, session: str) -> None:
    for size in (1, LARGEST):
        assert announced(clinic, session, size=size).ok(201).body["size_bytes"] == size


@pytest.mark.parametrize("content_type", ["text/html", "audio/ogg", "application/pdf"])
def test_an_upload_keeps_the_announced_type_whatever_the_client_sends(
    clinic: TestClinic, session: str, content_type: str
) -> None:
    page = b"<script>alert(1)</script>"
    opened = announced(clinic, session, size=len(page)).ok(201)

    assert upload(opened.body["upload_url"], page, content_type) == 200

    stored = recording_of(clinic, session)
    stored.reload()
    assert stored.content_type == "audio/flac"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"nine byte", "text/html"),
        (b"nine byte", "audio/ogg"),
        (b"nine bytes", "audio/flac"),
        (b"", "audio/flac"),
    ],
)
def test_an_object_that_is_not_as_announced_is_deleted_and_the_recording_refused(
    clinic: TestClinic, session: str, content: bytes, content_type: str
) -> None:
    announced(clinic, session).ok(201)
    planted = recording_of(clinic, session)

    planted.upload_from_string(content, content_type=content_type)
    clinic.stack.wait_idle(support.PATIENCE)

    assert not planted.exists()
    (recording,) = clinic.doctor.get(f"/sessions/{session}/recordings").ok().body["items"]
    assert (recording["status"], recording["refusal"]) == ("refused", "not_as_announced")
    assert recording["upload_url"] is None
    clinic.doctor.get(f"/sessions/{session}/transcription").refused(404, "none-yet")


def recording_of(clinic: TestClinic, session: str) -> Any:
    """The object of the session's first recording."""
    name = f"clinics/{clinic.id}/sessions/{session}/recordings/{session}-a1"
    return support.bucket_of(clinic.stack, AUDIO_BUCKET).blob(name)
