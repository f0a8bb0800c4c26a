"""Which events are left out: never that of the write which something waits for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.visits.session import OVER, SessionStatus
from shared.records.visits.transcription import Transcription, TranscriptionStatus
from shared.records.visits.uneventful import session_is_uneventful, transcription_is_uneventful

T, S = "patient-visit-t1", "patient-visit"
WAITING = {"live": True, "status": "processing", "retry_count": 0, "recording_id": "patient-visit-a1"}
RUNNING = {"live": True, "status": "in_progress", "billed": False}
anything = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=3), max_size=2)
documents = st.dictionaries(st.sampled_from([*WAITING, *RUNNING, "revision", "followed_revision", "guard"]), anything)


@pytest.mark.parametrize("status", TranscriptionStatus)
def test_a_transcription_is_uneventful_while_it_waits(status: TranscriptionStatus) -> None:
    is_uneventful = transcription_is_uneventful(T, {**WAITING, "status": status.value})

    assert is_uneventful == (status in Transcription.waiting_states)


@pytest.mark.parametrize(
    "changed",
    [{"live": False}, {"retry_count": 1}, {"live": None}, {"retry_count": None}, {"recording_id": None}, {"status": 1}],
)
def test_a_transcription_that_moved_or_was_requested_again_or_is_not_understood(changed: dict[str, Any]) -> None:
    assert not transcription_is_uneventful(T, {**WAITING, **changed})


@pytest.mark.parametrize("id", ["patient-visit-t1v2", "patient-visit-t2", "visit", ""])
def test_another_take_or_another_id(id: str) -> None:
    assert not transcription_is_uneventful(id, WAITING)


COMPLETED = {**WAITING, "status": "completed", "revision": 4, "followed_revision": 4}


def test_a_transcription_that_was_completed_with_what_follows_is_uneventful_until_it_changes() -> None:
    assert transcription_is_uneventful(T, COMPLETED)


@pytest.mark.parametrize(
    "changed",
    [
        *({"followed_revision": None}, {"revision": 5}, {"revision": None, "followed_revision": None}, {"guard": "x"}),
        *({"status": "failed"}, {"status": "no_speech"}, {"live": False}, {"followed_revision": True, "revision": 1}),
    ],
)
def test_a_transcription_that_was_changed_or_touched_since(changed: dict[str, Any]) -> None:
    assert not transcription_is_uneventful(T, {**COMPLETED, **changed})


@pytest.mark.parametrize("status", SessionStatus)
@pytest.mark.parametrize("billed", [False, True])
def test_a_session_is_eventful_from_its_end_to_its_bill(status: SessionStatus, billed: bool) -> None:
    is_uneventful = session_is_uneventful(S, {**RUNNING, "status": status.value, "billed": billed})

    assert is_uneventful == (billed or status not in OVER)


@pytest.mark.parametrize("changed", [{"live": False}, {"live": None}, {"status": "postponed"}, {"status": None}])
def test_a_session_that_is_not_live_or_not_understood(changed: dict[str, Any]) -> None:
    assert not session_is_uneventful(S, {**RUNNING, **changed})


@given(documents)
def test_a_document_of_another_form_is_never_left_out_and_no_error(document: dict[str, Any]) -> None:
    understood = document.get("live") is True and isinstance(document.get("status"), str)

    assert understood or not (transcription_is_uneventful(T, document) or session_is_uneventful(S, document))
