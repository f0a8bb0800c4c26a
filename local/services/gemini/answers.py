"""Combines a question and its answer into one statement."""

from __future__ import annotations

import re
from collections.abc import Sequence

from local.services.gemini import cues
from local.services.gemini.patterns import pattern
from local.services.gemini.phrasing import capitalised, quoted, sentence
from local.services.gemini.questions import Question
from local.services.gemini.sentences import words

_LONGEST_QUOTE = 45
"""The maximum number of words in a quoted answer."""
_LONGEST_WHOLE = 12
"""Above this number of words, the text after a plain yes or no becomes a statement of its own."""
_NOTHING = frozenset(("so", "well", "and", "but", "ah", "oh", "okay", "ok", "right", "sorry", "i", "it", "the"))
"""Words that are not an answer by themselves."""
_AFFIRMS = pattern(r"^(?:i (?:do|have|did|am|was|get|feel|had|think)|i've|i'm|it (?:is|does|was))\b")
_ALTERNATIVE = pattern(r"\bor (?:do|does|is|are|it|they|did|have|has|was)\b")


def is_yes_or_no(answer: Sequence[str]) -> bool:
    """True if the answer has no meaning without its question."""
    return bool(answer) and bool(cues.YES.match(answer[0]) or cues.NO.match(answer[0]))


def answered(question: Question, answer: Sequence[str]) -> str:
    """The statement; a plain yes or no becomes a report or a denial, any other answer is quoted.

    Empty if the answer has no content, or is too long to quote.
    """
    whole = joined(answer)
    if is_yes_or_no(answer) and len(words(whole)) > _LONGEST_WHOLE:
        # A limit in the second sentence belongs to the answer: "No. But at night …".
        whole = joined(answer[:2]) if cues.HEDGED.search(whole) else joined(answer[:1])
    elif len(words(whole)) > _LONGEST_QUOTE:
        whole = joined(answer[:2])
    if len(words(whole)) > _LONGEST_QUOTE or not set(words(whole)) - _NOTHING:
        return ""
    return _plain(question, whole) or f"{question.introduction()}: {quoted(whole)}"


def beyond(answer: Sequence[str]) -> list[str]:
    """The parts of an answer after yes or no."""
    match = cues.YES.match(answer[0]) or cues.NO.match(answer[0])
    tail = answer[0][match.end() :].strip(" ,.") if match else ""
    return [*([tail] if tail else []), *answer[1:]]


def joined(texts: Sequence[str]) -> str:
    """The sentences of an answer as one text."""
    return ". ".join(capitalised(text) for text in texts)


def _plain(question: Question, answer: str) -> str:
    """The report or denial of a plain yes or no; empty for another answer."""
    yes, no = cues.YES.match(answer), cues.NO.match(answer)
    match = yes or no
    if not match or cues.HEDGED.search(answer):
        return ""
    rest = answer[match.end() :].strip(" .,")
    if no:
        return "" if _takes_back(rest) else _denied(question)
    report = "" if cues.NO.match(rest) else _affirmed(question)
    return f"{report[:-1]}: {quoted(rest)}" if report and len(words(rest)) > 1 else report


def _takes_back(rest: str) -> bool:
    """True if the text after a no means yes."""
    return bool(cues.YES.match(rest) or (_AFFIRMS.match(rest) and not cues.NEGATED.search(rest)))


def _denied(question: Question) -> str:
    what = re.sub(r"^(?:a|an|some) ", "", question.what, flags=re.IGNORECASE)
    if what and not _ALTERNATIVE.search(what):
        return sentence(f"Patient denies {what}")
    declared = question.declared(negative=True)
    return sentence(f"Patient reports {declared}") if declared else ""


def _affirmed(question: Question) -> str:
    if question.offers_a_choice:
        return ""
    reported = question.what or question.declared(negative=False)
    return sentence(f"Patient reports {reported}") if reported else ""
