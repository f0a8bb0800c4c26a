"""The report: what was said in a consultation, chosen and put in the form of a note, with the segments it is from.

Nothing is invented: each statement is made of the words of one or two segments, and one that is not is dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from local.gemini import classify, cues, phrasing, questions
from local.gemini.patterns import pattern
from local.gemini.questions import Question
from local.gemini.sentences import split, words
from local.gemini.topics import Report, Topic
from local.gemini.transcript import Section, Speaker, Turn, with_roles

_LONGEST = 55
"""Words beyond which a statement is a speech, not a finding."""
_MOST = {Topic.COMPLAINT: 2, Topic.HISTORY: 12}
_MOST_OTHERWISE = 8
_FOLLOWING = 2
"""How many sentences after the first one still answer a question about a topic."""

REPORTING_WORDS = frozenset(
    "patient patients report reports denies deny states feeling asked about whether impression they them their theirs "
    "themselves is are was were be been am has have had do does did not no cannot will would they're the a an and or of "
    "to in on at it its that this there because going want got let i me my we our you your yourself s t".split()
)
"""The words that a statement may use without having heard them: the frame of a note, and the change of person."""


@dataclass(frozen=True)
class Statement:
    """One statement of the report and the numbers of the segments it was said in."""

    section: str
    text: str
    segments: tuple[int, ...]


@dataclass(frozen=True)
class _Candidate:
    topic: Topic
    text: str
    segments: tuple[int, ...]
    weight: int

    @property
    def content(self) -> frozenset[str]:
        return frozenset(content_words(self.text))


@dataclass(frozen=True)
class _Spoken:
    """A turn and its sentences."""

    turn: Turn
    sentences: list[str]

    @property
    def number(self) -> int:
        return self.turn.number

    @property
    def by_patient(self) -> bool:
        return self.turn.speaker == Speaker.PATIENT


def write(sections: Sequence[Section], turns: Sequence[Turn]) -> list[Statement]:
    """The statements that the turns support, in the order of `sections` and, within one, of the transcript."""
    spoken = [_Spoken(turn, split(turn.text)) for turn in with_roles(tuple(turns))]
    said = {turn.number: turn.text for turn in turns}
    candidates = [candidate for candidate in _candidates(spoken) if _is_supported(candidate, said)]
    report = Report(sections)
    placed: dict[str, list[_Candidate]] = {section.id: [] for section in sections}
    for candidate in _without_repeats([*_complaints(spoken, candidates), *candidates]):
        if section := report.section(candidate.topic):
            placed[section].append(candidate)
    return [
        Statement(section, candidate.text, candidate.segments)
        for section, found in placed.items()
        for candidate in _best(found)
    ]


def content_words(text: str) -> list[str]:
    """The words of a text that carry content, without a plural or genitive ending."""
    found = (re.sub(r"'\w+$", "", word) for word in words(re.sub(r"n't\b", "", text)))
    return [re.sub(r"(?<=\w{3})s$", "", word) for word in found if word not in REPORTING_WORDS]


def _is_supported(candidate: _Candidate, said: dict[int, str]) -> bool:
    heard = set(content_words(" ".join(said[number].replace(" n't", "n't") for number in candidate.segments)))
    return len(words(candidate.text)) <= _LONGEST and candidate.content <= heard


def _candidates(spoken: Sequence[_Spoken]) -> Iterator[_Candidate]:
    question: Question | None = None
    for current in spoken:
        if current.by_patient:
            yield from _from_patient(current, question)
            question = None if current.sentences else question
        elif current.turn.speaker == Speaker.PRACTITIONER:
            yield from _from_practitioner(current)
            asked = questions.found_in(current.sentences)
            if asked or any(len(words(text)) > 2 for text in current.sentences):
                question = Question(asked, current.number) if asked else None


def _from_practitioner(current: _Spoken) -> Iterator[_Candidate]:
    for text in current.sentences:
        if questions.is_question(text):
            continue
        topic = classify.of_practitioner(text)
        if topic is None:
            continue
        if topic in _PLANNED:
            stated = phrasing.planned(text)
        else:
            stated = phrasing.judged(text) if topic is Topic.ASSESSMENT else phrasing.found(text)
        yield _Candidate(topic, stated, (current.number,), _weight(text))


_RESTATES = pattern(
    r"^(?:i|i've|it|not|nothing|none|never)\b(?: \w+)? (?:never|not|no|don't|haven't|didn't|do|have)\b.{0,30}$"
)
_PLANNED = frozenset({Topic.PRESCRIBING, Topic.FOLLOW_UP, Topic.REFERRAL, Topic.TESTS, Topic.EDUCATION, Topic.PLAN})


def _from_patient(current: _Spoken, question: Question | None) -> Iterator[_Candidate]:
    asked = classify.of_question(question.text) if question else None
    rest = current.sentences
    if question and asked and rest:
        joint = _answer(current, question, asked)
        if joint:
            yield joint
            rest = [text for text in _beyond_answer(rest) if text not in joint.text and not _RESTATES.match(text)]
    for index, text in enumerate(rest):
        if questions.is_question(text):
            continue
        topic = classify.of_patient(text)
        if topic is None and index < _FOLLOWING and _may_follow(text):
            topic = Topic.HISTORY if asked is Topic.SYSTEMS else asked
        if topic:
            yield _Candidate(topic, phrasing.patient_said(text), (current.number,), _weight(text))


def _answer(current: _Spoken, question: Question, asked: Topic) -> _Candidate | None:
    """Question and answer as one statement, unless the answer speaks for itself."""
    answer = current.sentences
    if not questions.is_yes_or_no(answer) and classify.of_patient(answer[0]) and _CLAUSE.search(answer[0]):
        return None
    if questions.is_yes_or_no(answer) and len(words(phrasing.joined(answer))) > 12:
        answer = answer[:1]
    text = questions.answered(question, answer)
    if not text:
        return None
    denied = text.startswith("Patient denies")
    topic = Topic.HISTORY if asked is Topic.SYSTEMS and not denied else asked
    bare = text.startswith("Asked") and len(words(phrasing.joined(answer))) < 3
    return _Candidate(topic, text, (question.segment, current.number), _weight(text) - bare)


_CLAUSE = pattern(
    r"\b(?:i|i've|i'm|it's|we)\b.* |\w+ (?:is|are|was|were|has|have|had|feels?|hurts?|gets?|keeps?|makes?)\b"
)


def _beyond_answer(answer: list[str]) -> list[str]:
    """What an answer says besides yes or no."""
    first = answer[0]
    match = cues.YES.match(first) or cues.NO.match(first)
    tail = first[match.end() :].strip(" ,.") if match else ""
    return [*([tail] if tail else []), *answer[1:]]


def _may_follow(text: str) -> bool:
    return len(words(text)) >= 4 and bool(cues.FIRST_PERSON.search(text) or cues.DURATION.search(text))


def _weight(text: str) -> int:
    """How much a sentence tells a clinician."""
    patterns = (
        cues.SYMPTOM,
        cues.MOOD,
        cues.DRUG,
        cues.SLEEP,
        cues.APPETITE,
        cues.CONDITION,
        cues.NUMBER,
        cues.DURATION,
    )
    return sum(1 for pattern in patterns if pattern.search(text)) + (10 if cues.RISK.search(text) else 0)


def _complaints(spoken: Sequence[_Spoken], candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    """Why the patient came: the first thing told in answer to an opening question, else the first symptom told."""
    opened = -1
    for current in spoken[:30]:
        if not current.by_patient and any(cues.OPENING_QUESTION.search(text) for text in current.sentences):
            opened = current.number
            break
    told = [
        one for one in candidates if one.topic in _TOLD and one.weight > 0 and not one.text.startswith("Patient denies")
    ]
    patients = {current.number for current in spoken if current.by_patient}
    told = [one for one in told if one.segments[-1] in patients]
    after = [one for one in told if one.segments[-1] > opened]
    for one in (after or told)[:1]:
        yield _Candidate(Topic.COMPLAINT, one.text, one.segments, one.weight)


_TOLD = frozenset({Topic.HISTORY, Topic.MOOD, Topic.SLEEP})


def _without_repeats(candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    kept: list[frozenset[str]] = []
    for candidate in candidates:
        content = candidate.content
        if not content or any(content <= other for other in kept):
            continue
        kept.append(content)
        yield candidate


def _best(candidates: list[_Candidate]) -> list[_Candidate]:
    """The statements that tell most, as many as a section may hold, in the order of the transcript."""
    if not candidates:
        return []
    commonest = Counter(candidate.topic for candidate in candidates)
    most = max(_MOST.get(topic, _MOST_OTHERWISE) for topic in commonest)
    chosen = sorted(candidates, key=lambda candidate: -candidate.weight)[:most]
    return sorted(chosen, key=lambda candidate: candidate.segments)
