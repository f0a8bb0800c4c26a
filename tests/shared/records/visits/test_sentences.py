"""The end of a spoken sentence."""

from __future__ import annotations

from itertools import zip_longest

import pytest

from shared.records.visits.sentences import ends_sentence


def sentences(text: str) -> list[str]:
    words, found, before = text.split(), [[]], None  # type: tuple[list[str], list[list[str]], str | None]
    for word, following in zip_longest(words, words[1:]):
        found[-1].append(word)
        if ends_sentence(word, following, before):
            found.append([])
        before = word
    return [" ".join(sentence) for sentence in found if sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Take it at 8 a.m. and 9 P.M. every day.",
        "I took approx. 5 mg. daily, e.g. at night, i.e. late.",
        "Dr. J. K. Rao and Mrs. (Dr.) Iyer came.",
        "Ask Dr. Rao, the U.S. doctor.",
        "I was... well, tired\u2026 and sad.",
        "Take 1. 5 tabs. of it, no. 3 of the list.",
        "डॉ. राव ने 5 मि.ग्रा. दवा दी।",
        "She came vs. he left.",
        '"Approx. two," he said.',
    ],
)
def test_an_abbreviation_an_initial_a_number_or_an_ellipsis_ends_no_sentence(sentence: str) -> None:
    assert sentences(f"{sentence} Yes.") == [sentence, "Yes."]


@pytest.mark.parametrize(
    "sentence",
    [
        "I wake at 8 a.m.",
        "I said no.",
        "I took vitamin D.",
        "I was...",
        "It was 5.",
        "I took pills, etc.",
        "What is your age.",
        "i slept badly.",
        "“Really?”",
        "眠れません。",
        "क्या हुआ?",
        "आराम करो॥",
        "نعم؟",
        "ጥሩ።",
    ],
)
def test_a_sentence_ends_before_a_new_one(sentence: str) -> None:
    assert sentences(f"{sentence} Then more.") == [sentence, "Then more."]


@pytest.mark.parametrize("word", ["", "...", '"', "a", "5.5", "e.g.x", "www.example.org"])
def test_any_word_is_taken(word: str) -> None:
    assert ends_sentence(word) == (word == "...")
