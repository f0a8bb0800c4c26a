"""Polls of a recognition: tasks that look at the Speech-to-Text operation, at growing distances."""

from __future__ import annotations

from datetime import timedelta

from shared import settings
from shared.lazily import lazily
from shared.records.visits.transcription import LONGEST_POLL_GAP, Transcription
from shared.store.clinic import Clinic

with lazily(globals()):
    from shared.gateways import tasks
    from shared.workflows import attempts

QUEUE = "transcriptions"


def first_gap() -> timedelta:
    """The time between the start of an operation and its first poll."""
    return timedelta(seconds=settings.load(settings.Polling).check_after_seconds)


def poll_again(clinic: Clinic, transcription: Transcription, poll: int | None) -> None:
    """Schedule the next poll, at twice the distance."""
    if poll is not None:
        gap = min(first_gap() * 2 ** (poll + 1), LONGEST_POLL_GAP)
        enqueue_poll(clinic, transcription, poll=poll + 1, after=gap)


def enqueue_poll(clinic: Clinic, transcription: Transcription, *, poll: int | None, after: timedelta) -> None:
    """Enqueue poll number `poll`; None is an extra poll that no other follows."""
    counted = {} if poll is None else {"poll": poll}
    body = attempts.body_of(clinic, transcription, **counted)
    which = attempts.recovery_of(transcription) if poll is None else poll
    key = attempts.deduplication_key(clinic, transcription, which)
    tasks.enqueue(QUEUE, "check_transcription", body, deduplication_key=key, at=clinic.now() + after)
