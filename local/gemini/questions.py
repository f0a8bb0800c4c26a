"""A question of the practitioner, and the statement that it makes together with the patient's answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local.gemini import cues
from local.gemini.patterns import pattern
from local.gemini.phrasing import capitalised, is_hedged, joined, quoted, sentence, to_patient
from local.gemini.sentences import words

_LONGEST_QUOTE = 45
"""Words beyond which an answer is not quoted whole."""

_NOTHING = frozenset("so well and but ah oh okay ok right sorry i it the yes,".split())
"""Words that alone are no answer."""

_FRAGMENT = pattern(
    r"^(?:(?:how|what) about|have you got|(?:do you )?have|and|or|with)?\s*(?:you )?any(?: other)? (?P<what>.+)$"
)
_BARE = pattern(r"^(?P<what>[a-z]+(?: (?!you\b|is\b|are\b|it\b)[a-z]+){0,3}(?:, [a-z]+(?: [a-z]+){0,3})*)$")
_HAVING = pattern(
    r"^(?:do you (?:\w+ )?have|do you get|(?:have|had) you (?:ever |also )?(?:had|got|noticed|experienced|been having|"
    r"been experiencing)|are you (?:having|experiencing|getting)|is there|are there|have there been|did you (?:have|notice)|"
    r"you(?:'ve| have)(?:n't)? (?:had|noticed)) (?:any |an |a |some )?(?P<what>.+)$"
)
_TRAILING = pattern(r",?\s+(?:at all|or anything(?: (?:like that|else))?|or something(?: like that)?|then|yet)$")
_AUXILIARY = r"(?P<aux>are|is|were|was|have|has|had|do|does|did|can|could|will|would)"
_INVERTED = pattern(
    rf"^(?:(?P<ask>(?:how|what|when|where|whereabouts|why|who|which)(?: (?!(?:are|is|do|did|have|has|was)\b)\w+){{0,4}}) )?"
    rf"{_AUXILIARY} (?P<subject>you|it|this|that|they|there|your \w+|the \w+)(?: (?P<rest>.+))?$"
)
_NOUN_GOES_ON = pattern(r"^(?:\w+ )+(?:is|was|are|were) (?:your|the) \w+ (?!\w+(?:ing|ed|ly)\b)[a-z]+$")
_LABELLED = pattern(
    r"^(?:(?:how(?:'s| is| are| has| have| was)|how about|what about|tell me about|what(?:'s| is))"
    r" (?:your|the|this|that)|(?:and )?your) (?P<what>[\w-]+(?: (?!been|doing|going|at|in|these|this|lately|since|now|today)[\w-]+)?)"
    r"(?: (?:been|doing|going|lately|now|today|these|this|since|at|in)\b.*)?$"
)
_NOT_A_NAME = pattern(
    r"^(?:to|what|when|how|if|that|who|why|where\w*|which|do|does|did|have|has|had|was|were|can|could|would|will|and|tell|no|not|none|your|questions?|concerns?|idea|chance|of|you|it|one|is|are)\b"
)
_RESTART = pattern(r"^(?:are|were|do|did|have|is)\b[^,]{0,20}, (?=(?:are|were|do|did|have|is|has) (?:you|it|there)\b)")
_NEW_CLAUSE = pattern(r"(?:^|, |\b(?:and|so|but|okay|ok|alright|right|now|then|well|or|yeah|good|great) )")
_STARTS = pattern(
    r"^(?:any|do|did|does|are|is|was|were|have|has|had|can|could|would|will|how|what|what's|how's|when|where|whereabouts|"
    r"why|who|which|tell)\b"
)


@dataclass(frozen=True)
class Question:
    """What the practitioner asked, without its mark, and the segment that holds it."""

    text: str
    segment: int

    @property
    def what(self) -> str:
        """The finding that a yes/no question asks for: `chest pain` of `Any chest pain?`; else empty."""
        text = _TRAILING.sub("", self.text)
        match = _HAVING.match(text) or _FRAGMENT.match(text) or _BARE.match(text)
        what = match["what"].strip(" ,") if match else ""
        return (
            ""
            if _NOT_A_NAME.match(what) or cues.NEGATED.search(what)
            else to_patient(re.sub(r"^any ", "", what, flags=re.IGNORECASE))
        )

    @property
    def subject(self) -> str:
        """What an open question is about: `Sleep` of `How has your sleep been?`; else empty."""
        match = _LABELLED.match(self.text)
        return match["what"] if match and not re.match(r"name|date|going|plan", match["what"], re.I) else ""


def found_in(sentences: list[str]) -> str:
    """The question that the sentences of one segment end with, without its mark; empty if they ask nothing."""
    for index, text in reversed(list(enumerate(sentences))):
        if text.endswith("?") or _STARTS.match(text):
            asked = _RESTART.sub("", text.rstrip("?"))
            if len(words(asked)) <= 4 and index and _is_tag(asked):
                return sentences[index - 1].rstrip("?")
            return ", ".join([*_list_before(sentences[:index], asked), asked])
        if len(words(text)) > 3:
            return _unmarked(text)
    return ""


def _list_before(earlier: list[str], asked: str) -> list[str]:
    """The questions that a short last one only continues: `any nausea` before `vomiting`."""
    if not _BARE.match(asked) or _NOT_A_NAME.match(asked):
        return []
    before: list[str] = []
    for text in reversed(earlier):
        if not text.endswith("?"):
            break
        before.insert(0, text.rstrip("?"))
        if not _BARE.match(before[0]):
            break
    return before


def is_question(text: str) -> bool:
    """Whether a sentence asks rather than states."""
    return text.endswith("?") or bool(_STARTS.match(text))


def _is_tag(text: str) -> bool:
    return bool(
        re.match(
            r"(?:is|was) that (?:right|correct|true|fair)|correct|right|yes|yeah|no|okay|is it|do you|are you",
            text,
            re.I,
        )
    )


def _unmarked(text: str) -> str:
    """The question at the end of speech that was recognised without punctuation."""
    starts = [match.end() for match in _NEW_CLAUSE.finditer(text) if cues.QUESTION_START.match(text, match.end())]
    tail = text[starts[-1] :] if starts else ""
    return tail if 3 <= len(words(tail)) <= 30 else ""


def answered(question: Question, answer: list[str]) -> str:
    """The statement that a question and its answer make together; empty if the answer is no use without context."""
    whole = joined(answer)
    yes, no = cues.YES.match(whole), cues.NO.match(whole)
    if len(words(whole)) > _LONGEST_QUOTE:
        whole = joined(answer[:2])
    if len(words(whole)) > _LONGEST_QUOTE or not set(words(whole)) - _NOTHING:
        return ""
    if no and not is_hedged(whole) and (denial := _denied(question)):
        return denial
    if yes and not is_hedged(whole) and (report := _affirmed(question)):
        rest = whole[yes.end() :].strip(" .,")
        return f"{report[:-1]}: {quoted(rest)}" if len(words(rest)) > 1 else report
    return f"{_introduced(question)}: {quoted(whole)}"


def is_yes_or_no(answer: list[str]) -> bool:
    """Whether an answer means nothing without its question."""
    return bool(answer) and bool(cues.YES.match(answer[0]) or cues.NO.match(answer[0]))


def _denied(question: Question) -> str:
    what = re.sub(r"^(?:a|an|some) ", "", question.what, flags=re.IGNORECASE)
    if what and not re.search(r"\bor (?:do|does|is|are|it|they|did|have|has|was)\b", what):
        return sentence(f"Patient denies {what}")
    return _declared(question, negative=True)


def _affirmed(question: Question) -> str:
    if re.search(r"\bor\b|,", question.text, re.IGNORECASE):
        return ""  # which of the two it was is not known
    if question.what:
        return sentence(f"Patient reports {question.what}")
    return _declared(question, negative=False)


def _declared(question: Question, *, negative: bool) -> str:
    """A yes/no question turned into what it asks about: `Are you sleeping well?` into `they are (not) sleeping well`."""
    match = _INVERTED.match(_TRAILING.sub("", question.text))
    if not match or match["ask"] or match["subject"].lower() != "you" or not match["rest"]:
        return ""
    rest = to_patient(match["rest"])
    if re.search(r"\b(?:not|n't|never|mind|think|want|like|or (?:do|does|is|are|it|they|did|have))\b", rest, re.I):
        return ""
    rest = rest if negative else re.sub(r"\b(?:ever|any) ", "", rest)
    aux = {"was": "were", "is": "are", "has": "have"}.get(match["aux"].lower(), match["aux"].lower())
    if aux in ("can", "could", "will", "would"):
        return ""
    verb = f"{aux} not " if negative else "" if aux == "do" else f"{aux} "
    return sentence(f"Patient reports they {verb}{rest}")


def _introduced(question: Question) -> str:
    """The question as the opening of a quotation."""
    if question.what:
        return f"Asked about {question.what}"
    if question.subject:
        return capitalised(question.subject)
    text = _TRAILING.sub("", question.text)
    about = re.match(r"(?:how|what) about (?P<what>.+)", text, re.IGNORECASE)
    if about and not _STARTS.match(about["what"]):
        return f"Asked about {to_patient(about['what'])}"
    match = _INVERTED.match(text)
    if not match or match["subject"].lower() == "they" or re.match(r"you\b", match["rest"] or "", re.IGNORECASE):
        return f'Asked "{capitalised(text)}?"'
    subject = to_patient(match["subject"])
    aux = match["aux"].lower()
    verb = "" if aux == "do" and subject == "they" else f" {aux}"
    rest = f" {to_patient(match['rest'])}" if match["rest"] else ""
    order = f"{rest}{verb}" if _NOUN_GOES_ON.match(match.group()) else f"{verb}{rest}"
    return capitalised(f"asked {(match['ask'] or 'whether').lower()} {subject}{order}")
