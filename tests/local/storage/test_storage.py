"""The local Cloud Storage, used through Google's own client and, as by browsers, plain HTTP."""

from __future__ import annotations

import datetime as dt
import http.client
import io
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from local.services.iam.endpoint import IamEndpoint
from local.services.kit.recorder import Fault, Recorder
from local.services.kit.servers import HttpServer
from local.services.storage.endpoint import StorageEndpoint
from local.services.storage.events import StorageEvent

pytestmark = pytest.mark.long

GRAIN = 256 * 1024
ORIGIN = "https://app.example"


class Stack:
    """A Storage endpoint that can be restarted on its state, and the client of the function `patients`."""

    def __init__(self, state: Path, iam: IamEndpoint, credentials: Credentials) -> None:
        self.recorder = Recorder()
        self.events: list[StorageEvent] = []
        self.refuses_events = False
        """True to take no events."""
        key_file = iam.credentials_file("patients", "http://127.0.0.1/token")
        self.signer = service_account.Credentials.from_service_account_file(str(key_file))
        self._state, self._iam, self._credentials = state, iam, credentials
        self._start()

    def _start(self) -> None:
        self.endpoint = StorageEndpoint(self._state, self.recorder, self._publish, self._iam.public_key)
        self.server = HttpServer(self.endpoint.app)
        self.client = storage.Client(
            project="demo-synapse", credentials=self._credentials, client_options={"api_endpoint": self.server.url}
        )

    def restart(self) -> None:
        self.stop()
        self._start()

    def kill(self) -> None:
        """Start again as after a SIGKILL: without an orderly stop."""
        self.client.close()
        self.server.stop()
        self._start()
        self.endpoint.outbox.flush()

    def stop(self) -> None:
        self.client.close()
        self.server.stop()
        self.endpoint.stop()

    def _publish(self, event: StorageEvent) -> None:
        if self.refuses_events:
            raise OSError("no space left")
        self.events.append(event)

    def calls(self) -> list[tuple[str, str, str]]:
        return [(call.method, call.caller, call.resource) for call in self.recorder.calls()]

    def told(self) -> list[tuple[str, str]]:
        """The events: the last word of the type, and the object."""
        return [(event.type.rpartition(".")[2], event.name) for event in self.events]


@pytest.fixture(scope="module")
def iam(tmp_path_factory: pytest.TempPathFactory) -> IamEndpoint:
    return IamEndpoint(tmp_path_factory.mktemp("iam"), Recorder())


@pytest.fixture
def stack(
    tmp_path: Path, iam: IamEndpoint, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stack]:
    # Otherwise the client looks up a bucket's location in the background, for traces that nothing collects.
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    stack = Stack(tmp_path, iam, credentials)
    yield stack
    stack.stop()


@pytest.fixture
def bucket(stack: Stack) -> storage.Bucket:
    created: storage.Bucket = stack.client.create_bucket("audio")
    return created


def put(url: str, data: bytes, content_range: str, **headers: str) -> requests.Response:
    return requests.put(url, data=data, headers={"Content-Range": content_range, **headers}, timeout=10)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# Buckets


def test_a_bucket_is_created_once_changed_and_deleted_when_empty(stack: Stack, bucket: storage.Bucket) -> None:
    with pytest.raises(exceptions.Conflict):
        stack.client.create_bucket("audio")
    bucket.add_lifecycle_delete_rule(age=30)
    bucket.patch()
    assert [rule["action"] for rule in stack.client.get_bucket("audio").lifecycle_rules] == [{"type": "Delete"}]
    assert stack.client.get_bucket("audio").metageneration == 2

    bucket.blob("a").upload_from_string("a")
    with pytest.raises(exceptions.Conflict):
        bucket.delete()
    bucket.blob("a").delete()
    bucket.delete()
    assert list(stack.client.list_buckets()) == []


@pytest.mark.parametrize("call", [lambda b: b.blob("a").upload_from_string("a"), lambda b: list(b.list_blobs())])
def test_a_bucket_that_is_missing_is_not_found(stack: Stack, call: Callable[[storage.Bucket], object]) -> None:
    with pytest.raises(exceptions.NotFound):
        call(stack.client.bucket("missing"))


