"""Reads a report as somebody who was in the room: finds what the recogniser misheard."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_ALIKE = 0.5
"""How alike two words must be for one to be taken as the other misheard; 1 is the same."""


@dataclass(frozen=True)
class Correction:
    """A statement that is to be put right."""

    statement: Mapping[str, Any]
    text: str
    """What it shall say."""
    reason: str

    def as_edit(self) -> dict[str, str]:
        return {"statement_id": self.statement["id"], "text": self.text, "reason": self.reason}


def corrections(statements: Sequence[Mapping[str, Any]], said: str, heard: str) -> list[Correction]:
    """A correction of each statement with misheard words; when there is none, a word on the most doubtful statement."""
    words = misheard(said, heard)
    found = [made for statement in statements if (made := _correction(statement, words))]
    if found or not statements:
        return found
    doubtful = max(statements, key=lambda statement: len(statement["doubts"]))
    return [Correction(doubtful, f"{doubtful['text']} Confirmed.", "I asked again.")]


def misheard(said: str, heard: str) -> dict[str, str]:
    """Words that nobody said, in lower case, each with the like-sounding word that was said in its place."""
    spoken, recognised = _words(said), _words(heard)
    vocabulary = {word.lower() for word in spoken}
    matcher = SequenceMatcher(None, [w.lower() for w in spoken], [w.lower() for w in recognised], autojunk=False)
    pairs = {
        wrong.lower(): right
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind == "replace" and b - a == d - c
        for right, wrong in zip(spoken[a:b], recognised[c:d], strict=True)
    }
    return {wrong: right for wrong, right in pairs.items() if wrong not in vocabulary and _alike(wrong, right)}


def _correction(statement: Mapping[str, Any], words: Mapping[str, str]) -> Correction | None:
    found: dict[str, str] = {}

    def put_right(word: re.Match[str]) -> str:
        right = words.get(word[0].lower())
        if right is None:
            return word[0]
        found[word[0].lower()] = right
        return right[0].upper() + right[1:] if word[0][0].isupper() else right

    text = re.sub("[A-Za-z]+", put_right, statement["text"])
    reasons = [f"I heard “{right}”, the recogniser “{wrong}”." for wrong, right in found.items()]
    return Correction(statement, text, " ".join(reasons)) if found else None


def _words(text: str) -> list[str]:
    return [word for word in re.findall("[A-Za-z]+", text) if len(word) > 2]


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other.lower(), autojunk=False).ratio() >= _ALIKE
