"""Which recordings a report covers, and when it is written anew."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.reports.covering import Sources
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.scores import Scores
from shared.records.visits.lost_audio import MOST_IN_REPORT, LostAudio, bounded
from shared.records.visits.transcription import Transcription
from shared.records.visits.visit_transcript import TranscriptSource
from tests.support.factories import DOCTOR, NOON, after, report, transcription

SOON = Stamp(DOCTOR, after(seconds=30))
SCORES = Scores(confidence=0.9, support=1.0, quality=1.0, completeness=0.75)


def of_recording(count: int) -> Transcription:
    return transcription(count=count, status="completed")


HEARD = [of_recording(1), of_recording(2)]
SOURCES = [
    TranscriptSource(transcription_id=one.id, recording_id=one.recording_id, first_segment=first, segments=4)
    for one, first in zip(HEARD, (1, 5), strict=True)
]


def written(**values: Any) -> Report:
    return report(status=ReportStatus.COMPLETED, **{"sources": SOURCES[:1], **values})


def test_a_draft_takes_the_mark_of_every_recording_that_it_covers_away() -> None:
    marked = report(sources=[], unreported_recordings=["patient-visit-a2", "patient-visit-a3"])

    draft = marked.written(SCORES, SOON, model="gemini", rejected=[], sources=Sources(SOURCES))

    assert draft.unreported_recordings == ["patient-visit-a3"]
    assert (draft.sources, draft.transcription_id) == (SOURCES, "patient-visit-t1")


def test_a_report_says_what_its_recordings_lack_at_a_few_places() -> None:
    lost = [LostAudio(recording_id=SOURCES[0].recording_id, start_ms=at, seconds=0.5) for at in range(30)]

    draft = report().written(SCORES, SOON, model="gemini", rejected=[], sources=Sources(SOURCES, lost))
    by_hand = written(source="by_hand").compared_with(Sources(SOURCES, lost))

    assert draft.lost_audio == by_hand.lost_audio == bounded(lost, MOST_IN_REPORT)
    assert by_hand.compared_with(Sources([])).lost_audio == []


def test_a_written_report_lacks_the_recordings_that_are_no_source() -> None:
    assert [written().lacks(one) for one in HEARD] == [False, True]


def test_a_report_by_hand_lacks_only_what_was_received_later() -> None:
    by_hand = written(source="by_hand", transcription_id=None, sources=[])
    later = transcription(created_at=after(seconds=1))

    assert not by_hand.lacks(transcription())
    assert by_hand.lacks(later)
    compared = by_hand.without_recording(later.recording_id, SOON).compared_with(Sources(SOURCES[:1]))
    assert (compared.lacks(later), compared.unreported_recordings, compared.transcription_id) == (False, [], None)


def test_a_report_by_hand_is_marked_when_the_transcript_that_it_was_compared_with_changes() -> None:
    compared = written(source="by_hand", transcription_id=None)
    alone = written(source="by_hand", transcription_id=None, sources=[])

    assert compared.with_changed_transcript(transcription(), SOON).transcript_changed
    assert alone.with_changed_transcript(transcription(), SOON) is alone


def test_a_report_that_lacks_a_transcribed_recording_is_written_anew() -> None:
    lacking = written(unreported_recordings=["patient-visit-a2"], reviewed_by=DOCTOR, reviewed_at=NOON)

    anew = lacking.retried(SOON, heard=HEARD)

    assert (anew.status, anew.attempt, anew.version) == (ReportStatus.PENDING, 2, 2)
    assert (anew.reviewed_by, anew.requested_at) == (None, SOON.at)
    assert anew.sources == SOURCES[:1], "they belong to the old draft, which is there until the next is written"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"unreported_recordings": ["patient-visit-a3"]},
        {"unreported_recordings": ["patient-visit-a2"], "manually_edited": True},
        {"unreported_recordings": ["patient-visit-a2"], "source": "by_hand"},
    ],
    ids=["nothing lacks", "not transcribed yet", "corrected by a person", "written by a person"],
)
def test_a_written_report_is_else_kept(values: dict[str, Any]) -> None:
    with pytest.raises(Conflict):
        written(**values).retried(SOON, heard=HEARD)


def test_a_signed_report_is_kept() -> None:
    signed = report(status=ReportStatus.SIGNED, unreported_recordings=["patient-visit-a2"])

    with pytest.raises(Conflict):
        signed.retried(SOON, heard=HEARD)
