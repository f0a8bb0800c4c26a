"""What is heard in a piece at once. The transcription of the whole recording replaces it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from shared.gateways import speech, speech_models
from shared.gateways.speech import RecognitionFailed
from shared.records.visits.live.piece import MOST_WORDS, LiveWord, TextStatus
from shared.records.visits.session import Session
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits import hints

DEADLINE_SECONDS = 20.0
"""For recognising a piece: its receipt waits for it."""

_log = logging.getLogger("synapse.live")


@dataclass(frozen=True)
class HeardLive:
    """What was heard, with times of the recorder."""

    status: TextStatus
    words: Sequence[LiveWord] = field(default=(), repr=False)

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    def with_words(self, words: Sequence[LiveWord]) -> HeardLive:
        """The same with fewer words."""
        status = TextStatus.NO_SPEECH if self.status == TextStatus.RECOGNISED and not words else self.status
        return replace(self, status=status, words=words)


def hear(work: UnitOfWork, session: Session, content: bytes, channels: int, start_ms: int) -> HeardLive:
    """What is said in a piece that began then. Whatever goes wrong, the piece is kept without text."""
    try:
        heard = speech.recognize(
            content,
            model=speech_models.in_use(),
            languages=session.stt_settings.languages,
            channels=channels,
            phrases=hints.hints_for(work, session),
            deadline_seconds=DEADLINE_SECONDS,
        )
    except RecognitionFailed:  # logged with its reason
        return HeardLive(TextStatus.FAILED)
    except Exception:
        _log.exception("a piece was not recognised")
        return HeardLive(TextStatus.FAILED)
    words = [
        LiveWord(
            text=word.text,
            start_ms=start_ms + word.start_ms,
            end_ms=start_ms + word.end_ms,
            confidence=word.confidence,
        )
        for word in heard.words[:MOST_WORDS]
    ]
    return HeardLive(TextStatus.RECOGNISED if words else TextStatus.NO_SPEECH, words)
