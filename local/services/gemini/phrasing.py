"""Rephrases sentences as a clinical note: changes only the person and the frame of a sentence."""

from __future__ import annotations

import re

from local.services.gemini import cues
from local.services.gemini.patterns import pattern, replaced, rules

# Singular "they" keeps the form of the verb, except for "am" and "was".
_TO_THIRD = rules(
    (r"\b(?:i'm|i am)\b", "they are"),
    (r"\b(?:we're|we are)\b", "they are"),
    (r"\bam i\b", "are they"),
    (r"\bi ((?:(?:\w+ly|just|also|still|never|then|,) )*)wasn't\b", r"they \1weren't"),
    (r"\bi ((?:(?:\w+ly|just|also|still|never|then|,) )*)was\b", r"they \1were"),
    (r"\b(i|we)(?='|\b)(?![.\-/]\w)", "they"),
    (r"\b(?:my|our)\b", "their"),
    (r"\b(?:me|us)\b", "them"),
    (r"\b(?:myself|ourselves)\b", "themselves"),
    (r"\b(?:mine|ours)\b", "theirs"),
)
_YOU_TO_THIRD = rules(
    (r"\byou're\b", "they are"),
    (r"\byou(?='|\b)", "they"),
    (r"\byour\b", "their"),
    (r"\byourself\b", "themselves"),
    (r"\byours\b", "theirs"),
)
_DETERMINER = r"(?:an?|some|this|these|the|no|bad|really|severe|mild|constant|terrible|quite a|trouble|difficulty|pain)"
_PATIENT_FRAMES = rules(
    (r"^(?:i've|i have) (not )?been (?=(?!going to )[a-z]+ing\b)", r"Patient reports \1"),
    (r"^(?:i'm|i am) (not )?(?=(?!going to |nothing|something)[a-z]{2,}ing\b)", r"Patient reports \1"),
    (r"^i (?:do )?feel (?!that\b|like (?:i|it|my)\b)", "Patient reports feeling "),
    (rf"^(?:i've got|i've had|i have|i have got|i get) (?={_DETERMINER}\b)", "Patient reports "),
    (r"^(?:there's|there is|there are) no ", "Patient reports no "),
)
_DENIAL = pattern(
    r"^(?:(?:i don't|i do not|i never) (?:really )?(?:have|get)|i(?:'ve| have) not (?:had|noticed|experienced)"
    r"|i haven't (?:had|noticed|experienced)|i didn't (?:have|notice)|i'm not having) (?:any |an |a )?"
    r"(?P<what>(?!to\b|much\b|many\b|enough\b|a lot\b|time\b|idea\b|that\b|it\b|one\b|them\b)[\w' -]+)$"
)
_CLAUSE = pattern(r"\b(?:but|except|if|when|because|since|unless|until|just|only|as|that|who|which|i|i'm|i've)\b")
_ADDRESSED = pattern(r"\byou(?:'\w+|r|rself)?\b")
_NAME_FIRST = re.compile(
    r"(?:[A-Z]\w*[A-Z\d]|Dr\b|Mrs?\b|Ms\b|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z]\w+ [A-Z]\w)"
)


def capitalised(text: str) -> str:
    """The text with its first letter, and every single `i`, in upper case."""
    text = re.sub(r"\bi\b(?=$|[\s',])", "I", text)
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text as a sentence of the report."""
    text = re.sub(r"\s+", " ", text).strip(" ,;:-")
    return capitalised(text) + ("" if text.endswith((".", '"')) else ".")


def quoted(text: str) -> str:
    """The text as a quotation at the end of a sentence."""
    return f'"{capitalised(text.rstrip(" .,"))}."'


def lowered(text: str) -> str:
    """The text within a sentence: the first word in lower case, unless it is clearly a name."""
    return text if _NAME_FIRST.match(text) else text[:1].lower() + text[1:]


def of_patient(text: str) -> str:
    """The patient's words in the third person."""
    return lowered(replaced(text, _TO_THIRD))


def to_patient(text: str) -> str:
    """Words said to the patient in the third person: `harming yourself` becomes `harming themselves`."""
    return replaced(text, _YOU_TO_THIRD)


def patient_said(text: str) -> str:
    """A statement that reports a patient's sentence; it is quoted if a change could alter its meaning."""
    text = cues.YES.sub("", text) or text
    if _ADDRESSED.search(text):
        return f"Patient states: {quoted(text)}"
    if (denial := _DENIAL.match(text)) and not _CLAUSE.search(denial["what"]):
        return sentence(f"Patient denies {of_patient(denial['what'])}")
    for frame, replacement in _PATIENT_FRAMES:
        framed, count = frame.subn(replacement, text)
        if count:
            return sentence(replaced(framed, _TO_THIRD))
    return sentence(f"Patient reports {of_patient(text)}")


