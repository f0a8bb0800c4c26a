"""The stored text of a transcription: runs of segments, one a document."""

from __future__ import annotations

from typing import ClassVar

from shared.records.privacy import Clinical, Encrypted
from shared.records.record import Record
from shared.records.size import LARGEST_DOCUMENT
from shared.records.visits.segment import Segment

SEGMENTS_A_PART = 1_000
"""Maximum number of segments per document."""
BYTES_A_PART = LARGEST_DOCUMENT - 10_000
"""Maximum size of the segments of a document: 1,000 long segments in an Indic script are larger than 1 MiB."""


class TranscriptPart(Record):
    """A run of consecutive segments, stored in one document."""

    kind: ClassVar[str] = "TranscriptPart"
    collection: ClassVar[str] = "bodies"

    segments: Clinical[Encrypted[list[Segment]]]

    @classmethod
    def path_of(cls, id: str) -> str:
        transcription, _, count = id.rpartition("-p")
        return f"transcriptions/{transcription}/bodies/{count}"


def part_id(transcription_id: str, count: int) -> str:
    return f"{transcription_id}-p{count}"


def parts_of(segments: list[Segment]) -> list[list[Segment]]:
    """Split the segments into parts, one per document."""
    parts: list[list[Segment]] = []
    room = 0
    for segment in segments:
        size = len(segment.model_dump_json().encode()) + 1
        if not parts or size > room or len(parts[-1]) == SEGMENTS_A_PART:
            parts.append([])
            room = BYTES_A_PART
        parts[-1].append(segment)
        room -= size
    return parts
