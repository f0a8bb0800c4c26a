"""Finds misrecognised words in a report by comparing the transcript with the reference text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_MIN_SIMILARITY = 0.5
"""The minimum similarity of a misheard word to the spoken one; 1 is equal."""


@dataclass(frozen=True)
class Correction:
    """A correction of one statement."""

    statement: Mapping[str, Any]
    text: str
    """The corrected text."""
    reason: str

    def as_edit(self) -> dict[str, str]:
        return {"statement_id": self.statement["id"], "text": self.text, "reason": self.reason}


def corrections(statements: Sequence[Mapping[str, Any]], said: str, heard: str) -> list[Correction]:
    """Corrections of all statements with misheard words; if there are none, a remark on the most doubtful one."""
    words = misheard(said, heard)
    found = [made for statement in statements if (made := _correction(statement, words))]
    if found or not statements:
        return found
    doubtful = max(statements, key=lambda statement: len(statement["doubts"]))
    return [Correction(doubtful, f"{doubtful['text']} Confirmed.", "I asked again.")]


def misheard(said: str, heard: str) -> dict[str, str]:
    """Misrecognised words in lower case, each with the similar word that was spoken."""
    spoken, recognised = _words(said), _words(heard)
    vocabulary = {word.lower() for word in spoken}
    matcher = SequenceMatcher(None, [w.lower() for w in spoken], [w.lower() for w in recognised], autojunk=False)
    pairs = {
        wrong.lower(): right
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind == "replace" and b - a == d - c
        for right, wrong in zip(spoken[a:b], recognised[c:d], strict=True)
    }
    return {wrong: right for wrong, right in pairs.items() if wrong not in vocabulary and _similar(wrong, right)}


def _correction(statement: Mapping[str, Any], words: Mapping[str, str]) -> Correction | None:
    found: dict[str, str] = {}

    def correct(word: re.Match[str]) -> str:
        right = words.get(word[0].lower())
        if right is None:
            return word[0]
        found[word[0].lower()] = right
        return right[0].upper() + right[1:] if word[0][0].isupper() else right

    text = re.sub("[A-Za-z]+", correct, statement["text"])
    reasons = [f"I heard “{right}”, the recogniser “{wrong}”." for wrong, right in found.items()]
    return Correction(statement, text, " ".join(reasons)) if found else None


def _words(text: str) -> list[str]:
    return [word for word in re.findall("[A-Za-z]+", text) if len(word) > 2]


def _similar(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other.lower(), autojunk=False).ratio() >= _MIN_SIMILARITY
