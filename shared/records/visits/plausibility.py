"""What recognisers write for silence, noise and music: stock phrases of their training data, and loops.

A transcript of nothing else has no speech. Anything else keeps its text and gets a mark.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from shared.records.visits.marks import TranscriptionMark
from shared.records.visits.segment import Segment

_REPEATED = 10
"""Equal segments that are a loop, if they follow each other or there is nothing else."""
_LONG_SEGMENT = 20
"""Words from which a segment is compared with itself."""
_COMPARED = 45
_DIFFERENT = 0.25
"""The share of different words, of 45 at most, up to which a long segment is a loop; speech has more than half."""
_WORDS_A_MINUTE = 10
"""Speech has 100 and more. A long recording with fewer words is mostly silent."""
_LONG_SECONDS = 120

_POLITE = frozenset(("you", "oh", "so", "hmm", "okay", "bye", "bye bye", "the end", "thanks", "धन्यवाद", "शुक्रिया"))
"""Also said in a visit; nothing that a report could state."""
_THANKS = re.compile(r"(?:thank you|thanks)(?: (?:so|very) much)?")
_STOCK = re.compile(
    r"(?:thank you|thanks)(?: (?:so|very) much)? for (?:watching|listening|viewing)|subscribe\b|amara org"
    r"|subtitles? by|captions? by|transcri(?:bed|ption) by|see you (?:in the )?next (?:video|time)"
    r"|^(?:music|applause|laughter|silence|blank audio|music playing|foreign)$|सब्सक्राइब|देखने के लिए धन्यवाद"
)
"""Nobody says these in a visit."""


@dataclass(frozen=True)
class Plausibility:
    """Whether a transcript has any speech, and its marks."""

    speech: bool
    marks: list[TranscriptionMark]


def plausibility_of(segments: Sequence[Segment], audio_seconds: float | None) -> Plausibility:
    """Judge a transcript by its words."""
    texts = [text for segment in segments if (text := _plain(segment.text))]
    times = Counter(texts)
    speech = any(not _says_nothing(text) and times[text] < _REPEATED and not _is_loop(text) for text in times)
    repeated = any(len(list(run)) >= _REPEATED for _, run in groupby(texts)) or any(map(_is_loop, times))
    marks = {
        TranscriptionMark.MOSTLY_SILENT: _mostly_silent(texts, audio_seconds),
        TranscriptionMark.REPETITION: repeated,
        TranscriptionMark.STOCK_PHRASES: any(map(_STOCK.search, times)) or not (speech or repeated or not texts),
    }
    return Plausibility(speech, [mark for mark, applies in marks.items() if applies])


def _plain(text: str) -> str:
    """Lowercase words with single spaces, without punctuation and signs."""
    kept = "".join(c if c.isalnum() or _joins_letters(c) else " " for c in text.casefold())
    return " ".join(kept.split())


def _joins_letters(character: str) -> bool:
    """True for the vowel signs of Indic scripts, which are no letters; not for the danda."""
    return "\u0900" <= character <= "\u0dff" and character not in "\u0964\u0965"


def _says_nothing(text: str) -> bool:
    return text in _POLITE or bool(_THANKS.fullmatch(text) or _STOCK.search(text))


def _is_loop(text: str) -> bool:
    words = text.split()
    return len(words) >= _LONG_SEGMENT and len(set(words)) <= _DIFFERENT * min(len(words), _COMPARED)


def _mostly_silent(texts: Sequence[str], audio_seconds: float | None) -> bool:
    if audio_seconds is None or audio_seconds < _LONG_SECONDS or not texts:
        return False
    return sum(len(text.split()) for text in texts) < _WORDS_A_MINUTE * audio_seconds / 60
