"""An erring writer: the statements of the extractive writer with one planted error, chosen by a seed.

It errs as generative models do, so that every check of a draft is exercised through the whole pipeline. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from string import ascii_lowercase

from local.services.gemini import inventions
from local.services.gemini.patterns import pattern
from local.services.gemini.transcript import Prompt
from local.services.gemini.writer import Statement

MOST_COPIES = 40
"""Copies of one statement in a repetition."""
OVERSIZED = 450
"""Statements of an oversized answer."""


class Error(StrEnum):
    """What an erring writer does."""

    DROP = "drop"
    """One statement is missing."""
    FLIP = "flip"
    """A statement says the opposite."""
    NUMBER = "number"
    """A number is another."""
    DOSE = "dose"
    """A dose is another."""
    DRUG = "drug"
    """A drug is another."""
    SIDE = "side"
    """Left for right, or right for left."""
    PERSON = "person"
    """The patient's mother, say, instead of the patient."""
    REPEAT = "repeat"
    """One statement over and over."""
    CONSENT = "consent"
    """A consent that nobody gave."""
    NORMAL_FINDING = "normal_finding"
    """A normal finding that nobody made."""
    DENIAL = "denial"
    """A denial of what nobody asked about."""
    WRONG_SEGMENTS = "wrong_segments"
    """A statement cites another place of the transcript."""
    OVERSIZE = "oversize"
    """More statements than a report holds."""
    TRUNCATE = "truncate"
    """The answer ends in the middle."""


@dataclass(frozen=True)
class Erring:
    """How a writer errs: by a seed, and with which errors."""

    seed: int
    errors: Sequence[Error] = tuple(Error)

    def chosen(self, count: int) -> tuple[Error, Random]:
        """The error of the n-th answer, and the source of its choices."""
        random = Random(f"{self.seed}/{count}")  # noqa: S311 - reproducible, and no secret
        return random.choice(self.errors), random


_NUMBER = re.compile(r"\b\d+(?:\.\d+)?\b")
_DOSE = re.compile(r"\b\d+(?:\.\d+)?(?= ?(?:mg|mcg|micrograms?|milligrams?|ml|units?|grams?)\b)", re.IGNORECASE)
_DRUGS = (
    *("metformin", "sertraline", "amlodipine", "atorvastatin", "paracetamol", "ibuprofen", "lisinopril", "warfarin"),
    *("levothyroxine", "omeprazole", "salbutamol", "amoxicillin", "fluoxetine", "clonazepam", "lithium", "insulin"),
)
_DRUG = pattern(rf"\b(?:{'|'.join(_DRUGS)})\b")
_SIDE = pattern(r"\b(?:left|right)\b")
_PERSON = pattern(r"\bpatient\b")
_RELATIVES = ("mother", "father", "sister", "brother", "wife", "husband")
_NEGATED = pattern(r"\b(?:denies|no|not|never)\b ?")
_VERB = pattern(r"\b(?:is|are|was|were|has|have|had|will|can)\b")
_REPORTS = pattern(r"\bpatient (?:reports|states|has)\b")


def erred(statements: Sequence[Statement], prompt: Prompt, error: Error, random: Random) -> list[Statement]:
    """The statements with the error; unchanged if none of them can have it. A text that is cut off is no statement:
    see `truncated`."""
    rule = _RULES.get(error)
    return list(statements) if rule is None else rule(statements, prompt, random)


