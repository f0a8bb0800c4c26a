"""The topics of sentences, and the sections of a report for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from local.services.gemini.patterns import pattern
from local.services.gemini.transcript import Section


class Topic(StrEnum):
    """The topic of a statement; a section of a report takes one or more topics."""

    COMPLAINT = "complaint"
    HISTORY = "history"
    SYSTEMS = "systems"
    SLEEP = "sleep"
    APPETITE = "appetite"
    MOOD = "mood"
    RISK = "risk"
    SUBSTANCES = "substances"
    SOCIAL = "social"
    FAMILY = "family"
    PAST = "past"
    MEDICINES = "medicines"
    ALLERGIES = "allergies"
    VITALS = "vitals"
    APPEARANCE = "appearance"
    MENTAL_STATE = "mental_state"
    EXAMINATION = "examination"
    RESULTS = "results"
    ASSESSMENT = "assessment"
    PRESCRIBING = "prescribing"
    FOLLOW_UP = "follow_up"
    REFERRAL = "referral"
    TESTS = "tests"
    EDUCATION = "education"
    PLAN = "plan"


class Kind(StrEnum):
    """What a statement is."""

    SAID_BY_PATIENT = "said_by_patient"
    OBSERVED = "observed"
    ASSESSED = "assessed"
    PLANNED = "planned"


_BELOW_PLAN = pattern(r"\b(?:plan|treatment|recommendations?|interventions?)\b")
_ADVISES = pattern(r"follow|referral|education|advice|instructions|next|homework|prescri")
_BELOW_EXAMINATION = pattern(r"\b(?:physical|exam|examination|objective)\b")

# A section takes a topic if its id and title match; the first matching section wins.
_TAKES: Mapping[Topic, re.Pattern[str]] = {
    topic: pattern(words)
    for topic, words in {
        Topic.COMPLAINT: r"\b(?:complaint|presenting|reason for|concern)",
        Topic.HISTORY: r"\b(?:(?:present|current|presenting) (?:illness|complaint|symptoms)|history (?:of )?present|hpi"
        r"|subjective|interval|narrative|progress|summary|data|session (?:notes|content)|symptoms)",
        Topic.SYSTEMS: r"\b(?:systems? review|review of systems?|ros)\b",
        Topic.SLEEP: r"\bsleep",
        Topic.APPETITE: r"\b(?:appetite|eating|nutrition|diet)",
        Topic.MOOD: r"\b(?:mood|emotion|affective|psychological)",
        Topic.RISK: r"\b(?:risk|safety|suicid|harm)",
        Topic.SUBSTANCES: r"\b(?:substance|alcohol|drug use|drugs and|tobacco|smoking|addiction)",
        Topic.SOCIAL: r"\b(?:social|psychosocial|occupation|work|lifestyle|stressors)",
        Topic.FAMILY: r"\bfamily\b",
        Topic.PAST: r"\b(?:past|previous|medical history|psychiatric history|surgical)",
        Topic.MEDICINES: r"\b(?:medications?|medicines?|drug history)\b",
        Topic.ALLERGIES: r"\ballerg",
        Topic.VITALS: r"\b(?:vitals?|observations)\b",
        Topic.APPEARANCE: r"\bappearance\b",
        Topic.MENTAL_STATE: r"\b(?:mental (?:status|state)|mse|behaviou?r)",
        Topic.EXAMINATION: r"(?<!status )(?<!state )\b(?:systems review|examination|exam|objective|findings)\b",
        Topic.RESULTS: r"\b(?:results?|investigations|lab|labs|laboratory|imaging|scale|measures?|score|questionnaire)",
        Topic.ASSESSMENT: r"(?<!risk )\b(?:assessment|impression|diagnos[ei]s|formulation|response)\b",
        Topic.PRESCRIBING: r"\b(?:medications?|medicines?|prescri\w+|pharmac\w+)\b",
        Topic.FOLLOW_UP: r"\b(?:follow|next (?:steps|session|appointment)|review|safety net)",
        Topic.REFERRAL: r"\b(?:referrals?|therapy|psychotherapy)\b",
        Topic.TESTS: r"\b(?:investigations?|tests?|orders?|labs)\b",
        Topic.EDUCATION: r"\b(?:education|advice|counsel|lifestyle|instructions|self-?care|homework)",
        Topic.PLAN: r"\b(?:plan|treatment|recommendations?|next steps)\b",
    }.items()
}
PLANS = frozenset({Topic.PRESCRIBING, Topic.FOLLOW_UP, Topic.REFERRAL, Topic.TESTS, Topic.EDUCATION, Topic.PLAN})


def kind_of(topic: Topic) -> Kind:
    """What a practitioner's statement about the topic is: a plan, a judgement, or something seen."""
    if topic in PLANS:
        return Kind.PLANNED
    return Kind.ASSESSED if topic is Topic.ASSESSMENT else Kind.OBSERVED


