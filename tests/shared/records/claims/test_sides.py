"""Left and right: which part of the body a side belongs to, and what else the words mean."""

from __future__ import annotations

import pytest

from shared.records.claims.doubt import DoubtKind
from shared.records.claims.sidedness import parts_of, sides_in
from shared.records.claims.terms import stem
from shared.records.claims.tokens import tokens_of
from tests.shared.records.claims.test_checks import D, P, kinds

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


LEFT_THROUGHOUT = ((P, "My left wrist hurts."), (D, "For how long?"), (P, "Two weeks."), (D, "Let me see."))


@pytest.mark.parametrize(
    ("text", "answer", "wrong"),
    [
        ("Tingling of the left thumb.", "I notice a tingling in my thumb.", "Tingling of the right thumb."),
        ("Numb left fingers.", "The fingers get numb.", "Numb right fingers."),
        ("Left elbow pain.", "My elbow hurts too.", "Right elbow pain."),
    ],
)
def test_the_only_side_of_a_limb_need_not_be_repeated(text: str, answer: str, wrong: str) -> None:
    said = (*LEFT_THROUGHOUT, (P, answer))

    assert SIDE not in kinds(text, *said, cited=(5,))
    assert SIDE in kinds(wrong, *said, cited=(5,))


def test_a_side_that_was_said_once_does_not_outweigh_the_main_one() -> None:
    main = [(P, "My left knee hurts.")] * 5
    aside, pause = (P, "My right knee was fine in spring."), [(D, "I see.")] * 3
    said = (aside, *pause, *main, *pause, (P, "The knee."))

    assert SIDE not in kinds("Left knee pain.", *said, cited=(len(said),))
    assert SIDE in kinds("Right knee pain.", *said, cited=(len(said),))


def test_both_sides_of_a_limb_must_be_told_apart() -> None:
    said = ((P, "My left knee hurts."), *[(D, "I see.")] * 3, (P, "My right knee hurts too."), *[(D, "Go on.")] * 3)

    assert SIDE in kinds("Swelling of the left knee.", *said, (P, "The knee is swollen."), cited=(len(said) + 1,))


FINDINGS = (
    "on the exam your lungs are clear your heart is regular there is no oedema and your left foot is normal with strong"
    " pulses and full motion and no swelling at all so then i looked at the images that were taken this morning before"
    " you came in here and those images show a fracture of the second metatarsal of the right foot and that explains it"
)


def test_a_long_segment_is_read_where_it_speaks_of_the_statement() -> None:
    assert SIDE not in kinds("Fracture of the second metatarsal of the right foot on the images.", (D, FINDINGS))
    assert SIDE in kinds("Fracture of the second metatarsal of the left foot on the images.", (D, FINDINGS))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Left wrist and hand pain.", "Right, my left wrist and hand hurt."),
        ("Enlarged lymph node on the right side.", "There is an enlarged lymph node on the right hand side."),
        ("Left ovarian cyst.", "You have a left ovarian cyst, so right now we wait."),
        ("Oedema of the right lower leg.", "A murmur at the left base and on your right lower leg oedema."),
    ],
)
def test_a_side_that_belongs_to_something_else_is_no_other_side(text: str, said: str) -> None:
    assert SIDE not in kinds(text, said)


def test_the_right_hand_side_is_not_the_hand() -> None:
    said = "There is an enlarged lymph node on the right hand side."

    assert SIDE in kinds("Enlarged lymph node on the left side.", said)


@pytest.mark.parametrize(
    ("text", "said", "wrong"),
    [
        ("दाएं घुटने में सूजन।", "मेरे दाएं घुटने में सूजन है।", "बाएं घुटने में सूजन।"),
        ("வலது முழங்காலில் வீக்கம்.", "வலது முழங்காலில் வீக்கம் இருக்கிறது.", "இடது முழங்காலில் வீக்கம்."),
    ],
)
def test_sides_in_hindi_and_tamil(text: str, said: str, wrong: str) -> None:
    assert SIDE not in kinds(text, said)
    assert SIDE in kinds(wrong, said)
