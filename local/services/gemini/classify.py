"""Classifies a sentence by its speaker and words; None if no report needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from local.services.gemini import cues
from local.services.gemini.patterns import pattern, verbose
from local.services.gemini.sentences import words
from local.services.gemini.topics import Topic

_PREFACE = r"""
    (?: (?:i\ (?:think|guess|believe)|maybe|perhaps|probably|definitely|what|otherwise|for\ now|today|then|first|also
    |please|again|and|so|at\ this\ (?:point|time)|in\ the\ meantime
    |for\ (?:that|the|your)(?:\ [\w-]+){1,8}(?:,\ (?!i\b|we\b)[^,]{2,40},)?
    |what\ (?:i|we)(?:'ll|\ will|'d\ like\ to|'re\ going\ to|'m\ going\ to|\ can|\ might)?\ do(?:\ next)?\ is
    |the\ next\ step(?:\ that\ i(?:'d|\ would)\ like\ to\ do)?\ is(?:\ to)?
    |the\ best\ (?:thing|course\ of\ action)(?:\ to\ do)?\ is)[,\ ]+ )*
"""
_WE_WILL = r"""
    (?:i|we)(?:'d|\ would|\ do|'ll|\ will|'re|\ are|'m|\ am)?(?:\ \w+ly|\ just|\ also)*\ (?:like|love|want|need|have|
    going|recommend|suggest|advise|encourage|prefer|refer|referring|send|sending|prescrib(?:e|ing)|start|starting|stop|
    increas(?:e|ing)|decrease|reduce|continue|keep|order|ordering|book|booking|arrang(?:e|ing)|see|check|repeat|add|
    switch|change|give|put|try|get|hold|schedule|review|call|follow|raise|lower|make|do|set|meet|provide|contact|
    organi[sz]e|write|recheck|print|plan|monitor|consider|bring|taper|restart|place)
    |(?:i|we)\ (?:can|could|should|might|may|won't|will\ not|don't\ (?:want|need)|wouldn't)
    |let's|let\ us|they(?:'ll|\ will)|i\ don't\ think\ (?:you|we)\ (?:need|should)
"""
_YOU_SHOULD = r"""
    you(?:'ll|\ will)?\ (?:should|need\ to|can|must|could|might\ want\ to|want\ to|have\ to|need|be\ seen)
    |you're\ going\ to
    |(?:please\ |just\ |don't\ |never\ |try\ to\ |try\ and\ )*(?:start|stop|continue|keep|take|increase|decrease|
    reduce|avoid|drink|eat|rest|apply|use|call|return|come\ back|go|get|make\ sure|monitor|limit|stay|order|schedule|
    follow\ up|try|bring|practi[sc]e|cut\ down|elevate|ice|book|contact|remember|see\ you|restart|taper|switch|refer|
    refill|walk|exercise|write|meet|set)\b
    |make\ sure|it's\ (?:\w+\ ){0,2}(?:important|best|worth|making\ sure)|follow[-\ ]up
    |if\ (?:you|it|that|your|the|there|things|any\w*|dark|symptoms)\b.*
    \b(?:call|come|go|contact|book|let|ring|return|see|stop)
"""
_PLAN_LEAD = verbose(rf"^{_PREFACE}(?:{_WE_WILL}|{_YOU_SHOULD})\b")
_STATED = pattern(r"^(?:i|we) (?:do )?(?:have|see|got)(?! (?:to|you)\b)")
_PROCEDURE = verbose(r"""
    \b(?: listen\ to\ your | (?:take|have)\ a\ (?:quick\ |closer\ )?(?:look|listen)
    | look\ (?:at|in|into|here|up)\b | check\ you | examine\b | (?:quick|physical)\ (?:physical\ )?exam
    | ask\ you | (?:talk|chat|speak)\ (?:a\ \w+\ )?(?:bit\ )?(?:about|through|more) | go\ over | pull\ up
    | be\ right\ back | get\ started | have\ you\ (?:lie|sit|stand|turn|lay|follow) | see\ what | show\ me | tell\ me
    | hear\ from | go\ through | feel\ (?:your|around) | let\ me\ (?!know) | what\ i\ (?:find|hear|see) | start\ with
    | the\ note | figure\ out | move\ on | go\ ahead\ and\ (?:do|look|check\ you|listen)
    | (?:nurse|staff|team)\ will\ (?:be|come)
    )""")
_CONDITION = pattern(r"\bif (?:you|it|things|symptoms|any\w*|the|your)\b")
_ADVISED = pattern(
    r"\b(?:recommend|advise|suggest|should (?:take|avoid)|can (?:also )?(?:help|take|try|use)|worth \w+ing)\b"
)
_DOSE = pattern(r"^take (?:it|them|this|these|one|two|half)\b")
_UNCERTAIN = pattern(r"\b(?:can|could|would|may|might|called|helps?|if|when)\b")
_THERE_IS = pattern(r"^(?:there(?:'s| is| are)|no) ")
_MEASURED = pattern(r"\b(?:good|great|fine|normal|stable|high|low|elevated|perfect|reviewed|right where)\b")
_ABOUT_RESULT = pattern(r"\b(?:is|are|was|were|shows?|showed|came|come|reveal\w*|looks?|at|of|demonstrat\w*)\b|n't\b")
_ABOUT_PATIENT = pattern(r"\b(?:you|your|you're|you've|patient|he|she)\b|^(?:no|there|there's|speech|mood|affect|i)\b")
_GENERAL = pattern(r"^(?:people|patients|some people|most|usually|that's what|often|whenever)\b")


_Rule = tuple[Topic | None, Callable[[str], object]]


def _first(rules: Sequence[_Rule], text: str) -> Topic | None:
    """The topic of the first matching rule."""
    return next((topic for topic, holds in rules if holds(text)), None)


_SAID_BY_PATIENT: Sequence[_Rule] = (
    (Topic.RISK, cues.RISK.search),
    (Topic.ALLERGIES, cues.ALLERGIES.search),
    (Topic.HISTORY, cues.SYMPTOM.search),
    (Topic.FAMILY, cues.FAMILY.search),
    (Topic.SUBSTANCES, cues.SUBSTANCES.search),
    (Topic.MEDICINES, cues.DRUG.search),
    (Topic.SLEEP, cues.SLEEP.search),
    (Topic.APPETITE, cues.APPETITE.search),
    (Topic.MOOD, cues.MOOD.search),
    (Topic.PAST, cues.PAST.search),
    (Topic.SOCIAL, cues.SOCIAL.search),
    (Topic.HISTORY, cues.CONDITION.search),
    (Topic.HISTORY, cues.BODY.search),
    (Topic.HISTORY, cues.RESULTS.search),
)


def of_patient(text: str) -> Topic | None:
    """The topic of a patient's sentence; bodily symptoms and their course are history."""
    if cues.SMALL_TALK.search(text) or len(words(text)) < 3:
        return None
    return _first(_SAID_BY_PATIENT, text)


def of_question(text: str) -> Topic | None:
    """The topic of a practitioner's question; a question about a bodily symptom belongs to the systems review."""
    if cues.SMALL_TALK.search(text):
        return None
    topic = _first(_SAID_BY_PATIENT, text)
    return Topic.SYSTEMS if topic is Topic.HISTORY and cues.SYMPTOM.search(text) else topic


def of_practitioner(text: str) -> Topic | None:
    """The topic of a practitioner's statement; general explanations have none."""
    if len(words(text)) < 3 or _GENERAL.search(text):
        return None
    if _CONDITION.search(text) and cues.FOLLOW_UP.search(text):
        return Topic.FOLLOW_UP
    if _PLAN_LEAD.search(text) and not _STATED.search(text):
        return _plan(text)
    if cues.SMALL_TALK.search(text) or _PROCEDURE.search(text):
        return None
    return _first(_ADVICE, text) if _ADVISED.search(text) else _finding(text) or _opinion(text)


def _plan(text: str) -> Topic | None:
    """The kind of plan in a statement."""
    return _first(_PLAN_KINDS, text)


def _finding(text: str) -> Topic | None:
    """The kind of finding in a statement."""
    is_particular = _ABOUT_PATIENT.search(text) or cues.NUMBER.search(text) or cues.FINDING.search(text)
    return _first(_FINDING_KINDS, text) if is_particular else None


def _is_vital_sign(text: str) -> bool:
    return bool(
        cues.VITALS.search(text) and (cues.NUMBER.search(text) or _MEASURED.search(text)) and not _is_open(text)
    )


def _is_result(text: str) -> bool:
    if cues.SCALE.search(text) and cues.NUMBER.search(text):
        return True
    return bool(cues.RESULTS.search(text) and _ABOUT_RESULT.search(text) and not _UNCERTAIN.search(text))


def _is_open(text: str) -> bool:
    """True if the statement is a judgement or a supposition, not a finding."""
    return bool(cues.FIRM_OPINION.search(text) or _UNCERTAIN.search(text))


def _is_examination(text: str) -> bool:
    if _is_open(text):
        return False
    seen = cues.FINDING.search(text) or cues.CONDITION.search(text)
    return bool(cues.SIGN.search(text) or (seen and (cues.BODY.search(text) or _THERE_IS.search(text))))


def _opinion(text: str) -> Topic | None:
    """Assessment if the statement judges a condition or symptom."""
    clinical = cues.CONDITION.search(text) or cues.SYMPTOM.search(text) or cues.MOOD.search(text)
    if clinical and (cues.FIRM_OPINION.search(text) or (cues.OPINION.search(text) and cues.CONDITION.search(text))):
        return Topic.ASSESSMENT
    return None


_ADVICE: Sequence[_Rule] = ((Topic.PRESCRIBING, cues.DRUG.search), (Topic.EDUCATION, cues.EDUCATION.search))
_PLAN_KINDS: Sequence[_Rule] = (
    (
        Topic.PRESCRIBING,
        lambda text: _DOSE.search(text) or (cues.DRUG.search(text) and cues.MEDICINE_ACTION.search(text)),
    ),
    (Topic.REFERRAL, cues.REFERRAL.search),
    (Topic.FOLLOW_UP, cues.FOLLOW_UP.search),
    (None, _PROCEDURE.search),
    (Topic.TESTS, cues.TESTS.search),
    (Topic.EDUCATION, cues.EDUCATION.search),
    (Topic.PLAN, cues.CONDITION.search),
    (Topic.PLAN, cues.SYMPTOM.search),
)
_FINDING_KINDS: Sequence[_Rule] = (
    (Topic.RISK, cues.RISK.search),
    (Topic.HISTORY, cues.RECAP.search),
    (Topic.VITALS, _is_vital_sign),
    (Topic.RESULTS, _is_result),
    (Topic.APPEARANCE, cues.APPEARANCE.search),
    (Topic.MENTAL_STATE, cues.MENTAL_STATE.search),
    (Topic.EXAMINATION, _is_examination),
)