def test_an_unimplemented_call_is_not_found(stack: Stack) -> None:
    answer = requests.post(f"{stack.server.url}/storage/v1/b/audio/acl", timeout=10)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 404)


# Objects


def test_an_object_is_read_back_as_it_was_written(bucket: storage.Bucket) -> None:
    blob = bucket.blob("ü /x+y%//z.txt")
    blob.metadata, blob.cache_control, blob.content_disposition = {"k": "v"}, "no-store", "attachment"
    blob.custom_time = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    blob.upload_from_string("line\r\nline\n", content_type="text/plain")

    found = bucket.get_blob(blob.name)
    assert found.download_as_bytes() == b"line\r\nline\n"
    assert (found.metadata, found.cache_control, found.content_disposition) == ({"k": "v"}, "no-store", "attachment")
    assert (found.content_type, found.size, found.custom_time) == ("text/plain", 11, blob.custom_time)


def test_a_range_of_an_object_is_read(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.upload_from_string("hello world")

    assert blob.download_as_bytes(start=6, end=8) == b"wor"
    assert blob.download_as_bytes(start=6) == b"world"
    with pytest.raises(exceptions.RequestRangeNotSatisfiable):
        blob.download_as_bytes(start=50)
    with blob.open("rb", chunk_size=4) as reader:
        reader.seek(4)
        assert reader.read(4) == b"o wo"


def test_metadata_changes_raise_the_metageneration_only(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.metadata = {"kept": "1", "dropped": "2"}
    blob.upload_from_string("a")
    generation = blob.generation

    blob.metadata = {"dropped": None, "new": "3"}
    blob.patch(if_metageneration_match=1)

    found = bucket.get_blob("a")
    assert found.metadata == {"kept": "1", "new": "3"}
    assert (found.generation, found.metageneration) == (generation, 2)
    with pytest.raises(exceptions.PreconditionFailed):
        blob.patch(if_metageneration_match=1)


def test_generations_always_increase(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    generations = []
    for content in "abc":
        blob.upload_from_string(content)
        generations.append(blob.generation)
        blob.delete()

    assert generations == sorted(set(generations))


def test_exactly_one_of_concurrent_creators_succeeds(stack: Stack, bucket: storage.Bucket) -> None:
    def create(number: int) -> str:
        try:
            bucket.blob("race").upload_from_string(str(number), if_generation_match=0)
        except exceptions.PreconditionFailed:
            return "refused"
        return str(number)

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(create, range(8)))

    assert Counter(outcomes)["refused"] == 7
    assert bucket.blob("race").download_as_text() in outcomes
    assert stack.told() == [("finalized", "race")]


def test_preconditions_guard_every_call(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.upload_from_string("a")
    current, other = blob.generation, blob.generation + 1

    refused: list[Callable[[], object]] = [
        lambda: bucket.blob("a").upload_from_string("b", if_generation_match=0),
        lambda: bucket.blob("a").upload_from_string("b", if_generation_match=other),
        lambda: bucket.blob("a").upload_from_string("b", if_generation_not_match=current),
        lambda: bucket.blob("a").upload_from_file(io.BytesIO(b"b" * 9), if_metageneration_match=2),
        lambda: bucket.blob("a").create_resumable_upload_session(if_generation_match=0),
        lambda: bucket.blob("a").download_as_bytes(if_generation_match=other),
        lambda: bucket.blob("a").delete(if_generation_match=other),
        lambda: bucket.blob("a").delete(if_metageneration_not_match=1),
        lambda: bucket.blob("a").rewrite(blob, if_generation_match=0),
        lambda: bucket.blob("b").rewrite(blob, if_source_generation_match=other),
    ]
    for call in refused:
        with pytest.raises(exceptions.PreconditionFailed):
            call()
    assert bucket.blob("a", generation=current).download_as_bytes() == b"a"
    with pytest.raises(exceptions.NotFound):
        bucket.blob("a", generation=other).download_as_bytes()
    with pytest.raises(exceptions.NotModified):
        bucket.blob("a").reload(if_generation_not_match=current)


@pytest.mark.parametrize("field", ["crc32c", "md5_hash"])
def test_content_that_does_not_match_its_hash_is_rejected(bucket: storage.Bucket, field: str) -> None:
    blob = bucket.blob("a")
    setattr(blob, field, "AAAAAA==")

    with pytest.raises(exceptions.BadRequest):
        blob.upload_from_string("a", checksum=None)
    assert not bucket.blob("a").exists()


def test_an_object_under_hold_is_neither_deleted_nor_replaced(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.upload_from_string("a")
    blob.temporary_hold = True
    blob.patch()

    for call in (blob.delete, lambda: bucket.blob("a").upload_from_string("b")):
        with pytest.raises(exceptions.Forbidden, match="hold"):
            call()
    blob.temporary_hold = False
    blob.patch()
    blob.delete()
    assert not blob.exists()


def test_listing_pages_through_names_and_folders(stack: Stack, bucket: storage.Bucket) -> None:
    for name in ("a", "d/1", "d/2", "d/e/3", "f/4", "g"):
        bucket.blob(name).upload_from_string(name)

    pages = stack.client.list_blobs("audio", delimiter="/", page_size=2).pages
    assert [([blob.name for blob in page], sorted(page.prefixes)) for page in pages] == [
        (["a"], ["d/"]),
        (["g"], ["f/"]),
    ]
    names = [blob.name for blob in stack.client.list_blobs("audio", prefix="d/", page_size=1)]
    assert names == ["d/1", "d/2", "d/e/3"]
    assert [blob.name for blob in stack.client.list_blobs("audio", start_offset="d/2", end_offset="g")] == [
        "d/2",
        "d/e/3",
        "f/4",
    ]


def test_objects_are_copied_rewritten_and_composed(bucket: storage.Bucket) -> None:
    source = bucket.blob("source")
    source.metadata = {"k": "v"}
    source.upload_from_string("hello ", content_type="text/plain")

    copy = bucket.copy_blob(source, bucket, "d/copy")
    token, rewritten, total = bucket.blob("d/rewritten").rewrite(source)
    composed = bucket.blob("composed")
    composed.compose([source, copy])

    assert (copy.metadata, copy.content_type, copy.download_as_bytes()) == ({"k": "v"}, "text/plain", b"hello ")
    assert (token, rewritten, total) == (None, 6, 6)
    assert composed.download_as_bytes() == b"hello hello "


def test_a_batch_makes_each_of_its_calls(stack: Stack, bucket: storage.Bucket) -> None:
    for name in ("a/1", "b"):
        bucket.blob(name).upload_from_string(name)

    with stack.client.batch():
        bucket.blob("a/1").delete()
        bucket.blob("b").delete()

    assert list(bucket.list_blobs()) == []
    assert stack.calls().count(("objects.delete", "patients", "audio/a/1")) == 1


def test_objects_survive_a_restart(stack: Stack, bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.upload_from_string("first")
    blob.upload_from_string("second")
    url = bucket.blob("b").create_resumable_upload_session(size=GRAIN + 1, if_generation_match=0)
    assert put(url, b"x" * GRAIN, f"bytes 0-{GRAIN - 1}/{GRAIN + 1}").status_code == 308

    stack.restart()

    found = stack.client.bucket("audio").get_blob("a")
    assert (found.generation, found.download_as_bytes()) == (blob.generation, b"second")
    moved = stack.server.url + url[url.index("/upload") :]
    assert put(moved, b"", "bytes */*").headers["Range"] == f"bytes=0-{GRAIN - 1}"
    assert put(moved, b"y", f"bytes {GRAIN}-{GRAIN}/{GRAIN + 1}").status_code == 200
    found.upload_from_string("third")
    assert found.generation > blob.generation


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
    assert stack.told() == [("finalized", "a")]


# Events and recorder


def test_each_finalized_and_deleted_object_has_one_event(stack: Stack, bucket: storage.Bucket) -> None:
    blob = bucket.blob("a b/ü")
    blob.upload_from_string("1")
    blob.metadata = {"k": "v"}
    blob.patch()
    blob.upload_from_string("2")
    blob.delete()

    name = blob.name
    assert stack.told() == [("finalized", name), ("deleted", name), ("finalized", name), ("deleted", name)]
    event = stack.events[0]
    assert event.type == "google.cloud.storage.object.v1.finalized"
    assert event.headers["ce-source"] == "//storage.googleapis.com/projects/_/buckets/audio"
    assert event.headers["ce-subject"] == "objects/a%20b/%C3%BC"
    assert (event.headers["ce-id"], event.headers["ce-type"]) == (event.id, event.type)
    body = json.loads(event.body)
    assert (body["name"], body["size"], body["metageneration"]) == (name, "1", "1")
    assert len({told.id for told in stack.events}) == 4


def test_calls_are_recorded_with_the_function_that_made_them(stack: Stack, bucket: storage.Bucket) -> None:
    bucket.blob("d/a").upload_from_string("a")
    bucket.blob("d/a").download_as_bytes()
    list(bucket.list_blobs())
    anonymous = storage.Client("p", AnonymousCredentials(), client_options={"api_endpoint": stack.server.url})
    anonymous.bucket("audio").blob("d/a").delete()

    assert stack.calls() == [
        ("buckets.insert", "patients", "audio"),
        ("objects.insert", "patients", "audio/d/a"),
        ("objects.get", "patients", "audio/d/a"),
        ("objects.list", "patients", "audio"),
        ("objects.delete", "", "audio/d/a"),
    ]


def test_a_lost_response_breaks_the_connection_and_keeps_the_effect(stack: Stack, bucket: storage.Bucket) -> None:
    fault = stack.recorder.plant(Fault("storage", "objects.insert", "patients", "cut"))

    with pytest.raises(requests.ConnectionError):
        bucket.blob("a").upload_from_string("a", retry=None)

    assert fault.fired.is_set()
    assert bucket.blob("a").download_as_bytes() == b"a"
    assert stack.told() == [("finalized", "a")]


# Resumable uploads


def test_a_large_file_is_uploaded_in_chunks(stack: Stack, bucket: storage.Bucket) -> None:
    content = os.urandom(3 * GRAIN + 17)
    bucket.blob("known", chunk_size=GRAIN).upload_from_file(io.BytesIO(content), size=len(content))
    with bucket.blob("unknown").open("wb", chunk_size=GRAIN) as writer:
        writer.write(content)

    for name in ("known", "unknown"):
        assert bucket.blob(name, chunk_size=GRAIN).download_as_bytes() == content
    assert stack.told() == [("finalized", "known"), ("finalized", "unknown")]


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
    # It may overlap stored bytes, which do not change.
    last = put(url, b"?" * GRAIN + content[2 * GRAIN :], f"bytes {GRAIN}-{len(content) - 1}/{len(content)}")

    assert last.status_code == 200
    assert bucket.blob("a").download_as_bytes() == content
    assert stack.told() == [("finalized", "a")]


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

    asked = put(url, b"", "bytes */1")
    sent_again = put(url, b"a", "bytes 0-0/1")

    assert (asked.status_code, sent_again.status_code) == (200, 200)
    assert asked.json() == sent_again.json()
    assert stack.told() == [("finalized", "a")]


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


# Web pages


@pytest.fixture
def shared_bucket(bucket: storage.Bucket) -> storage.Bucket:
    bucket.cors = [{"origin": [ORIGIN], "method": ["GET", "PUT"], "responseHeader": ["X-Own"], "maxAgeSeconds": 60}]
    bucket.patch()
    return bucket


def preflight(url: str, origin: str, method: str = "PUT", headers: str = "content-range, content-type") -> str | None:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return requests.options(url, headers=asked, timeout=10).headers.get("Access-Control-Allow-Origin")


def test_only_the_origin_of_a_session_may_upload(shared_bucket: storage.Bucket) -> None:
    url = shared_bucket.blob("a").create_resumable_upload_session(size=GRAIN * 2, origin=ORIGIN)
    closed = shared_bucket.blob("a").create_resumable_upload_session(size=GRAIN * 2)

    assert preflight(url, ORIGIN) == ORIGIN
    assert preflight(url, "https://evil.example") is None
    assert preflight(url, ORIGIN, method="PATCH") is None
    assert preflight(url, ORIGIN, headers="x-unknown") is None
    assert preflight(closed, ORIGIN) is None
    answer = put(url, b"x" * GRAIN, f"bytes 0-{GRAIN - 1}/{GRAIN * 2}", Origin=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Range" in answer.headers["Access-Control-Expose-Headers"].split(", ")


def test_a_bucket_without_cors_rules_rejects_all_origins(bucket: storage.Bucket) -> None:
    assert preflight(bucket.blob("a").create_resumable_upload_session(origin=ORIGIN), ORIGIN) is None


# Signed URLs


def signed(stack: Stack, name: str, method: str = "GET", **options: object) -> str:
    blob = stack.client.bucket("audio").blob(name)
    options = {"expiration": dt.timedelta(minutes=5), **options}
    url: str = blob.generate_signed_url(version="v4", method=method, credentials=stack.signer, **options)
    return url


def code(answer: requests.Response) -> str:
    return answer.text.partition("<Code>")[2].partition("</Code>")[0]


def test_a_signed_url_reads_an_object(stack: Stack, shared_bucket: storage.Bucket) -> None:
    shared_bucket.blob("d/ü 1").upload_from_string("hello world")
    url = signed(stack, "d/ü 1", response_disposition="inline", response_type="audio/webm")
    assert url.startswith(stack.server.url)

    answer = requests.get(url, headers={"Range": "bytes=6-", "Origin": ORIGIN}, timeout=10)

    assert (answer.status_code, answer.content) == (206, b"world")
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == ("audio/webm", "inline")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert requests.head(signed(stack, "d/ü 1", "HEAD"), timeout=10).headers["Content-Length"] == "11"


def test_a_signed_url_writes_and_deletes_an_object(stack: Stack, bucket: storage.Bucket) -> None:
    headers = {"Content-Type": "text/plain", "x-goog-if-generation-match": "0", "x-goog-meta-k": "v"}
    url = signed(stack, "a", "PUT", headers=headers)

    assert requests.put(url, data=b"abc", headers=headers, timeout=10).status_code == 200
    blob = bucket.get_blob("a")
    assert (blob.download_as_bytes(), blob.content_type, blob.metadata) == (b"abc", "text/plain", {"k": "v"})
    again = requests.put(url, data=b"xyz", headers=headers, timeout=10)
    assert (again.status_code, code(again)) == (412, "PreconditionFailed")
    assert requests.delete(signed(stack, "a", "DELETE"), timeout=10).status_code == 204
    assert requests.get(signed(stack, "a"), timeout=10).status_code == 404


def test_a_signed_url_starts_a_resumable_upload(stack: Stack, bucket: storage.Bucket) -> None:
    start = requests.post(signed(stack, "a", "RESUMABLE"), headers={"x-goog-resumable": "start"}, timeout=10)

    assert start.status_code == 201
    assert requests.put(start.headers["Location"], data=b"abc", timeout=10).status_code == 200
    assert bucket.blob("a").download_as_bytes() == b"abc"


def test_a_request_that_differs_from_the_signed_one_is_rejected(stack: Stack, bucket: storage.Bucket) -> None:
    for name in ("a", "b"):
        bucket.blob(name).upload_from_string(name)
    url = signed(stack, "a")
    changed = {
        "signature": url[:-4] + ("0000" if url[-4:] != "0000" else "1111"),
        "object": url.replace("/audio/a?", "/audio/b?"),
        "expiry": url.replace("X-Goog-Expires=300", "X-Goog-Expires=3000"),
        "parameter": url + "&response-content-type=text%2Fhtml",
        "signer": url.replace("fn-patients", "fn-patients%40elsewhere"),
    }
    for what, other in changed.items():
        answer = requests.get(other, timeout=10)
        assert (answer.status_code, code(answer)) == (403, "SignatureDoesNotMatch"), what
    assert requests.put(url, data=b"x", timeout=10).status_code == 403
    assert code(requests.get(url, headers={"x-goog-meta-a": "b"}, timeout=10)) == "MalformedSecurityHeader"
    unsigned = requests.get(url.partition("?")[0], timeout=10)
    assert (unsigned.status_code, code(unsigned)) == (403, "AccessDenied")


def test_a_signed_url_expires(stack: Stack, bucket: storage.Bucket) -> None:
    bucket.blob("a").upload_from_string("a")
    url = signed(stack, "a", expiration=dt.timedelta(seconds=1))

    wait_until(lambda: requests.get(url, timeout=10).status_code != 200)

    answer = requests.get(url, timeout=10)
    assert (answer.status_code, code(answer)) == (400, "ExpiredToken")
