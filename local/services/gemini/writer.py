"""An extractive writer: selects sentences of a consultation, rephrases them as a note, and cites their segments.

Nothing is invented: a statement is dropped unless its words come from one or two segments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from local.services.gemini import answers, classify, cues, phrasing, questions
from local.services.gemini.patterns import pattern
from local.services.gemini.questions import Question
from local.services.gemini.sentences import split, words
from local.services.gemini.topics import PLANS, Kind, Report, Topic, kind_of
from local.services.gemini.transcript import Section, Speaker, Turn, with_roles

_LONGEST = 55
"""The maximum number of words in a statement."""
_MOST = {Topic.COMPLAINT: 2, Topic.HISTORY: 12}
_MOST_OTHERWISE = 8
_FOLLOWING = 2
"""The number of sentences of an answer that take the question's topic if they have none of their own."""
_OPENING = 30
"""The number of first segments that may contain the question for the complaint."""
_RISK_WEIGHT = 10

# Words that a statement may add: those of a note's frame, and of the change of person.
_FRAME = re.compile(
    r"patients?|reports?|denies|deny|states|feeling|asked|about|whether|impression|they|them|theirs?|themselves|is|are|was"
    r"|were|be|been|am|has|have|had|do|does|did|not|no|cannot|will|would|the|a|an|and|or|of|to|in|on|at|it|its|that|this"
    r"|there|because|going|want|got|let|i|me|my|we|our|you|your|yourself|s|t"
)
_COMPLAINTS = frozenset({Topic.HISTORY, Topic.MOOD, Topic.SLEEP})
_INFORMATIVE = (
    cues.SYMPTOM,
    cues.MOOD,
    cues.DRUG,
    cues.SLEEP,
    cues.APPETITE,
    cues.CONDITION,
    cues.NUMBER,
    cues.DURATION,
)
_HAS_VERB = pattern(
    r"^(?:no|not|can't|don't)\b|\b(?:i|i've|i'm|it|it's|he|she|they|we|there|there's)\b|\w{2,}(?:ing|ed)\b"
    r"|\b(?:is|are|was|were|has|have|had|feels?|felt|hurts?|gets?|got|keeps?|makes?|comes?|goes|helps?)\b|n't\b"
)
_RESTATES = pattern(
    r"^(?:i|i've|it|not|nothing|none|never)\b(?: \w+)? (?:never|not|no|don't|haven't|didn't|do|have)\b.{0,30}$"
)


@dataclass(frozen=True)
class Statement:
    """One statement of the report and the numbers of its sources."""

    section: str
    text: str
    segments: tuple[int, ...]
    notes: tuple[int, ...] = ()
    kind: Kind = Kind.OBSERVED


@dataclass(frozen=True)
class _Candidate:
    """A statement without a section."""

    topic: Topic
    text: str
    segments: tuple[int, ...]
    weight: int
    by_patient: bool

    @property
    def kind(self) -> Kind:
        return Kind.SAID_BY_PATIENT if self.by_patient else kind_of(self.topic)

    @property
    def content(self) -> frozenset[str]:
        return _content_words(self.text)


@dataclass(frozen=True)
class _Spoken:
    """A segment and its sentences."""

    number: int
    speaker: str
    sentences: list[str]


def write(sections: Sequence[Section], turns: Sequence[Turn]) -> list[Statement]:
    """The statements supported by the turns, in the order of `sections` and then of the transcript."""
    spoken = [_Spoken(turn.number, turn.speaker, split(turn.text)) for turn in with_roles(tuple(turns))]
    heard = {turn.number: _content_words(turn.text.replace(" n't", "n't")) for turn in turns}
    candidates = [candidate for candidate in _candidates(spoken) if _is_supported(candidate, heard)]
    report = Report(sections)
    placed: dict[str, list[_Candidate]] = {section.id: [] for section in sections}
    for candidate in _without_repeats([*_complaint(spoken, candidates), *candidates]):
        if section := report.section(candidate.topic):
            placed[section].append(candidate)
    return [
        Statement(section, candidate.text, candidate.segments, kind=candidate.kind)
        for section, found in placed.items()
        for candidate in _best(found)
    ]


def _candidates(spoken: Sequence[_Spoken]) -> Iterator[_Candidate]:
    question: Question | None = None
    for current in spoken:
        if current.speaker == Speaker.PATIENT:
            yield from _from_patient(current, question)
            question = None if current.sentences else question
        elif current.speaker == Speaker.PRACTITIONER:
            yield from _from_practitioner(current)
            asked = questions.found_in(current.sentences)
            if asked or any(len(words(text)) > 2 for text in current.sentences):
                question = Question(asked, current.number) if asked else None


def _from_practitioner(current: _Spoken) -> Iterator[_Candidate]:
    for text in current.sentences:
        topic = None if questions.is_question(text) else classify.of_practitioner(text)
        if topic:
            yield _Candidate(topic, _noted(topic, text), (current.number,), _weight(text), by_patient=False)


