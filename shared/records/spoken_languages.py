"""The languages that are spoken in visits."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from shared.records.record import Value
from shared.records.types import Language

MOST_LANGUAGES = 9
"""Bounds a request. The table of the speech models has what each takes."""


class SpeechSettings(Value):
    """Settings of the transcription."""

    language: Language = "en-IN"
    """The main language: of the report too, unless its template has another."""
    other_languages: list[Language] = Field(default=[], max_length=MOST_LANGUAGES - 1)
    """Other languages that are spoken in the visit; the fewer, the better they are told apart. The speech model may
    take fewer: the answer is 422 with its limit."""

    @property
    def languages(self) -> list[str]:
        """All, the main one first."""
        return languages_of(self.language, self.other_languages)


def languages_of(language: str, others: Sequence[str]) -> list[str]:
    """The main language and the others, each once."""
    kept: dict[str, str] = {}
    for one in (language, *others):
        kept.setdefault(one.casefold(), one)
    return list(kept.values())
