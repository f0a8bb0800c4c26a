"""Phrase hints of a visit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.records.drugs.names import often_prescribed
from shared.records.visits.phrases import MOST_PHRASES, phrases_of


def test_names_come_whole_and_in_parts_before_the_drugs() -> None:
    hints = phrases_of(["Zoë  Fernandes", None, "", "Meera K Iyer"])

    assert hints[:6] == ["Zoë Fernandes", "Zoë", "Fernandes", "Meera K Iyer", "Meera", "Iyer"]
    assert hints[6:] == list(often_prescribed())
    assert "metformin" in often_prescribed()


@given(st.lists(st.none() | st.text(max_size=200), max_size=60))
def test_hints_are_bounded_and_differ(names: list[str | None]) -> None:
    hints = phrases_of(names)

    assert len(hints) == len(set(hints)) <= MOST_PHRASES
    assert all(0 < len(hint) <= 80 for hint in hints)