_PRACTITIONER_LEAD = rules(
    (r"^(?:i think |the )?(?:the )?best (?:thing|course of action)(?: to do)? is,? ", ""),
    (r"^what (?:i|we)(?:'ll| will|'d like to|'re going to|'m going to| can| might)? do(?: next)?(?: is)?,? ", ""),
    (r"^(?:i think|so|then|today|now|what|for now|first|otherwise),? (?=(?:i|we|let)\b)", ""),
    (r"^(?:what )?(?:i|we)(?:'d| would| do)? (?:also )?(?:like|love|want|need|prefer)(?: for)?(?: you| us)? to ", ""),
    (r"^(?:i|we)(?:'d| would| do)? (?:also )?(?:recommend|suggest|advise|encourage)(?: that)? (?:we|you)(?: to)? ", ""),
    (r"^(?:i|we)(?:'d| would)? (?:have|going to have) you ", ""),
    (r"^(?:i|we)(?:'ll|'m| am|'re| are| will)(?: just| also)? (?!have (?!you))(?:going to )?", ""),
    (r"^(?:have|get) you (?:to )?", ""),
    (r"^(?:i|we) (?=(?:can|could|might|may|should|won't|will not|don't|do not|wouldn't)\b(?! think))", ""),
    (r"^(?:let's|let us(?! know)) ", ""),
    (r"^(?:go ahead and|just|also|please) ", ""),
    (r"^(?:and|then) ", ""),
    (r"^you should ", "Patient should "),
    (r"^you need ", "Patient needs "),
    (r"^you have to ", "Patient has to "),
    (r"^you(?:'ll| will) ", "Patient will "),
    (r"^you(?:'re| are) ", "Patient is "),
    (r"^you ", "Patient "),
)
_ACTION_ARTICLE = pattern(
    r"^((?:start|stop|increase|decrease|reduce|continue|keep|raise|lower|take|change|restart|refill|taper|resume)"
    r"(?:ing)?) (?:the|your|you on(?: the| your)?) "
)
_PURPOSE = pattern(r"^for (?:your|the|that) (?P<what>[^,]{2,40},(?: (?!i\b|we\b)[^,]{2,40},)?) ")
_OBJECT_YOU = pattern(
    r"\b(see|seeing|refer|referring|give|giving|put|putting|start|starting|send|sending|call|check|let|get|"
    r"getting|keep|for|to|with|on|ask|want|like|help|tell|switch|move|prescribe|advise|of|from|about|meet|remind|order|write|have|had|having|"
    r"bring|schedule|set|make|book|contact|around|at|between|told|taking|take|teach|show) you\b"
    r"(?!'|(?<!\bhave you)(?<!\bhad you) (?:are|have|can|should|need|feel|were|do|will|want|get|take|had)\b)"
)
_FINDING_LEAD = rules(
    (r"^(?:(?:on|for) (?:your|the) (?:\w+ )?(?:\w+ )?(?:exam|examination),? )", ""),
    (r"^(?:i|we) (?:do not|don't|did not|didn't|can't) (?:hear|see|appreciate|feel|notice|find|detect) any ", "No "),
    (r"^(?:i|we) (?:do |can |also |did )*(?:hear|see|appreciate|notice|find|note|detect) (?!that\b|how\b|you\b)", ""),
    (r"^(?:i'm|i am) (?:hearing|seeing|noticing|finding) ", ""),
    (r"^you do(?:n't| not) appear ", "Patient doesn't appear "),
)
_PERSON = rules(
    (r"\b(?:you're|you are)\b", "patient is"),
    (r"\b(?:you've|you have)\b", "patient has"),
    (r"\byou (?:do have)\b", "patient does have"),
    (r"\byou (do|don't|do not)\b", r"they \1"),
    (r"\byou ((?:\w+ly )?)(look|seem|appear|sound|smile|make|need|show|present)\b", r"patient \1\2s"),
    (r"\byou(?='|\b)", "they"),
    (r"\byour own\b", "their own"),
    (r"\b(of|in|on|to|at|around|for|from|with) your (?!blood|weight|\w+ (?:mg|milligrams))", r"\1 the "),
    (r"\byour ", ""),
    (r"\byourself\b", "themselves"),
)
_OPINION_LEAD = pattern(r"^(?:i|we) (?:do |really )?(?:think|believe|suspect|feel)(?: that)? ")


def planned(text: str) -> str:
    """A statement of the plan as in a note: `We'll increase the …` becomes `Increase …`."""
    purpose = _PURPOSE.match(text)
    text = replaced(text[purpose.end() :] if purpose else text, _PRACTITIONER_LEAD)
    text = _ACTION_ARTICLE.sub(r"\1 ", text)
    if purpose:
        text = f"for {purpose['what']} {text[:1].lower()}{text[1:]}"
    return sentence(_third_person(text))


def found(text: str) -> str:
    """A finding or result that the practitioner said."""
    return sentence(_third_person(replaced(text, _FINDING_LEAD)))


def judged(text: str) -> str:
    """An opinion of the practitioner; an opinion with `I think` is marked as an impression."""
    opinion, count = _OPINION_LEAD.subn("", text)
    stated = _third_person(opinion)
    return sentence(f"Impression: {stated}") if count else sentence(stated)


def _third_person(text: str) -> str:
    return replaced(_OBJECT_YOU.sub(r"\1 patient", text), _PERSON)
