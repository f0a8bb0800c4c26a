"""Roles by rule: who of the voices on one channel is the practitioner.

The practitioner asks, says "you" and speaks of tests and plans; the patient answers and says "I" and "my". Each cue
adds to the score of its voice. English and Hindi (Devanagari and Latin letters) have word lists; in other languages
only question marks count, so that many stay unknown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from shared.records.visits.segment import Segment
from shared.records.visits.speech import Speaker

SURE = 0.9
"""The confidence from which the rule names the speakers."""
_SCALE = 4.0
"""The lead in score that makes the confidence 0.73."""
_MOST_OF_THE_REST = 0.75
"""The share of the other voices' words from which one of them is the patient."""
_WORDS_OF_A_PERSON = 0.03
"""The share of all words below which a further voice may be an error of the engine; it stays unknown."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*\u094d?[\u0900-\u097f]*")
_QUESTION_MARKS = "?\uff1f\u061f\u037e\u055e\u1367"


@dataclass(frozen=True)
class Cues:
    """The cues of a language: weights of words, and of patterns in the text of a segment in lowercase."""

    words: Mapping[str, float]
    patterns: Sequence[tuple[re.Pattern[str], float]] = ()


@dataclass(frozen=True)
class Roles:
    """The speaker of each voice, and how certain that is, 0 to 1."""

    speakers: Mapping[int, Speaker]
    confidence: float


def _weighed(*groups: tuple[float, str]) -> dict[str, float]:
    return {word: weight for weight, words in groups for word in words.split()}


_ENGLISH = Cues(
    _weighed(
        (2.0, "your you're you've you'd yourself"),
        (0.5, "you"),
        (1.0, "let's we'll prescribe prescription examine examination assessment refer referral symptoms results"),
        (-1.0, "my i've myself"),
        (-0.5, "i'm i'd me"),
    ),
    (
        (re.compile(r"\b(?:have|do|are|did|can|could|would|were|will|don't) you\b"), 1.5),
        (re.compile(r"^(?:(?:and|so|ok|okay|alright|right|um|uh)[ ,]+)*(?:how|what|when|where|why|which|any)\b"), 1.5),
        (
            re.compile(r"\b(?:brings you|i help you|i(?:'m| am) (?:dr|doctor)|tell me|i(?:'d| would) like you to)\b"),
            2.0,
        ),
        (re.compile(r"\b(?:blood tests?|any questions|follow up|i(?:'m| am) going to|we can|we need)\b"), 1.0),
        (re.compile(r"\btake (?:this|these|one|two)\b"), 1.0),
        (re.compile(r"\bi (?:feel|felt|was|had|have|haven't|don't|didn't|can't|take|get|live|work)\b"), -1.0),
        (re.compile(r"^(?:(?:um|uh|oh)[ ,]+)*(?:no|nope|yes|yeah|yep|not really|thank you,? doctor)\b"), -1.0),
    ),
)
_HINDI = Cues(
    _weighed(
        (1.5, "आप आपको आपका आपकी आपके आपने aap aapko aapka aapki aapke aapne"),
        (1.5, "कैसे कैसा कैसी कब कितने कितना कितनी कहाँ कहां क्यों kaise kaisa kaisi kitne kitna kitni kahan"),
        (1.5, "बताइए बताइये बताएं लीजिए लीजिएगा खाइए खाइएगा करवाइए आइए bataiye lijiye lijiyega khaiye karwaiye"),
        (1.0, "जांच जाँच janch"),
        (-1.5, "मैं मुझे मेरा मेरी मेरे मैंने mujhe mera meri maine"),
        (-1.0, "हूँ हूं हूँ। हूं। hoon hun"),
    ),
    ((re.compile(r"^(?:जी|हाँ|हां|नहीं|haan|nahi|nahin)(?:[\s,।]|$)"), -1.0),),
)
_CUES: Mapping[str, Sequence[Cues]] = {"en": (_ENGLISH, _HINDI), "hi": (_HINDI, _ENGLISH)}
"""By language. People in India mix English and Hindi."""


def with_roles(segments: Sequence[Segment], language: str) -> tuple[list[Segment], float | None]:
    """The segments with the speakers of their voices, and the rule's confidence; None if it did not apply.

    `language` is that of the segments without one of their own.
    """
    roles = _roles((one.voice, one.text, one.language or language) for one in segments if one.voice is not None)
    if roles is None:
        return list(segments), None
    named = [
        one if one.voice is None else one.model_copy(update={"speaker": roles.speakers[one.voice]}) for one in segments
    ]
    return named, roles.confidence


def roles_of(said: Iterable[tuple[int, str]], language: str) -> Roles | None:
    """The roles of the voices, from each segment's voice and text; None for fewer than two voices.

    Below `SURE` every speaker is unknown.
    """
    return _roles((voice, text, language) for voice, text in said)


def _roles(said: Iterable[tuple[int, str, str]]) -> Roles | None:
    """As `roles_of`, from each segment's voice, text and language."""
    scores: dict[int, float] = {}
    words: Counter[int] = Counter()
    for voice, text, language in said:
        cues = _CUES.get(language.partition("-")[0].casefold(), ())
        scores[voice] = scores.get(voice, 0.0) + _score(text, cues)
        words[voice] += len(text.split())
    if len(scores) < 2:
        return None
    first, second, *_ = sorted(scores, key=lambda voice: (scores[voice], -voice), reverse=True)
    confidence = round(1 / (1 + exp((scores[second] - scores[first]) / _SCALE)), 4)
    if confidence < SURE:
        return Roles(dict.fromkeys(scores, Speaker.UNKNOWN), confidence)
    return Roles({first: Speaker.PRACTITIONER, **_others(words, first)}, confidence)


def _score(text: str, cues: Sequence[Cues]) -> float:
    lowered = text.casefold().replace("\u2019", "'")
    score = 1.5 * sum(lowered.count(mark) for mark in _QUESTION_MARKS)
    for one in cues:
        score += sum(one.words.get(word, 0.0) for word in _WORD.findall(lowered))
        score += sum(weight * len(pattern.findall(lowered)) for pattern, weight in one.patterns)
    return score


def _others(words: Counter[int], practitioner: int) -> dict[int, Speaker]:
    """One other voice is the patient. Of several, the one with nearly all words is, and the others accompany it."""
    rest = {voice: count for voice, count in words.items() if voice != practitioner}
    main = max(rest, key=lambda voice: (rest[voice], -voice))
    if rest[main] < _MOST_OF_THE_REST * sum(rest.values()):
        return dict.fromkeys(rest, Speaker.UNKNOWN)
    least = _WORDS_OF_A_PERSON * words.total()
    others = {voice: Speaker.OTHER if count >= least else Speaker.UNKNOWN for voice, count in rest.items()}
    return {**others, main: Speaker.PATIENT}
