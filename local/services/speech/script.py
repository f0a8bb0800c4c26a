"""Results, errors and delays that tests plant: what real engines give and this one never would."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from google.cloud.speech_v2.types import cloud_speech

if TYPE_CHECKING:
    from local.services.speech.tones import ToneRecogniser


@dataclass(frozen=True)
class Change:
    """Changes the result of one file of a batch, or of one call of Recognize."""

    words: bool = True
    """False: each result has only its transcript."""
    confidences: bool = True
    """False: no confidence anywhere."""
    word_times: bool = True
    """False: words without offsets; results keep their end."""
    result_times: bool = True
    """False: results without an end, out of which only the times of words say when something was said."""
    reversed: bool = False
    """The last result comes first."""
    empty: bool = False
    """No results."""
    labels: tuple[str, ...] = ()
    """One channel, whose voices have these labels: those of the channels, in their order."""
    languages: tuple[str, ...] = ()
    """The results have these languages, one after the other; empty: those of the recogniser."""
    error_code: int = 0
    """The file, or the call, fails with this google.rpc.Code."""
    seconds: float = 0.0
    """How much longer the engine takes."""

    def apply(self, found: list[cloud_speech.SpeechRecognitionResult]) -> list[cloud_speech.SpeechRecognitionResult]:
        """The results as the planted engine gives them; they are changed in place."""
        for at, result in enumerate(found):
            self._change(result)
            if self.languages:
                result.language_code = self.languages[at % len(self.languages)]
        ordered = found[::-1] if self.reversed else found
        return [] if self.empty else ordered

    def _change(self, result: cloud_speech.SpeechRecognitionResult) -> None:
        if not self.result_times:
            del result.result_end_offset
        for alternative in result.alternatives:
            self._change_words(alternative, result.channel_tag)
            if not self.confidences:
                alternative.confidence = 0
            if not self.words:
                del alternative.words
        if self.labels:
            result.channel_tag = 0

    def _change_words(self, alternative: cloud_speech.SpeechRecognitionAlternative, channel: int) -> None:
        for word in alternative.words:
            if self.labels and channel:
                word.speaker_label = self.labels[(channel - 1) % len(self.labels)]
            if not self.confidences:
                word.confidence = 0
            if not self.word_times:
                del word.start_offset
                del word.end_offset


class Script:
    """The planted changes, first in first out: one for each file of a batch, and others for each call of Recognize."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._changes: deque[Change] = deque()
        self._of_calls: deque[Change] = deque()
        self.tones: ToneRecogniser | None = None
        """The recogniser to use instead of the engine."""

    @contextmanager
    def hearing_tones(self) -> Iterator[None]:
        """In the `with` block, every word is a tone."""
        from local.services.speech.tones import ToneRecogniser

        self.tones = ToneRecogniser()
        try:
            yield
        finally:
            self.tones = None

    def plant(self, *changes: Change) -> None:
        with self._lock:
            self._changes.extend(changes)

    def plant_for_recognize(self, *changes: Change) -> None:
        with self._lock:
            self._of_calls.extend(changes)

    def forget(self) -> None:
        """Drop what is planted and was not used."""
        with self._lock:
            self._changes.clear()
            self._of_calls.clear()

    def next(self) -> Change:
        """The planted change for this file of a batch; without one, a change of nothing."""
        return self._next(self._changes)

    def next_call(self) -> Change:
        """As `next`, for this call of Recognize."""
        return self._next(self._of_calls)

    def _next(self, changes: deque[Change]) -> Change:
        with self._lock:
            return changes.popleft() if changes else Change()
