"""Objects: content, metadata, preconditions, lists, copies and batches."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.api_core import exceptions
from google.cloud import storage

from tests.local.storage.stack import GRAIN, MIB, Stack, put

pytestmark = pytest.mark.long


def test_an_object_is_read_back_unchanged(bucket: storage.Bucket) -> None:
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
    assert stack.event_names() == [("finalized", "race")]


def test_every_call_checks_its_preconditions(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.upload_from_string("a")
    current, other = blob.generation, blob.generation + 1

    calls: list[Callable[[], object]] = [
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
    for call in calls:
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


def test_lists_are_paged_and_grouped_by_folder(stack: Stack, bucket: storage.Bucket) -> None:
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
    assert (composed.component_count, composed.md5_hash) == (2, None)
    again = bucket.blob("again")
    again.compose([composed, source])
    assert (again.component_count, bucket.copy_blob(again, bucket, "e").component_count) == (3, 3)


def test_metadata_of_a_rewrite_replaces_that_of_its_source(bucket: storage.Bucket) -> None:
    source, target = bucket.blob("source"), bucket.blob("target")
    source.metadata, source.cache_control = {"k": "v"}, "no-store"
    source.upload_from_string("hello", content_type="text/plain")

    target.content_type = "audio/wav"
    target.rewrite(source)

    assert (target.content_type, target.metadata, target.cache_control) == ("audio/wav", None, None)


def test_a_composition_takes_32_sources_of_the_wanted_generations(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.upload_from_string("a")

    bucket.blob("b").compose([blob] * 32, if_source_generation_match=[blob.generation] * 32)
    assert bucket.blob("b").download_as_bytes() == b"a" * 32
    refused: list[tuple[type[Exception], Callable[[], object]]] = [
        (exceptions.BadRequest, lambda: bucket.blob("c").compose([blob] * 33)),
        (exceptions.BadRequest, lambda: bucket.blob("c").compose([])),
        (exceptions.NotFound, lambda: bucket.blob("c").compose([blob, bucket.blob("missing")])),
        (exceptions.BadRequest, lambda: bucket.blob("c").compose([blob], if_source_generation_match=[7])),
        (
            exceptions.PreconditionFailed,
            lambda: bucket.blob("c").compose([bucket.blob("a")], if_source_generation_match=[7]),
        ),
        (exceptions.PreconditionFailed, lambda: bucket.blob("b").compose([blob], if_generation_match=0)),
    ]
    for error, call in refused:
        with pytest.raises(error):
            call()
    assert not bucket.blob("c").exists()


def test_a_large_object_is_rewritten_to_another_place_in_several_calls(stack: Stack, bucket: storage.Bucket) -> None:
    elsewhere = stack.client.create_bucket("elsewhere", location="EU")
    source, target = bucket.blob("a"), elsewhere.blob("b")
    source.upload_from_string(b"x" * (2 * MIB + 1), content_type="audio/wav")

    first, done, size = target.rewrite(source)
    assert (done, size, target.exists()) == (MIB, 2 * MIB + 1, False)
    with pytest.raises(exceptions.BadRequest):
        elsewhere.blob("c").rewrite(source, token=first)
    second, done, _ = target.rewrite(source, token=first)
    assert (done, target.exists()) == (2 * MIB, False)
    last, done, _ = target.rewrite(source, token=second)

    assert (last, done) == (None, 2 * MIB + 1)
    assert (target.content_type, target.download_as_bytes()) == ("audio/wav", b"x" * (2 * MIB + 1))
    assert [name for kind, name in stack.event_names() if kind == "finalized"] == ["a", "b"]


def test_a_planted_error_comes_instead_of_the_effect(stack: Stack, bucket: storage.Bucket) -> None:
    stack.endpoint.errors.plant("objects.insert", 503)
    with pytest.raises(exceptions.ServiceUnavailable):
        bucket.blob("a").upload_from_string("a", retry=None)
    assert not bucket.blob("a").exists()

    stack.endpoint.errors.plant("objects.insert", 429, times=2)
    bucket.blob("a").upload_from_string("a", if_generation_match=0)
    assert bucket.blob("a").download_as_bytes() == b"a"


def test_a_batch_executes_each_of_its_calls(stack: Stack, bucket: storage.Bucket) -> None:
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
