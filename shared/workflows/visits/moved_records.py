"""Writing the records of a session that moves to another patient: sealed again for that patient, and emptied here.

Nothing sealed stays under the former patient's keys: the text, its earlier versions, the versions of the session and
the draft of the report are overwritten. The emptied documents stay, deleted, with states, times and ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.records.billing.bill import Bill
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.record import Record
from shared.records.reports.content import ReportContent
from shared.records.reports.report import Report, ReportStatus
from shared.records.size import json_bytes
from shared.records.version import Version
from shared.records.visits.live.accounts import LiveAudio
from shared.records.visits.moving import id_at, left, moved_live_audio, moved_recording, moved_transcription, version_of
from shared.records.visits.recording import Recording
from shared.records.visits.session import Session, SessionStatus
from shared.records.visits.transcript_correction import TranscriptHistory
from shared.records.visits.transcript_part import TranscriptPart
from shared.records.visits.transcription import Transcription
from shared.store import queries
from shared.store.pagination import LIVE
from shared.store.unit_of_work import UnitOfWork

MOST_VERSIONS_MOVED = 500
"""Versions of a session that one commit writes anew."""
MOST_BYTES_MOVED = 8_000_000
"""Of texts and versions; Firestore takes 10 MiB in one commit. A visit of 12 hours has less."""


def move_all(
    work: UnitOfWork,
    session: Session,
    there: Session,
    recordings: Sequence[Recording],
    transcriptions: Sequence[Transcription],
) -> None:
    """Write the session and its records at the other patient, and empty them here. Raises Conflict when they are too
    large for one commit."""
    texts = [*_texts(work, transcriptions)]
    versions = _versions(work, session.id)
    if len(versions) > MOST_VERSIONS_MOVED or sum(map(_bytes, [*texts, *versions])) > MOST_BYTES_MOVED:
        raise Conflict(ConflictCode.TOO_LARGE_TO_MOVE, "text and history of the session are too large to move")
    work.create(there)
    work.create(version_of(session, there, work.stamp))
    work.save(left(session, there.id))
    for recording in recordings:
        work.create(moved_recording(recording, session.id, there.id))
        work.save(recording.emptied())
    for transcription in transcriptions:
        work.create(moved_transcription(transcription, there, session.id))
        work.save(transcription.emptied(parts=0))
    for text in texts:
        work.create(text.copied(id_at(text.id, session.id, there.id)))
        work.save(text.emptied(**({"segments": []} if isinstance(text, TranscriptPart) else {})))
    for version in versions:
        work.create(version.copied(id_at(version.id, session.id, there.id), record_id=there.id))
        work.save(version.emptied(before={}, clinical_before={}))
    _publish(work, session, there, recordings, transcriptions)


def move_live(work: UnitOfWork, live: LiveAudio, there: Session) -> None:
    """Write the accounting of the live recordings at the other patient, and empty it here. Their pieces may be
    thousands: a task lets them follow (`live/moved_pieces`)."""
    work.create(moved_live_audio(live, there, work.stamp))
    work.save(live.emptied())


def discard(work: UnitOfWork, reports: Sequence[Report], contents: Sequence[ReportContent], bill: Bill | None) -> None:
    """Empty the unsigned reports and the draft of the bill: all were made with the other patient's data. To those who
    listen to the former session, its reports failed."""
    for report in reports:
        emptied = work.save(report.emptied(status=ReportStatus.FAILED))
        if not emptied.is_first:  # `_publish` has the first
            work.progress(report.session_id, **emptied.published)
        for version in _versions(work, report.id) if report.version > 1 else ():
            work.save(version.emptied(before={}, clinical_before={}))
    for content in contents:
        work.save(content.emptied(sections=[], statements=[], generated=[], other_names_heard=[]))
    if bill is not None:
        work.save(bill.withdrawn(work.stamp).without_content())


def _texts(work: UnitOfWork, transcriptions: Sequence[Transcription]) -> Iterator[TranscriptPart | TranscriptHistory]:
    """The text of the transcriptions, and its earlier versions."""
    parts = [TranscriptPart.ref(part) for one in transcriptions for part in one.part_ids()]
    histories = [TranscriptHistory.ref(one.id) for one in transcriptions if one.text_version > 1]
    work.prefetch(*parts, *histories)
    yield from filter(None, map(work.get_or_none, parts))
    yield from filter(None, map(work.get_or_none, histories))


def _versions(work: UnitOfWork, id: str) -> list[Version]:
    """The versions of a record. A change of the record meanwhile lets the commit fail, so none is missed."""
    filters = [LIVE, ("record_id", "==", id)]
    found = queries.first(work.clinic_id, Version.collection, filters, None, MOST_VERSIONS_MOVED + 1)
    return [work.from_snapshot(Version, snapshot) for snapshot in found]


def _bytes(record: Record) -> int:
    return json_bytes(record.model_dump(mode="json"))


def _publish(
    work: UnitOfWork,
    session: Session,
    there: Session,
    recordings: Sequence[Recording],
    transcriptions: Sequence[Transcription],
) -> None:
    """Publish the states at the new place; to those who listen here, the session ended."""
    states: dict[str, str] = {}
    if recordings:
        states["recording"] = recordings[-1].status
    if transcriptions:
        states["transcription"] = transcriptions[-1].status
    work.progress(there.id, session=there.status, **states)
    work.progress(session.id, session=SessionStatus.CANCELLED, report=ReportStatus.FAILED)
