"""The sweep: every job reaches a final state by its deadline, even if its task or event was lost.

Only the sweep queries across clinics, and it reads ids only. Each job is then handled in its own clinic by its own
workflow, which decides from the stored state. Concurrent or aborted sweeps do no harm: a handled job counts as changed,
so that it is found again only after it stalls again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.records.attempt import Attempt
from shared.records.messages.message import UNFINISHED, PatientMessage, StaffMessage
from shared.records.patients.consent import PatientConsents, WithdrawalStatus
from shared.records.problems import Unavailable
from shared.records.record import Record
from shared.records.reports.exporting import Export
from shared.records.reports.report import Report
from shared.records.scheduling.waiting import WaitingEntry, WaitingStatus
from shared.records.visits.live.accounts import LiveAudio, LiveStatus
from shared.records.visits.recording import Recording, RecordingStatus
from shared.records.visits.transcription import Transcription
from shared.store import queries
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import utc_now
from shared.store.queries import Found
from shared.workflows import withdrawal
from shared.workflows.messages import recovering
from shared.workflows.reports import exporting, requesting
from shared.workflows.scheduling import waiting, zone_rules
from shared.workflows.visits import recognition, recordings
from shared.workflows.visits.live import join_tasks, silence

_log = logging.getLogger("synapse.jobs")


@dataclass(frozen=True)
class Watch:
    """One kind of job, when it stalls, and how it is recovered."""

    kind: str
    model: type[Record]
    waiting: Collection[str]
    """The states that it must leave."""
    stalled_after: timedelta
    """How long it may stay unchanged in them."""
    recover: Callable[[Clinic, str], str | None]
    """Handles one in its clinic, by id; returns what was done, or None when it has moved on or was logged by itself."""


def _watch(model: type[Attempt], recover: Callable[[Clinic, str], str | None]) -> Watch:
    return Watch(model.noun, model, model.waiting_states, model.policy.stalled_after, recover)


WATCHES = (
    _watch(Transcription, recognition.recover_stalled),
    _watch(Report, requesting.recover_stalled),
    _watch(Export, exporting.recover_stalled),
    Watch(
        "withdrawal",
        PatientConsents,
        {WithdrawalStatus.STOPPING},
        withdrawal.STALLED_AFTER,
        withdrawal.stop_earlier,
    ),
    *(
        Watch("message", model, UNFINISHED, recovering.STALLED_AFTER, recovering.recover_stalled)
        for model in (PatientMessage, StaffMessage)
    ),
    Watch("offer", WaitingEntry, {WaitingStatus.OFFERED}, waiting.OFFER_LOOKED_AT_AFTER, waiting.expire),
    Watch("pieces", LiveAudio, {LiveStatus.DUE}, join_tasks.STALLED_AFTER, join_tasks.recover_stalled),
    Watch("recorder", LiveAudio, {LiveStatus.RECORDING}, silence.SILENT_AFTER, silence.notice),
    Watch("recording", Recording, {RecordingStatus.AWAITED}, recordings.UPLOAD_AWAITED_FOR, recordings.expire_upload),
)


def sweep(cause: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Handle every stalled job, and let appointments follow the rules of their time zones. Raises Unavailable, after
    all were tried, when one could not be handled."""
    recovered = [
        _recovered(watch, found, cause, clock)
        for watch in WATCHES
        for found in queries.unchanged_since(watch.model, watch.waiting, clock() - watch.stalled_after)
    ]
    followed = [compared.succeeded for compared in zone_rules.compare_all(cause, clock)]
    if not all([*recovered, *followed]):
        raise Unavailable


def _recovered(watch: Watch, found: Found, cause: str, clock: Callable[[], datetime]) -> bool:
    """Handle one job and log it by ids. A failure is logged and does not stop the sweep."""
    job = {"kind": watch.kind, "id": found.id, "clinic_id": found.clinic_id}
    try:
        action = watch.recover(system_clinic(found.clinic_id, cause, clock), found.id)
    except Exception:
        _log.exception("stalled job", extra={**job, "action": "none"})
        return False
    if action is not None:
        _log.warning("stalled job", extra={**job, "action": action})
    return True
