"""Resumable uploads."""

from __future__ import annotations

import http.client
import io
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from google.cloud import storage

from local.services.kit.recorder import Fault
from tests.local.storage.stack import GRAIN, Stack, put, wait_until

pytestmark = pytest.mark.long


def test_an_upload_continues_after_a_kill_in_the_middle_of_a_chunk(
    stack: Stack, bucket: storage.Bucket, tmp_path: Path
) -> None:
    content = os.urandom(2 * GRAIN + 1)
    url = bucket.blob("a").create_resumable_upload_session(size=len(content), if_generation_match=0)
    assert put(url, content[:GRAIN], f"bytes 0-{GRAIN - 1}/{len(content)}").status_code == 308
    [file] = (tmp_path / "sessions").iterdir()
    with file.open("ab") as partial:
        partial.write(content[GRAIN : GRAIN + 5000])

    stack.kill()

    moved = stack.server.url + url[url.index("/upload") :]
    assert put(moved, b"", f"bytes */{len(content)}").headers["Range"] == f"bytes=0-{GRAIN - 1}"
    assert put(moved, content[GRAIN:], f"bytes {GRAIN}-{2 * GRAIN}/{len(content)}").status_code == 200
    assert stack.client.bucket("audio").blob("a").download_as_bytes() == content
    assert stack.event_names() == [("finalized", "a")]


def test_a_large_file_is_uploaded_in_chunks(stack: Stack, bucket: storage.Bucket) -> None:
    content = os.urandom(3 * GRAIN + 17)
    bucket.blob("known", chunk_size=GRAIN).upload_from_file(io.BytesIO(content), size=len(content))
    with bucket.blob("unknown").open("wb", chunk_size=GRAIN) as writer:
        writer.write(content)

    for name in ("known", "unknown"):
        assert bucket.blob(name, chunk_size=GRAIN).download_as_bytes() == content
    assert stack.event_names() == [("finalized", "known"), ("finalized", "unknown")]


def test_a_session_accepts_a_browsers_upload_of_the_declared_content(stack: Stack, bucket: storage.Bucket) -> None:
    url = bucket.blob("a").create_resumable_upload_session(content_type="audio/webm", size=3, if_generation_match=0)
    assert url.startswith(f"{stack.server.url}/upload/")

    answer = requests.put(url, data=b"abc", headers={"Content-Type": "text/html"}, timeout=10)

    assert (answer.status_code, answer.json()["contentType"]) == (200, "audio/webm")
    assert bucket.blob("a").download_as_bytes() == b"abc"
    assert ("resumable.start", "patients", "audio/a") in stack.calls()
    assert ("resumable.put", "", "audio/a") in stack.calls()


def test_an_upload_resumes_after_a_broken_connection(stack: Stack, bucket: storage.Bucket) -> None:
    content = os.urandom(3 * GRAIN)
    url = bucket.blob("a").create_resumable_upload_session(size=len(content))
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.putrequest("PUT", f"{address.path}?{address.query}")
    connection.putheader("Content-Length", str(len(content)))
    connection.putheader("Content-Range", f"bytes 0-{len(content) - 1}/{len(content)}")
    connection.endheaders(content[: 2 * GRAIN + 100])
    connection.close()
    wait_until(lambda: any(method == "resumable.put" for method, _, _ in stack.calls()))

    status = put(url, b"", f"bytes */{len(content)}")
    assert (status.status_code, status.headers["Range"]) == (308, f"bytes=0-{2 * GRAIN - 1}")
    assert not bucket.blob("a").exists()
    # The chunk overlaps stored bytes, which do not change.
    last = put(url, b"?" * GRAIN + content[2 * GRAIN :], f"bytes {GRAIN}-{len(content) - 1}/{len(content)}")

    assert last.status_code == 200
    assert bucket.blob("a").download_as_bytes() == content
    assert stack.event_names() == [("finalized", "a")]


def test_an_unfinished_chunk_stores_multiples_of_256_kib(bucket: storage.Bucket) -> None:
    url = bucket.blob("a").create_resumable_upload_session()

    assert "Range" not in put(url, b"x" * 100, "bytes 0-99/*").headers
    assert put(url, b"x" * (GRAIN + 1), f"bytes 0-{GRAIN}/*").headers["Range"] == f"bytes=0-{GRAIN - 1}"
    assert put(url, b"x", f"bytes {2 * GRAIN}-{2 * GRAIN}/*").status_code == 503


def test_a_finished_session_returns_its_object_again(stack: Stack, bucket: storage.Bucket) -> None:
    url = bucket.blob("a").create_resumable_upload_session(size=1, if_generation_match=0)
    stack.recorder.plant(Fault("storage", "resumable.put", "", "cut"))
    with pytest.raises(requests.ConnectionError):
        put(url, b"a", "bytes 0-0/1")

    queried = put(url, b"", "bytes */1")
    resent = put(url, b"a", "bytes 0-0/1")

    assert (queried.status_code, resent.status_code) == (200, 200)
    assert queried.json() == resent.json()
    assert stack.event_names() == [("finalized", "a")]


@pytest.mark.parametrize(
    ("data", "content_range"),
    [
        (b"abcd", "bytes 0-3/4"),
        (b"abcd", "bytes 0-3/*"),
        (b"ab", "bytes 0-1/2"),
        (b"abc", "bytes 0-1/3"),
        (b"abc", "bytes 2-1/3"),
        (b"abc", "pages 0-2/3"),
    ],
)
def test_an_upload_that_differs_from_its_declaration_is_rejected(
    bucket: storage.Bucket, data: bytes, content_range: str
) -> None:
    url = bucket.blob("a").create_resumable_upload_session(size=3)

    answer = put(url, data, content_range)

    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (400, "invalid")
    assert not bucket.blob("a").exists()


def test_a_session_fails_if_the_object_is_created_before_its_end(bucket: storage.Bucket) -> None:
    url = bucket.blob("a").create_resumable_upload_session(size=1, if_generation_match=0)
    bucket.blob("a").upload_from_string("first")

    assert put(url, b"x", "bytes 0-0/1").status_code == 412
    assert bucket.blob("a").download_as_bytes() == b"first"


def test_cancelled_and_unknown_sessions_accept_nothing(bucket: storage.Bucket) -> None:
    url = bucket.blob("a").create_resumable_upload_session(size=1)
    guessed = url.partition("upload_id=")[0] + "upload_id=guessed"

    assert requests.delete(url, timeout=10).status_code == 499
    assert put(url, b"x", "bytes 0-0/1").status_code == 404
    assert put(guessed, b"x", "bytes 0-0/1").status_code == 404