def truncated(text: str, random: Random) -> str:
    """The text without its end. No JSON ends there."""
    return text[: random.randint(len(text) // 4, max(len(text) // 4, len(text) - 2))]


def _drop(statements: Sequence[Statement], prompt: Prompt, random: Random) -> list[Statement]:
    del prompt
    left = random.randrange(len(statements)) if statements else 0
    return [one for at, one in enumerate(statements) if at != left]


def _repeat(statements: Sequence[Statement], prompt: Prompt, random: Random) -> list[Statement]:
    del prompt
    return [*statements, *[random.choice(statements)] * MOST_COPIES] if statements else []


def _wrong_segments(statements: Sequence[Statement], prompt: Prompt, random: Random) -> list[Statement]:
    """One statement cites the segment that is farthest from its own."""

    def moved(one: Statement) -> Statement | None:
        numbers = [turn.number for turn in prompt.turns]
        if not one.segments or len(numbers) < 2:
            return None
        return replace(one, segments=(max(numbers, key=lambda number: abs(number - one.segments[0])),))

    return _changed(statements, moved, random)


def _oversize(statements: Sequence[Statement], prompt: Prompt, random: Random) -> list[Statement]:
    del prompt
    if not statements:
        return []
    chosen = (random.choice(statements) for _ in range(OVERSIZED))
    return [*statements, *(replace(one, text=f"{one.text} {_word(random)}") for one in chosen)]


def _word(random: Random) -> str:
    return "".join(random.choices(ascii_lowercase, k=8))


def _in_text(change: Callable[[str, Random], str]) -> Callable[[Sequence[Statement], Prompt, Random], list[Statement]]:
    """The rule that changes the text of one statement."""

    def rule(statements: Sequence[Statement], prompt: Prompt, random: Random) -> list[Statement]:
        del prompt

        def changed(one: Statement) -> Statement | None:
            text = change(one.text, random)
            return replace(one, text=text) if text != one.text else None

        return _changed(statements, changed, random)

    return rule


def _changed(
    statements: Sequence[Statement], change: Callable[[Statement], Statement | None], random: Random
) -> list[Statement]:
    """The statements, one of which is changed: a random one of those that can be."""
    places = list(range(len(statements)))
    random.shuffle(places)
    for place in places:
        if after := change(statements[place]):
            return [after if at == place else one for at, one in enumerate(statements)]
    return list(statements)


def _flipped(text: str, random: Random) -> str:
    del random
    if match := _NEGATED.search(text):
        word = "reports " if match[0].casefold().startswith("denies") else ""
        return text[: match.start()] + word + text[match.end() :]
    if _REPORTS.search(text):
        return _REPORTS.sub("Patient denies", text, count=1)
    return _VERB.sub(lambda match: f"{match[0]} not", text, count=1)


def _swapped(words: re.Pattern[str], others: Callable[[str, Random], str]) -> Callable[[str, Random], str]:
    """Replaces one match by another word."""

    def change(text: str, random: Random) -> str:
        matches = list(words.finditer(text))
        if not matches:
            return text
        match = random.choice(matches)
        return text[: match.start()] + others(match[0], random) + text[match.end() :]

    return change


def _other_number(number: str, random: Random) -> str:
    return f"{float(number) * random.choice((2, 3, 5, 10)):g}" if float(number) else "7"


def _other_drug(drug: str, random: Random) -> str:
    return random.choice([one for one in _DRUGS if one != drug.casefold()])


def _other_side(side: str, random: Random) -> str:
    del random
    return "right" if side.casefold() == "left" else "left"


def _relative(word: str, random: Random) -> str:
    return f"{word}'s {random.choice(_RELATIVES)}"


def _invented(kind: Sequence[inventions.Invention]) -> Callable[[Sequence[Statement], Prompt, Random], list[Statement]]:
    """The rule that adds a statement of this kind that nothing in the transcript is about."""

    def rule(statements: Sequence[Statement], prompt: Prompt, random: Random) -> list[Statement]:
        said = " ".join([*(turn.text for turn in prompt.turns), *(note.text for note in prompt.notes)])
        new = inventions.unsaid(kind, said)
        if not (new and prompt.sections and prompt.turns):
            return list(statements)
        section = random.choice(prompt.sections).id
        numbers = [turn.number for turn in prompt.turns]
        cited = sorted(random.sample(numbers, min(len(numbers), random.choice((1, 2)))))
        return [*statements, Statement(section, random.choice(new).text, tuple(cited))]

    return rule


_RULES: Mapping[Error, Callable[[Sequence[Statement], Prompt, Random], list[Statement]]] = {
    Error.DROP: _drop,
    Error.FLIP: _in_text(_flipped),
    Error.NUMBER: _in_text(_swapped(_NUMBER, _other_number)),
    Error.DOSE: _in_text(_swapped(_DOSE, _other_number)),
    Error.DRUG: _in_text(_swapped(_DRUG, _other_drug)),
    Error.SIDE: _in_text(_swapped(_SIDE, _other_side)),
    Error.PERSON: _in_text(_swapped(_PERSON, _relative)),
    Error.REPEAT: _repeat,
    Error.CONSENT: _invented(inventions.CONSENTS),
    Error.NORMAL_FINDING: _invented(inventions.NORMAL_FINDINGS),
    Error.DENIAL: _invented(inventions.DENIALS),
    Error.WRONG_SEGMENTS: _wrong_segments,
    Error.OVERSIZE: _oversize,
}