def _noted(topic: Topic, text: str) -> str:
    if topic in PLANS:
        return phrasing.planned(text)
    return phrasing.judged(text) if topic is Topic.ASSESSMENT else phrasing.found(text)


def _from_patient(current: _Spoken, question: Question | None) -> Iterator[_Candidate]:
    asked = classify.of_question(question.text) if question else None
    rest = current.sentences
    if question and asked and (joint := _answer(current, question, asked)):
        yield joint
        rest = [text for text in answers.beyond(rest) if text not in joint.text and not _RESTATES.match(text)]
    for index, text in enumerate(rest):
        if questions.is_question(text) or not (_HAS_VERB.search(text) or cues.DRUG.search(text)):
            continue
        topic = classify.of_patient(text)
        if topic is None and index < _FOLLOWING and _may_follow(text):
            topic = Topic.HISTORY if asked is Topic.SYSTEMS else asked
        if topic:
            yield _Candidate(topic, phrasing.patient_said(text), (current.number,), _weight(text), by_patient=True)


def _answer(current: _Spoken, question: Question, asked: Topic) -> _Candidate | None:
    """Question and answer as one statement; None if the answer is clear by itself."""
    answer = current.sentences
    speaks = answer and classify.of_patient(answer[0]) and _HAS_VERB.search(answer[0])
    if not answer or (speaks and not answers.is_yes_or_no(answer)):
        return None
    text = answers.answered(question, answer)
    if not text:
        return None
    denied = text.startswith("Patient denies")
    topic = Topic.HISTORY if asked is Topic.SYSTEMS and not denied else asked
    bare = text.startswith("Asked") and len(words(answers.joined(answer))) < 3
    return _Candidate(topic, text, (question.segment, current.number), _weight(text) - bare, by_patient=True)


def _may_follow(text: str) -> bool:
    return len(words(text)) >= 4 and bool(cues.FIRST_PERSON.search(text) or cues.DURATION.search(text))


def _weight(text: str) -> int:
    """The clinical weight of a sentence; a risk has the highest."""
    return sum(bool(cue.search(text)) for cue in _INFORMATIVE) + (_RISK_WEIGHT if cues.RISK.search(text) else 0)


def _content_words(text: str) -> frozenset[str]:
    """The content words of a text, without plural or genitive endings."""
    found = (re.sub(r"'\w+$", "", word) for word in words(re.sub(r"n't\b", "", text)))
    return frozenset(re.sub(r"(?<=\w{3})s$", "", word) for word in found if not _FRAME.fullmatch(word))


def _is_supported(candidate: _Candidate, heard: Mapping[int, frozenset[str]]) -> bool:
    """True if the statement is short enough, and its segments contain all its content words."""
    said = frozenset[str]().union(*(heard[number] for number in candidate.segments))
    return len(words(candidate.text)) <= _LONGEST and candidate.content <= said


def _complaint(spoken: Sequence[_Spoken], candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """The chief complaint: the patient's first statement after an opening question, or else the first of all."""
    complaints = [
        candidate
        for candidate in candidates
        if candidate.by_patient and candidate.topic in _COMPLAINTS and candidate.weight > 0
        if not candidate.text.startswith("Patient denies")
    ]
    opened = _opening_question(spoken)
    after = [candidate for candidate in complaints if candidate.segments[-1] > opened]
    return [
        _Candidate(Topic.COMPLAINT, one.text, one.segments, one.weight, by_patient=True)
        for one in (after or complaints)[:1]
    ]


def _opening_question(spoken: Sequence[_Spoken]) -> int:
    """The segment of the practitioner's opening question; -1 if there is none."""
    for current in spoken[:_OPENING]:
        asks = any(cues.OPENING_QUESTION.search(text) for text in current.sentences)
        if asks and current.speaker == Speaker.PRACTITIONER:
            return current.number
    return -1


def _without_repeats(candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    """Drop candidates whose content is in an earlier one of the same speaker; yes and no are never the same."""
    earlier: dict[tuple[bool, bool], list[frozenset[str]]] = {}
    for candidate in candidates:
        content = candidate.content
        before = earlier.setdefault((candidate.by_patient, bool(cues.NEGATED.search(candidate.text))), [])
        if content and not any(content <= other for other in before):
            before.append(content)
            yield candidate


def _best(candidates: list[_Candidate]) -> list[_Candidate]:
    """The most informative statements of a section up to its limit, in the order of the transcript."""
    most = max((_MOST.get(candidate.topic, _MOST_OTHERWISE) for candidate in candidates), default=0)
    chosen = sorted(candidates, key=lambda candidate: -candidate.weight)[:most]
    return sorted(chosen, key=lambda candidate: candidate.segments)
