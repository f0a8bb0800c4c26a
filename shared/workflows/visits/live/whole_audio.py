"""The gate of completion: no session ends while pieces of it are on a device and nowhere else."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.visits.live.in_the_way import AudioMissing
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.visits.live.accounts import live_audio_ref
    from shared.records.visits.recording import Recording
    from shared.records.visits.session import Session
    from shared.workflows.visits.live import log
    from shared.workflows.visits.live.log import Gap


def require(work: UnitOfWork, session: Session) -> None:
    """Raises AudioMissing while a live recording has gaps, or no known end. A piece conflicts on the session, so none
    opens a gap meanwhile."""
    audio = work.get_or_none(live_audio_ref(session.id)) if session.may_have_live_audio else None
    blocking = audio.blocking if audio else []
    if not blocking:
        return
    work.prefetch(*(Recording.ref(one.recording_id) for one in blocking))
    waits = [one for one in blocking if _awaited(work.get_or_none(Recording.ref(one.recording_id)))]
    if waits:
        log.gap(work.clinic_id, session.id, Gap.COMPLETION_REFUSED)
        raise AudioMissing(waits)


def _awaited(recording: Recording | None) -> bool:
    """True if the recording still takes pieces: one that was deleted or refused is whole as it is."""
    return recording is not None and recording.awaited
