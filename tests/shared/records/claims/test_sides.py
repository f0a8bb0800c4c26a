"""Left and right: which part of the body a side belongs to, and what else the words mean."""

from __future__ import annotations

import pytest

from shared.records.claims.doubt import DoubtKind
from shared.records.claims.sidedness import parts_of, sides_in
from shared.records.claims.terms import stem
from shared.records.claims.tokens import tokens_of
from tests.shared.records.claims.test_checks import kinds

SIDE = DoubtKind.SIDE_NOT_IN_EVIDENCE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("L knee pain.", "My left knee hurts."),
        ("Pain in the R shoulder.", "My right shoulder hurts."),
        ("RLE oedema.", "Your right leg is swollen."),
        ("Left-sided weakness of the arm.", "My left arm is weak."),
        ("Rash on the left and right arm.", "I have a rash on both arms."),
        ("Fracture of the right index finger.", "You broke your right hand, there is a fracture of that index finger."),
        ("Swelling of the left knee.", "The knee is swollen, the left one."),
    ],
)
def test_a_side_that_was_said_has_no_doubt(text: str, said: str) -> None:
    assert SIDE not in kinds(text, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Pain in the R knee.", "My left knee hurts."),
        ("LLE oedema.", "Your right leg is swollen."),
        ("Pain in the left hip.", "Pain in the left knee and in the right hip."),
        ("Pain in the right knee.", "Right, your knee. My left knee hurts."),
        ("Numbness of the right thumb.", "My right foot hurts, and my thumb is numb."),
        ("Fracture of the left index finger.", "You broke your right hand, there is a fracture of that index finger."),
    ],
)
def test_another_side_is_doubted(text: str, said: str) -> None:
    assert SIDE in kinds(text, said)


@pytest.mark.parametrize(
    "text",
    ["go right ahead", "right, your knee", "he left the house", "is that right", "2 L of oxygen", "r/o hip fracture"],
)
def test_other_meanings_are_no_sides(text: str) -> None:
    assert sides_in(tokens_of(text)) == {}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("left knee and right hip", [("left", "knee"), ("right", "hip")]),
        ("left and right knee", [("left", "knee"), ("right", "knee")]),
        ("knee on the left , hip on the right", [("left", "knee"), ("right", "hip")]),
        ("(L) hip", [("left", "hip")]),
    ],
)
def test_a_side_belongs_to_its_part(text: str, parts: list[tuple[str, str]]) -> None:
    tokens = tokens_of(text)

    assert [side for _, side in sorted(sides_in(tokens).items())] == [side for side, _ in parts]
    for at, (_, part) in zip(sorted(sides_in(tokens)), parts, strict=True):
        assert stem(part) in parts_of(tokens, at)
