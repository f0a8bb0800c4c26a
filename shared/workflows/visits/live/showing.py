"""What is known of the live recordings of a session, their receipts, and declaring pieces lost."""

from __future__ import annotations

from itertools import islice

from shared.lazily import lazily
from shared.records.page import Page, PageQuery
from shared.records.permissions import Action
from shared.records.problems import NoneYet
from shared.records.record import session_of
from shared.records.types import Id
from shared.records.visits.live.ranges import numbers_of
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.visits.ids import recording_id_of
    from shared.records.visits.live.accounts import LiveAudio, NewLoss, live_audio_ref
    from shared.records.visits.live.piece import LivePiece, Receipt, piece_id
    from shared.records.visits.live.refusals import must_be_awaited
    from shared.records.visits.live.shown import ShownAudio, ShownRecording
    from shared.records.visits.recording import Recording
    from shared.records.visits.session import Session
    from shared.store import pagination
    from shared.workflows import permissions
    from shared.workflows.visits.live import join_tasks, log
    from shared.workflows.visits.live.log import Gap
    from shared.workflows.visits.refs import expect, moved_named


class ReceiptList(PageQuery):
    """The receipts of one recording."""

    recording_id: Id | None = None
    """Without it, of the recording that was opened last."""


def shown(clinic: Clinic, session_id: str) -> ShownAudio:
    """The live recordings of a session; none for a session without."""

    def transaction(work: UnitOfWork) -> ShownAudio:
        session, audio = _read(work, session_id)
        return _shown(work, audio or LiveAudio.empty(session.id, work.stamp))

    return clinic.perform("live_audio.read", transaction)


def receipts(clinic: Clinic, session_id: str, query: ReceiptList) -> Page[Receipt]:
    """A page of the receipts of a recording, by number. Raises NotFound for another recording than a live one,
    NoneYet for a session without live recordings."""

    def transaction(work: UnitOfWork) -> Page[Receipt]:
        _, audio = _read(work, session_id)
        if audio is None or not audio.recordings:
            raise NoneYet("the session has no live recording")
        account = audio.of(query.recording_id or audio.recordings[-1].recording_id)
        binding = pagination.token_binding(work, f"pieces {account.recording_id}", query)
        after = pagination.decode_token(work, binding, query.page_token).get("after", 0)
        numbers = [*islice((one for one in numbers_of(account.received) if one > after), query.page_size + 1)]
        refs = [LivePiece.ref(piece_id(account.recording_id, number)) for number in numbers[: query.page_size]]
        work.prefetch(*refs)
        found = [piece.receipt for ref in refs if (piece := work.get_or_none(ref))]
        more = len(numbers) > query.page_size
        token = pagination.encode_token(work, binding, {"after": numbers[query.page_size - 1]}) if more else None
        return Page(found, token)

    return clinic.perform("live_audio.receipts", transaction)


def declare_lost(clinic: Clinic, session_id: str, new: NewLoss) -> ShownAudio:
    """Declare missing pieces lost, for the doctor of the visit. Raises Conflict unless the recording awaits pieces."""

    due: list[str] = []

    def transaction(work: UnitOfWork) -> ShownAudio:
        session, stored = _read(work, session_id)
        permissions.require(work, Action.DECLARE_LOST, session)
        session.must_not_be_cancelled()
        audio = stored or LiveAudio.empty(session.id, work.stamp)
        recording_ref = Recording.ref(audio.of(new.recording_id).recording_id)
        recording = work.get(recording_ref)
        must_be_awaited(recording)
        work.require_unchanged(recording)
        declared = work.save(audio.with_loss(new, work.stamp, over=not session.open))
        due[:] = join_tasks.newly_due(audio, declared)
        return _shown(work, declared)

    declared = clinic.perform("live_audio.declare_lost", transaction)
    join_tasks.follow(clinic, due)
    log.gap(clinic.id, session_of(new.recording_id), Gap.DECLARED_LOST)
    return declared


def _read(work: UnitOfWork, session_id: str) -> tuple[Session, LiveAudio | None]:
    """A session and the accounting of its audio."""
    ref = live_audio_ref(session_id)
    expect(work, session_id, ref, Recording.ref(recording_id_of(session_id, 1)))
    with moved_named(work, session_id):
        session = work.get(Session.ref(session_id))
    return session, work.get_or_none(live_audio_ref(session.id))


def _shown(work: UnitOfWork, audio: LiveAudio) -> ShownAudio:
    refs = [Recording.ref(one.recording_id) for one in audio.recordings]
    work.prefetch(*refs)
    found = [work.get_or_none(ref) for ref in refs]
    pairs = zip(audio.recordings, found, strict=True)
    return ShownAudio(recordings=[ShownRecording.of(account, one, audio.losses) for account, one in pairs])
