"""The work of the checks grows with the transcript and with the statements, and not with their product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from shared.records.claims import line, said
from shared.records.claims.checks import Checker
from tests.support.factories import segment

SPOKEN = "My left knee hurts since two weeks, no swelling, and I take ibuprofen 400 mg twice a day."
SEGMENTS = [segment(number, SPOKEN, uncertain_words=["ibuprofen"]) for number in range(1, 61)]
NUMBERS = [one.number for one in SEGMENTS]
OF_A_LINE = {
    line: ("pairs_of", "terms_of", "sides_said", "Unsure", "Heard"),
    said: ("tokens_of", "quantities_of", "drugs_in", "sentences_of"),
}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each thing was made of a line."""
    counted: Counter[str] = Counter()

    def counting(name: str, make: Callable[..., Any]) -> Callable[..., Any]:
        def count(*values: Any, **named: Any) -> Any:
            counted[name] += 1
            return make(*values, **named)

        return count

    for module, names in OF_A_LINE.items():
        for name in names:
            monkeypatch.setattr(module, name, counting(name, getattr(module, name)))
    return counted


@pytest.mark.parametrize("statements", [1, 4, 40])
def test_what_is_asked_of_a_line_is_made_once_however_many_statements_cite_it(
    made: Counter[str], statements: int
) -> None:
    checker = Checker(SEGMENTS)

    for number in range(statements):
        text = f"Right knee hurts for {number} weeks, no swelling, takes ibuprofen 300 mg."
        assert checker.doubts(text, NUMBERS)

    assert set(made) == {name for names in OF_A_LINE.values() for name in names}
    assert {name: count for name, count in made.items() if count > len(SEGMENTS)} == {}
