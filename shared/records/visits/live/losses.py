"""Where the audio of a joined recording is missing, with what was declared about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.visits.join_plan import Gap, JoinPlan
from shared.records.visits.live.accounts import Loss
from shared.records.visits.live.ranges import holds
from shared.records.visits.live.recorded import LiveRecording
from shared.records.visits.lost_audio import MOST_PLACES, LostAudio, bounded


def lost_audio(plan: JoinPlan, account: LiveRecording, losses: Sequence[Loss]) -> list[LostAudio]:
    """The places at which audio is missing, in the time of the recording. What came after all is not among them."""
    declared = [one for one in losses if one.recording_id == account.recording_id]
    end_lost = account.last_piece is None and account.lost_after is not None
    gaps = plan.gaps(end_lost=end_lost or (account.end or 0) > account.highest)
    return bounded([_place(gap, account.recording_id, _about(gap, declared)) for gap in gaps], MOST_PLACES)


def _about(gap: Gap, losses: Sequence[Loss]) -> Loss | None:
    """The latest declaration about a gap."""
    first = gap.after + 1
    about = (
        one
        for one in reversed(losses)
        if holds(one.numbers, first) or (one.end_after is not None and one.end_after < first)
    )
    return next(about, None)


def _place(gap: Gap, recording_id: str, loss: Loss | None) -> LostAudio:
    declared = {"reason": loss.reason, "declared_by": loss.by, "declared_at": loss.at} if loss else {}
    seconds = None if gap.missing_ms is None else gap.missing_ms / 1000
    return LostAudio(recording_id=recording_id, start_ms=gap.at_ms, seconds=seconds, **declared)
