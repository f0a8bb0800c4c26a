"""Segments: the stretches of speech of a transcript."""

from __future__ import annotations

from typing import Any, Self

from shared.records.record import Value
from shared.records.text import Text
from shared.records.types import Language
from shared.records.visits.risky_words import Risk, risks_of
from shared.records.visits.speech import Speaker

_OF_WORDS = ("uncertain_words", "word_starts_ms", "word_ends_ms", "word_confidences")
"""The lists that belong to the words as they were heard."""


class Segment(Value):
    """A short stretch of one speaker's speech; the statements of a report cite segments."""

    number: int
    """From 1, in the order spoken."""
    speaker: Speaker
    voice: int | None = None
    """The number of the voice in the recording, in the order of first words; null if the channel names the speaker, or
    the engine tells no voices apart."""
    start_ms: int
    end_ms: int
    """Milliseconds from the beginning of the recording."""
    text: Text
    language: Language | None = None
    """The language that the engine recognised, if it is not the `language` of the transcription."""
    confidence: float | None
    """Mean confidence of the words, 0 to 1; null if the engine gave none."""
    uncertain_words: list[str] = []
    """Words that the engine recognised with low confidence; a reader should check the audio."""
    word_starts_ms: list[int] = []
    """Milliseconds from the beginning of the recording, for each word of `text` (words are separated by a space). Empty
    if not known."""
    word_ends_ms: list[int] = []
    """As `word_starts_ms`."""
    word_confidences: list[float | None] = []
    """For each word of `text`, 0 to 1; empty if the engine gave none."""
    corrected: bool = False
    """True if a person wrote this text: it has neither confidence nor uncertain words."""
    heard_live: Text | None = None
    """What was heard of this segment while it was spoken, if the recording came in pieces, the segment has risky words,
    and the two differ. Null says nothing: they agree, or the live words are not known."""
    risks: list[Risk] = []
    """What may be misheard, so that a reader should check the audio; found when a transcript is shown."""

    @property
    def shown(self) -> Self:
        """The segment with its risks."""
        risks = [] if self.corrected else risks_of(self.text, self.uncertain_words, self.confidence)
        return self.model_copy(update={"risks": risks})

    def with_text(self, text: str) -> Self:
        """The segment with the text of a person; an empty one says that nothing was said."""
        unheard: dict[str, Any] = {
            "confidence": None,
            "corrected": True,
            "heard_live": None,
            **{name: [] for name in _OF_WORDS},
        }
        return self.model_copy(update={"text": text, **unheard})
