"""Marks of a transcription: the closed list of reasons to doubt it as a whole."""

from __future__ import annotations

from enum import StrEnum


class TranscriptionMark(StrEnum):
    """Why a transcript may differ from what was said."""

    LENGTH_DIFFERS = "length_differs"
    """Of the visit's transcript alone: the recordings are together far shorter than the visit without its pauses, or
    far longer. A part may be missing, or the recorder was left running: check the end."""
    MOSTLY_SILENT = "mostly_silent"
    """The recording is long and has very few words: check whether the microphone heard the visit."""
    REPETITION = "repetition"
    """The same words come again and again: the recogniser may have looped over silence, noise or music."""
    STOCK_PHRASES = "stock_phrases"
    """It has phrases that recognisers write for silence, such as thanks for watching."""
