"""Nothing is sent to Firestore that it refuses for its size."""

from __future__ import annotations

import pytest

from shared.records.problems import Invalid
from shared.records.size import LARGEST_DOCUMENT, json_bytes
from shared.records.visits.segment import Segment
from shared.records.visits.transcript_part import BYTES_A_PART, SEGMENTS_A_PART, parts_of
from shared.rest.opening import open_plain_api
from shared.store import database
from shared.store.changes import Changes
from shared.store.firestore.client import Client
from shared.store.reader import Reader
from tests.support.factories import segment


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> Changes:
    client = Client("projects/aster/databases/(default)", open_plain_api("127.0.0.1:9"))  # nothing is sent
    monkeypatch.setattr(database, "client", lambda: client)
    return Changes(Reader("aster"))


def test_a_document_that_is_too_large_is_refused_before_the_commit(changes: Changes) -> None:
    changes.create("patients/p", {"sealed": {"notes": b"x" * (LARGEST_DOCUMENT - 100)}})

    with pytest.raises(Invalid) as refused:
        changes.create("patients/q", {"sealed": {"notes": b"x" * LARGEST_DOCUMENT}})

    assert refused.value.errors[0].detail == "700013 bytes in all; at most 700000 can be stored"


@pytest.mark.parametrize(
    "segments",
    [
        [segment(number, "தூக்கம் " * 20) for number in range(1, 2_500)],
        [segment(number, "x" * 20_000) for number in range(1, 90)],
        [segment(1, "😀" * 20_000)] * 30,
        [segment(number, "Yes.") for number in range(1, 2_500)],
    ],
)
def test_the_parts_of_a_transcript_can_be_stored(segments: list[Segment]) -> None:
    parts = parts_of(segments)

    assert [each for part in parts for each in part] == segments
    assert all(0 < len(part) <= SEGMENTS_A_PART for part in parts)
    sizes = [json_bytes([each.model_dump(mode="json") for each in part]) for part in parts]
    assert max(sizes) <= BYTES_A_PART + SEGMENTS_A_PART < LARGEST_DOCUMENT
