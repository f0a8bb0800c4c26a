"""Recordings that are far shorter or longer than their visit."""

from __future__ import annotations

import pytest

from shared.records.record import Stamp
from shared.records.visits.length import length_differs
from tests.support.factories import DOCTOR, after, session


@pytest.mark.parametrize(
    ("visit", "audio", "differs"),
    [
        (40, 40, False),
        (40, 36, False),
        (40, 20, False),
        (40, 19.9, True),
        (40, 0.2, True),
        (40, 49, False),
        (40, 50.1, True),
        (5, 1, False),
        (5, 9.9, False),
        (5, 10.1, True),
        (8, 2.9, True),
        (40, None, False),
    ],
)
def test_audio_far_from_the_visit_is_marked(visit: float, audio: float | None, differs: bool) -> None:
    seconds = None if audio is None else audio * 60
    ended = session(audio_duration_seconds=seconds).completed(Stamp(DOCTOR, after(minutes=visit)))

    assert length_differs(ended) == differs


def test_pauses_do_not_count() -> None:
    visit = session(audio_duration_seconds=600).paused(Stamp(DOCTOR, after(minutes=10)))

    assert not length_differs(visit.completed(Stamp(DOCTOR, after(minutes=60))))


def test_a_running_or_cancelled_visit_has_no_length_yet() -> None:
    visit = session(audio_duration_seconds=7_200)

    assert not length_differs(visit)
    assert not length_differs(visit.cancelled(Stamp(DOCTOR, after(minutes=10))))
