"""Finds the practitioner's questions and their subjects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from local.services.gemini import cues
from local.services.gemini.patterns import pattern
from local.services.gemini.phrasing import capitalised, to_patient
from local.services.gemini.sentences import words

_FRAGMENT = pattern(
    r"^(?:(?:how|what) about|have you got|(?:do you )?have|and|or|with)?\s*(?:you )?any(?: other)? (?P<what>.+)$"
)
_HAVING = pattern(
    r"^(?:do you (?:\w+ )?have|do you get|(?:have|had) you (?:ever |also )?(?:had|got|noticed|experienced|been having"
    r"|been experiencing)|are you (?:having|experiencing|getting)|is there|are there|have there been"
    r"|did you (?:have|notice)|you(?:'ve| have) (?:had|noticed)) (?:any |an |a |some )?(?P<what>.+)$"
)
_BARE = pattern(r"^(?P<what>[a-z]+(?: (?!you\b|is\b|are\b|it\b)[a-z]+){0,3}(?:, [a-z]+(?: [a-z]+){0,3})*)$")
_NOT_A_NAME = pattern(
    r"^(?:to|what|when|how|if|that|who|why|where\w*|which|do|does|did|have|has|had|was|were|can|could|would|will|and"
    r"|tell|no|not|none|your|questions?|concerns?|idea|chance|of|you|it|one|is|are)\b"
)
_TRAILING = pattern(r",?\s+(?:at all|or anything(?: (?:like that|else))?|or something(?: like that)?|then|yet)$")
_INVERTED = pattern(
    r"^(?:(?P<ask>(?:how|what|when|where|whereabouts|why|who|which)"
    r"(?: (?!(?:are|is|do|did|have|has|was)\b)\w+){0,4}) )?"
    r"(?P<aux>are|is|were|was|have|has|had|do|does|did|can|could|will|would) "
    r"(?P<subject>you|it|this|that|they|there|your \w+|the \w+)(?: (?P<rest>.+))?$"
)
_NOUN_GOES_ON = pattern(r"^(?:\w+ )+(?:is|was|are|were) (?:your|the) \w+ (?!\w+(?:ing|ed|ly)\b)[a-z]+$")
_NOUN_STARTS = pattern(r"^(?:\w+ )+(?:is|was|are|were) (?:your|the) \w+ (?!\w+(?:ing|ed|ly)\b)")
_ABOUT = pattern(r"^(?:how|what) about (?P<what>.+)$")
_TIME = r"been|doing|going|at|in|these|this|lately|since|now|today"
_LABELLED = pattern(
    r"^(?:(?:how(?:'s| is| are| has| have| was)|how about|what about|tell me about|what(?:'s| is))"
    r" (?:your|the|this|that)|(?:and )?your)"
    rf" (?P<what>(?!name|date|plan)[\w-]+(?: (?!{_TIME})[\w-]+)?)(?: (?:{_TIME})\b.*)?$"
)
_RESTART = pattern(r"^(?:are|were|do|did|have|is)\b[^,]{0,20}, (?=(?:are|were|do|did|have|is|has) (?:you|it|there)\b)")
_NEW_CLAUSE = pattern(r"(?:^|, |\b(?:and|so|but|okay|ok|alright|right|now|then|well|or|yeah|good|great) )")
_STARTS = pattern(
    r"^(?:any|do|did|does|are|is|was|were|have|has|had|can|could|would|will|how|what|what's|how's|when|where"
    r"|whereabouts|why|who|which|tell)\b"
)
_TAG = pattern(
    r"^(?:(?:is|was) that (?:right|correct|true|fair)|correct|right|yes|yeah|no|okay|is it|do you|are you)\b"
)
_UNDECIDED = pattern(r"\b(?:never|mind|think|want|like|or (?:do|does|is|are|it|they|did|have))\b")


@dataclass(frozen=True)
class Question:
    """A question without its question mark, and the number of its segment."""

    text: str
    segment: int

    @property
    def what(self) -> str:
        """The finding in a yes/no question: `chest pain` in `Any chest pain?`; empty if there is none."""
        text = _TRAILING.sub("", self.text)
        match = _HAVING.match(text) or _FRAGMENT.match(text) or (cues.NAMED.search(text) and _BARE.match(text))
        what = match["what"].strip(" ,") if match else ""
        if _NOT_A_NAME.match(what) or cues.NEGATED.search(what):
            return ""
        return to_patient(re.sub(r"^any ", "", what, flags=re.IGNORECASE))

    @property
    def offers_a_choice(self) -> bool:
        """True if a bare yes would be ambiguous."""
        return bool(re.search(r"\bor\b|,", self.text, re.IGNORECASE))

    def declared(self, *, negative: bool) -> str:
        """The statement of a yes or no: `they are (not) sleeping well`; empty if it is uncertain."""
        match = _INVERTED.match(_TRAILING.sub("", self.text))
        if not match or match["ask"] or match["subject"].lower() != "you" or not match["rest"]:
            return ""
        rest, aux = to_patient(match["rest"]), match["aux"].lower()
        if _UNDECIDED.search(rest) or cues.NEGATED.search(rest) or aux in ("can", "could", "will", "would"):
            return ""
        if negative:
            return f"they {aux} not {rest}"
        rest = re.sub(r"\b(?:ever|any) ", "", rest)
        return f"they {rest}" if aux == "do" else f"they {aux} {rest}"

    def introduction(self) -> str:
        """The introduction of a quoted answer."""
        text = _TRAILING.sub("", self.text)
        if self.what:
            return f"Asked about {self.what}"
        if label := _LABELLED.match(self.text):
            return capitalised(label["what"])
        if (about := _ABOUT.match(text)) and not _STARTS.match(about["what"]):
            return f"Asked about {to_patient(about['what'])}"
        return _indirect(text) or f'Asked "{capitalised(text)}?"'


def _indirect(text: str) -> str:
    """A question in indirect speech: `Asked how long they have had it`; empty if its word order is unclear."""
    match = _INVERTED.match(text)
    if not match or match["subject"].lower() == "they" or (match["rest"] or "").lower().startswith("you "):
        return ""
    goes_on = bool(_NOUN_GOES_ON.match(text))
    if _NOUN_STARTS.match(text) and not goes_on:
        return ""
    subject, aux = to_patient(match["subject"]), match["aux"].lower()
    verb = "" if aux == "do" and subject == "they" else f" {aux}"
    rest = f" {to_patient(match['rest'])}" if match["rest"] else ""
    order = f"{rest}{verb}" if goes_on else f"{verb}{rest}"
    return capitalised(f"asked {(match['ask'] or 'whether').lower()} {subject}{order}")


def is_question(text: str) -> bool:
    """True if the sentence is a question."""
    return text.endswith("?") or bool(_STARTS.match(text))


def found_in(sentences: Sequence[str]) -> str:
    """The question at the end of a segment, without its question mark; empty if there is none."""
    for index, text in reversed(list(enumerate(sentences))):
        if is_question(text):
            asked = _RESTART.sub("", text.rstrip("?"))
            if index and len(words(asked)) <= 4 and _TAG.match(asked):
                return sentences[index - 1].rstrip("?")
            return ", ".join([*_list_before(sentences[:index], asked), asked])
        if len(words(text)) > 3:
            return _unmarked(text)
    return ""


def _list_before(earlier: Sequence[str], asked: str) -> list[str]:
    """The questions that a short last question continues: `any nausea` before `vomiting`."""
    before: list[str] = []
    continues = bool(_BARE.match(asked)) and not _NOT_A_NAME.match(asked)
    for text in reversed(earlier):
        if not continues or not text.endswith("?"):
            break
        before.insert(0, text.rstrip("?"))
        continues = bool(_BARE.match(before[0]))
    return before


def _unmarked(text: str) -> str:
    """The question at the end of speech without punctuation."""
    starts = [match.end() for match in _NEW_CLAUSE.finditer(text) if cues.QUESTION_START.match(text, match.end())]
    tail = text[starts[-1] :] if starts else ""
    return tail if 3 <= len(words(tail)) <= 30 else ""