_FINDINGS = frozenset(
    {Topic.VITALS, Topic.APPEARANCE, Topic.EXAMINATION, Topic.MENTAL_STATE, Topic.RESULTS, Topic.SYSTEMS}
)

# Alternative topics if the template has no section for a topic.
_ALTERNATIVES: Mapping[Topic, tuple[Topic, ...]] = {
    Topic.COMPLAINT: (Topic.HISTORY,),
    Topic.MOOD: (Topic.HISTORY, Topic.MENTAL_STATE),
    Topic.RISK: (Topic.HISTORY, Topic.MENTAL_STATE, Topic.ASSESSMENT),
    Topic.SUBSTANCES: (Topic.SOCIAL, Topic.HISTORY),
    Topic.FAMILY: (Topic.SOCIAL, Topic.PAST, Topic.HISTORY),
    Topic.ALLERGIES: (Topic.MEDICINES, Topic.PAST, Topic.HISTORY),
    Topic.VITALS: (Topic.EXAMINATION,),
    Topic.APPEARANCE: (Topic.MENTAL_STATE, Topic.EXAMINATION),
    Topic.MENTAL_STATE: (Topic.APPEARANCE, Topic.EXAMINATION),
    Topic.EXAMINATION: (Topic.SYSTEMS,),
    Topic.RESULTS: (Topic.ASSESSMENT, Topic.EXAMINATION),
    Topic.ASSESSMENT: (Topic.RESULTS,),
    Topic.PRESCRIBING: (Topic.PLAN,),
    Topic.FOLLOW_UP: (Topic.PLAN,),
    Topic.REFERRAL: (Topic.PLAN, Topic.FOLLOW_UP),
    Topic.TESTS: (Topic.PLAN, Topic.FOLLOW_UP),
    Topic.EDUCATION: (Topic.PLAN, Topic.FOLLOW_UP),
    Topic.PLAN: (Topic.FOLLOW_UP,),
}


class Report:
    """The sections of one report, by topic."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self._takes: dict[Topic, str] = {}
        for section in sections:
            for topic in _topics_of(section):
                self._takes.setdefault(topic, section.id)

    def section(self, topic: Topic) -> str | None:
        """The id of the section for a topic; None if there is none."""
        for candidate in (topic, *_ALTERNATIVES.get(topic, (Topic.HISTORY,))):
            if candidate in self._takes:
                return self._takes[candidate]
        return None


def _topics_of(section: Section) -> set[Topic]:
    """The topics of a section, from the words of its id and title; a parent in the id limits them."""
    name = re.sub(r"[._\-]+", " ", f"{section.id} {section.title}")
    allowed = set(Topic)
    if _BELOW_PLAN.search(name):
        allowed = {*PLANS, Topic.ASSESSMENT, Topic.RISK}
    elif _BELOW_EXAMINATION.search(name):
        allowed = set(_FINDINGS)
    elif not _ADVISES.search(name):
        allowed -= PLANS
    own = f"{section.id.rpartition('.')[2]} {section.title}"
    found = _matching(re.sub(r"[._\-]+", " ", own), allowed) or _matching(name, allowed)
    return found - {Topic.PLAN} if found & {Topic.PRESCRIBING, Topic.REFERRAL, Topic.TESTS, Topic.EDUCATION} else found


def _matching(name: str, allowed: set[Topic]) -> set[Topic]:
    return {topic for topic in allowed if _TAKES[topic].search(name)}
