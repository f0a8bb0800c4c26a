"""Splits recognised speech into clean sentences: removes fillers, stutters and greetings, adds no content."""

from __future__ import annotations

import re

from local.services.gemini.patterns import pattern, replaced, rules

_LONG = 24
"""Above this number of words, a sentence is treated as speech without punctuation and split at its clauses."""
_SHORTEST = 35
"""The minimum number of characters of a clause that only a new `I'll` ends."""

_REWRITES = rules(
    (r"<[^>]*>", " "),
    (r"[\u2018\u2019]", "'"),
    (r"[\u201c\u201d\"]", " "),
    (r"\s*(?:\.\s*){2,}|\u2026", ", "),
    (r"(\w) n't\b", r"\1n't"),  # tokenised contractions
    (r"(\w) '(s|m|re|ve|ll|d)\b", r"\1'\2"),
    (r"\b(?:gonna|gon na)\b", "going to"),
    (r"\b(?:wanna|wan na)\b", "want to"),
    (r"\b(?:gotta|got ta)\b", "got to"),
    (r"\b(?:lemme|lem me)\b", "let me"),
    (r"(?<!\w)'?cause\b(?= (?:i|it|we|he|she|they|the|my|you|there)\b)", "because"),
    (r",\s*(?:u+m+|u+h+m*|e+r+m*|h+m+)\s*,", " "),
    (r"\b(?:u+m+|u+h+m*|e+r+m*|h+m+|mm+)\b[,.]?(?!-)", " "),
    (r",?\s*\b(?:you know(?! (?:how|what|that|the|if|when|where|why|to|it|about))|you see)\b,?", " "),
    (r"\b(?:basically|actually|literally|honestly|to be honest|obviously)\b,?", " "),
    (r"(?<=\w),\s*(?:like|yeah),", " "),
    (r"\bkinda\b", "kind of"),
    (r"(?<![\w-])[a-z']{1,7}-(?=,?\s)[, ]*", " "),  # an incomplete word
    (r"\b(i|we|you|they|he|she|it),? (?=\1'\w)", ""),
    (r"-\s*$|--+", ""),
    (r"\s+([,.?!;:])", r"\1"),
    (r"([,.?!])(?:\s*,)+", r"\1"),
    (r"^[\s,.;:\-]+", ""),
    (r"\s+", " "),
)
_NUMBERS = "zero|oh|one|two|three|four|five|six|seven|eight|nine|ten"
_REPEAT = pattern(rf"\b(?!(?:{_NUMBERS}|very|really|\d+)\b)((?:[a-z']+ )?[a-z']+)(?:,?\s+\1\b)+(?!['-])")
_OPENERS = pattern(
    r"^(?:(?:okay|ok|alright|all right|so|and|but|oh|ah|yeah|hey|um|o+h+|em|i mean|because|anyway|also|again)\b[,.]?\s+"
    r"|(?:right|now|well|great|good|fine|perfect|like|then|sorry|sure|excellent)[,.]\s+"
    r"|(?:well|now)\s+(?=(?:i|i'm|i've|my|it|it's|we|you|your|let's|not|the|there|that's|on)\b))+"
)
_TAGS = pattern(
    r"(?:,\s+(?:okay|ok|right|all right|alright|you know|yeah|doctor|please|if that makes sense)|,?\s+(?:and|but|or))+"
    r"(?=[.?!]?$)"
)
_STOPS = pattern(r"(?<!\bdr\.)(?<!\bmr\.)(?<!\bms\.)(?<!\bmrs\.)(?<=[.?!])\s+")
_CLAUSES = pattern(
    r",?\s+(?=(?:(?:and then|and also|and|but|okay|alright|now)|so(?! (?:we|you|it|that|they|there)\b))\s+"
    r"(?:i|i'm|i've|i'd|i'll|my|it|it's|we|we'll|we're|you|you're|you've|your|let's|let|on|for|have|do|are|any|how|"
    r"what|when|there|there's|the|that's)\b)"
)
_NEW_PLAN = pattern(
    r"(?<=\w)(?<!\bthat)(?<!\bwhat)(?<!\bif)(?<!\bbecause)(?<!\bso)(?<!\band)(?<!\bthen)(?<!\bthink),? "
    r"(?=(?:i'll|we'll|i'm going to|we're going to|let's|i'd like|i want|i would like)\b)"
)


def clean(text: str) -> str:
    """The text of a segment without fillers, incomplete words and repeated words."""
    return _REPEAT.sub(r"\1", replaced(text, _REWRITES)).strip()


def split(text: str) -> list[str]:
    """The clean sentences of a segment; only questions end with a punctuation mark."""
    pieces: list[str] = []
    for sentence in _STOPS.split(clean(text)):
        pieces += _clauses(sentence) if len(sentence.split()) > _LONG else [sentence]
    return [trimmed for piece in pieces if (trimmed := _trim(piece))]


def _clauses(sentence: str) -> list[str]:
    """The clauses of a long sentence; a few words before `I'll …` stay with it: `in two weeks I'll …`."""
    clauses: list[str] = []
    for clause in _CLAUSES.split(sentence):
        clauses.append(clause)
        while starts := _NEW_PLAN.search(clauses[-1], _SHORTEST):
            last = clauses.pop()
            clauses += [last[: starts.start()], last[starts.end() :]]
    return clauses


def _trim(piece: str) -> str:
    asked = piece.rstrip().endswith("?")
    tagged = asked and _TAGS.search(piece)
    body = _TAGS.sub("", _OPENERS.sub("", piece.strip())).strip(" ,.;:!?-")
    return f"{body}?" if asked and not tagged and body else body


def words(text: str) -> list[str]:
    """The words and numbers of a text in lower case."""
    return re.findall(r"[a-z]+(?:'[a-z]+)?|\d+(?:[.,/:]\d+)*", text.lower())
