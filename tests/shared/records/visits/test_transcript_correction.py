"""Corrections of a transcript: versions on top of the text of the engine."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.problems import Conflict, Invalid, NotFound
from shared.records.visits.segment import Segment
from shared.records.visits.transcript_correction import MOST_VERSIONS, TranscriptCorrection, TranscriptHistory
from tests.support.factories import BY_DOCTOR, BY_SYSTEM, segment, transcription

QUESTION = segment(1, "How do you sleep?", speaker="patient", confidence=0.9, uncertain_words=["How"])
ANSWER = segment(2, "Five owls a night.", speaker="practitioner", confidence=0.4, uncertain_words=["owls"])
ORIGINAL = [QUESTION, ANSWER]
SWAP = {
    "speakers": [
        {"speaker": "patient", "becomes": "practitioner"},
        {"speaker": "practitioner", "becomes": "patient"},
    ]
}
HOURS = {"edits": [{"number": 2, "text": "Five hours a night."}]}


def history(*corrections: dict[str, Any]) -> TranscriptHistory:
    made = TranscriptHistory.new(transcription().id, BY_SYSTEM)
    for correction in corrections:
        current = made.text_at(len(made.versions) + 1, ORIGINAL)
        made = made.with_version(TranscriptCorrection.model_validate(correction), current, BY_DOCTOR)
    return made


def text(made: TranscriptHistory, version: int) -> list[tuple[str, str]]:
    return [(one.speaker.value, one.text) for one in made.text_at(version, ORIGINAL)]


def test_corrected_text_has_neither_confidence_nor_uncertain_words() -> None:
    same, changed = history(HOURS).text_at(2, ORIGINAL)

    assert same == QUESTION
    assert (changed.text, changed.confidence, changed.uncertain_words) == ("Five hours a night.", None, [])
    assert changed.corrected


def test_all_speakers_are_swapped_at_once_and_a_segments_own_speaker_wins() -> None:
    made = history(SWAP, {**SWAP, "edits": [{"number": 1, "speaker": "other"}]})

    assert [speaker for speaker, _ in text(made, 2)] == ["practitioner", "patient"]
    assert [speaker for speaker, _ in text(made, 3)] == ["other", "practitioner"]
    assert made.text_at(2, ORIGINAL)[1].uncertain_words == ["owls"], "the words stay as they were heard"


def test_undo_goes_back_to_any_version_and_may_be_undone() -> None:
    made = history(HOURS, SWAP, {"restore_version": 1}, {"restore_version": 3}, {"edits": [{"number": 1, "text": ""}]})

    assert text(made, 4) == text(made, 1) == [(one.speaker.value, one.text) for one in ORIGINAL]
    assert text(made, 5) == text(made, 3)
    assert text(made, 6)[0] == ("practitioner", "")
    assert [made.differs(version) for version in range(1, 7)] == [False, True, True, False, True, True]


def test_correction_keeps_its_author_and_what_was_asked() -> None:
    (made,) = history({**HOURS, "correction_notes": "heard again"}).versions

    assert (made.version, made.author_id, made.at, made.notes) == (2, BY_DOCTOR.by, BY_DOCTOR.at, "heard again")


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({}, ""),
        ({"edits": [{"number": 1, "text": "x"}, {"number": 3, "text": "x"}]}, "/edits/1/number"),
        ({"restore_version": 2}, "/restore_version"),
        ({"restore_version": 1, **SWAP}, "/restore_version"),
    ],
    ids=["nothing", "no such segment", "the present text", "with another correction"],
)
def test_what_cannot_be_applied_is_refused(asked: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        history(HOURS).with_version(TranscriptCorrection.model_validate(asked), ORIGINAL, BY_DOCTOR)

    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_versions_are_bounded_and_others_are_not_found() -> None:
    full = history(*[SWAP] * (MOST_VERSIONS - 1))

    with pytest.raises(Conflict):
        full.with_version(TranscriptCorrection.model_validate(SWAP), ORIGINAL, BY_DOCTOR)
    with pytest.raises(NotFound):
        full.text_at(MOST_VERSIONS + 1, ORIGINAL)


CHANGES = st.one_of(
    st.fixed_dictionaries(
        {"edits": st.lists(st.fixed_dictionaries({"number": st.integers(1, 2), "text": st.text("ab")}), min_size=1)}
    ),
    st.just(SWAP),
    st.fixed_dictionaries({"restore_version": st.integers(1, 20)}),
)


@given(st.lists(CHANGES, max_size=8))
def test_earlier_versions_never_change(asked: list[dict[str, Any]]) -> None:
    made = history()
    seen: list[list[Segment]] = [ORIGINAL]
    for one in asked:
        if one.get("restore_version", 0) > len(made.versions):
            continue
        made = made.with_version(TranscriptCorrection.model_validate(one), seen[-1], BY_DOCTOR)
        seen.append(made.text_at(len(made.versions) + 1, ORIGINAL))

    assert [made.text_at(version, ORIGINAL) for version in range(1, len(seen) + 1)] == seen
    assert all([one.number for one in version] == [1, 2] for version in seen)
