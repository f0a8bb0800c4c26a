"""The product's own gateway to the bucket of pieces, against the local endpoint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from local.services.kit.recorder import Fault
from shared import settings
from shared.gateways import pieces
from shared.gateways.pieces import StoredPiece
from shared.gateways.storage_objects import ObjectGone
from tests.local.storage.stack import MIB, Stack

pytestmark = pytest.mark.long

NAME = "clinics/c/sessions/s/recordings/s-a1/pieces/000001"


@pytest.fixture(autouse=True)
def _gateway(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The gateway calls the endpoint of the test as the function `patients`; the recordings are in another place."""
    for name, value in {
        "GOOGLE_CLOUD_PROJECT": "demo-synapse",
        "PIECES_BUCKET": "pieces",
        "AUDIO_BUCKET": "audio",
    }.items():
        monkeypatch.setenv(name, value)
    settings.load.cache_clear()
    monkeypatch.setattr(pieces, "client", lambda project: stack.client)
    stack.client.create_bucket("pieces", location="EU")
    stack.client.create_bucket("audio")
    yield
    settings.load.cache_clear()


def stored(content: bytes, name: str = NAME) -> StoredPiece:
    return pieces.create(name, content, "audio/L16", hashlib.sha256(content).hexdigest())


def calls(stack: Stack) -> list[str]:
    return [method for method, _, _ in stack.calls()]


def test_a_piece_is_stored_once_with_its_hash(stack: Stack) -> None:
    created = stored(b"first")
    mark = stack.recorder.mark()

    assert (created.size, created.content_type) == (5, "audio/L16")
    assert created.sha256 == hashlib.sha256(b"first").hexdigest()
    assert stored(b"first") == stored(b"other") == created == pieces.find(NAME)
    assert pieces.read(created) == b"first"
    assert [call.method for call in stack.recorder.calls(mark)] == ["objects.get"] * 4  # a refused call is not recorded


def test_a_lost_answer_and_a_busy_service_leave_one_piece(stack: Stack) -> None:
    stack.endpoint.errors.plant("objects.insert", 503)
    stack.endpoint.errors.plant("objects.insert", 429)
    lost = stack.recorder.plant(Fault("storage", "objects.insert", "patients", "cut"))

    created = stored(b"first")

    assert lost.fired.is_set()
    assert pieces.find(NAME) == created
    assert [name for kind, name in stack.event_names()] == [NAME]


def test_pieces_are_listed_in_the_order_of_their_names_and_deleted_by_generation() -> None:
    second, first = stored(b"2", f"{NAME}2"), stored(b"1", f"{NAME}1")
    stored(b"x", "clinics/other")

    assert pieces.within(NAME) == [first, second]
    pieces.delete(first.name, first.generation + 1)
    assert pieces.find(first.name) == first
    pieces.delete(first.name, first.generation)
    pieces.delete(first.name)
    assert pieces.within(NAME) == [second]
    with pytest.raises(ObjectGone):
        pieces.read(first)


def test_pieces_become_one_object_of_their_bytes_in_their_order(stack: Stack) -> None:
    sources = [stored(bytes([number]) * number, f"{NAME}/{number:02}") for number in range(1, 33)]
    whole = b"".join(bytes([number]) * number for number in range(1, 33))

    composed = pieces.compose("whole", sources, "audio/wav")

    assert (composed.size, composed.content_type, composed.sha256) == (len(whole), "audio/wav", None)
    with pieces.open_piece(composed) as content:
        assert content.read() == whole
    assert pieces.compose("whole", sources[:1], "audio/wav") == composed
    assert calls(stack).count("objects.compose") == 1


def test_a_source_that_was_deleted_or_replaced_is_not_composed() -> None:
    kept, deleted, replaced = (stored(b"x", f"{NAME}{number}") for number in range(3))
    pieces.delete(deleted.name)
    pieces.delete(replaced.name)
    stored(b"y", replaced.name)

    for lost in (deleted, replaced):
        with pytest.raises(ObjectGone):
            pieces.compose("whole", [kept, lost], "audio/wav")
    assert pieces.find("whole") is None


def test_the_whole_is_copied_to_the_recordings_in_as_many_calls_as_it_takes(stack: Stack) -> None:
    large = stored(b"x" * (2 * MIB + 1))
    composed = pieces.compose("whole", [large], "audio/wav")
    stack.endpoint.errors.plant("objects.rewrite", 503)
    mark = stack.recorder.mark()

    copied = pieces.copy_to_recordings(composed, "recording")

    assert (copied.name, copied.size, copied.content_type) == ("recording", composed.size, "audio/wav")
    rewritten = [call.resource for call in stack.recorder.calls(mark) if call.method == "objects.rewrite"]
    assert rewritten == ["audio/recording"] * 3
    found = stack.client.bucket("audio").get_blob("recording")
    assert (found.cache_control, found.download_as_bytes()) == ("no-store", b"x" * (2 * MIB + 1))
    assert pieces.copy_to_recordings(composed, "recording") == copied


def test_a_copy_after_a_lost_answer_is_the_one_that_is_there(stack: Stack) -> None:
    composed = pieces.compose("whole", [stored(b"x")], "audio/wav")
    lost = stack.recorder.plant(Fault("storage", "objects.rewrite", "patients", "cut"))

    copied = pieces.copy_to_recordings(composed, "recording")

    assert lost.fired.is_set()
    assert copied == pieces.copy_to_recordings(composed, "recording")


def test_what_is_gone_is_not_copied() -> None:
    composed = pieces.compose("whole", [stored(b"x")], "audio/wav")
    pieces.delete("whole")

    with pytest.raises(ObjectGone):
        pieces.copy_to_recordings(composed, "recording")
