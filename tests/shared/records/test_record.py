"""Changes of records: by persons, and by nobody."""

from __future__ import annotations

from shared.records.record import SYSTEM, Stamp
from tests.support.factories import BY_DOCTOR, NOON, session


def test_a_change_that_no_person_made_keeps_revision_author_and_time() -> None:
    before = session()

    amended = before.amended(uploads=1, audio_file_size=9)

    kept = ("revision", "updated_at", "updated_by")
    assert [getattr(amended, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (amended.uploads, amended.audio_file_size) == (1, 9)
    assert amended.paused(BY_DOCTOR).revision == before.paused(Stamp(SYSTEM, NOON)).revision == 2


def test_an_edit_with_the_same_values_leaves_the_record_as_it_is() -> None:
    before = session(session_notes="Calm.")

    assert before.edited(BY_DOCTOR, session_notes="Calm.") is before
    assert before.edited(BY_DOCTOR, session_notes="Tense.").revision == before.revision + 1


def test_the_newest_recordings_are_named_and_no_more_than_asked_for() -> None:
    assert session(uploads=3).newest(2) == [3, 2]
    assert session(uploads=1).newest(20) == [1]
    assert session().newest(20) == []
