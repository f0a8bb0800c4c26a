"""Pseudonymisation (GDPR, article 4 (5)) of what a report's writer sees: names, numbers and addresses of people.

Each is replaced by a placeholder such as `[PATIENT_1]` before the prompt, and put back into the answer. Pure. A text
that was hidden and put back is the same text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from shared.records.drugs.names import often_prescribed
from shared.records.patients import names
from shared.records.reports.names_heard import NO_NAMES


class Kind(StrEnum):
    """What a placeholder stands for. The writer sees it: whose name it is matters to a statement."""

    PATIENT = "PATIENT"
    CONTACT = "CONTACT"
    PRACTITIONER = "PRACTITIONER"
    PERSON = "PERSON"
    """Another person, who was named with a title or introduced themselves."""
    EMAIL = "EMAIL"
    NUMBER = "NUMBER"
    """A telephone number or the number of a document."""
    ADDRESS = "ADDRESS"
    TEXT = "TEXT"
    """A text that looks like a placeholder."""


class UnknownPlaceholder(ValueError):
    """The answer has a placeholder that the prompt did not have."""


@dataclass(frozen=True)
class KnownPeople:
    """What the records say of the people in a visit."""

    names: Mapping[Kind, Sequence[str]] = field(default_factory=dict)
    numbers: Sequence[str] = ()
    """Telephone numbers and numbers of documents."""
    addresses: Sequence[str] = ()
    """Lines of addresses, cities and postal codes."""


_PLACEHOLDER = re.compile(rf"\[?\b(?:{'|'.join(Kind)})_\d{{1,6}}\b\]?")
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_SPOKEN_EMAIL = re.compile(
    r"\b[\w.+-]{1,64}(?: (?:dot|underscore|dash) [\w-]{1,64}){0,4} at [\w-]{1,63}(?: dot [a-z]{2,12}){1,3}\b",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"\b(?:[A-Z]{2,4}-\d{4,12}|[A-Z]{1,3}\d{6,10}|[A-Z]{5}\d{4}[A-Z]|\d{3}-\d{2}-\d{4})\b")
"""Numbers of passports, tax files, charts and social security."""
_NUMBER = re.compile(r"(?<![\w.,/])[+(]{0,2}\d{1,12}(?:[ .()–-]{1,3}\d{1,12}){0,6}(?![\w/]|[.,]\d)")
_DATE = re.compile(r"\d{4}[.-]\d{1,2}[.-]\d{1,2}|\d{1,2}[.-]\d{1,2}[.-]\d{2,4}")
_DIGIT = "(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_SPOKEN_NUMBER = re.compile(rf"\b{_DIGIT}(?:[ ,-]{{1,2}}{_DIGIT}){{6,20}}\b", re.IGNORECASE)
_STREET = re.compile(
    r"\b\d{1,5}[A-Za-z]?,? +(?:[A-Z0-9][\w'\u2019]{0,30} +){1,4}"
    r"(?:Street|Road|Avenue|Lane|Drive|Court|Boulevard|Nagar|Layout|Colony|Marg|Cross|Main)\b"
)
_LEAST_TELEPHONE = 7
"""Digits of a number with a country code or a trunk prefix, or written as 555-1234."""
_LEAST_NUMBER = 10
"""Digits of any other number: a shorter one may be a reading or a year."""

_WORD = re.compile(r"(?<!\w)[^\W\d_](?:[^\s\d.,;:!?()\[\]{}\"“”…«»।॥،؛؟/\\|<>_’'–—-])*")  # noqa: RUF001
"""A letter and what follows it in its word: vowel signs are no letters to `\\w`."""
_SENTENCE_END = re.compile(r"(?:^|[.!?।:]['\"”]?)\s*$")
_BEFORE = 8
"""Characters before a word that show whether it begins a sentence."""
_SHORTEST_SOUND = 4
"""Letters of names that are compared by their sound."""
_WORDS = """
angel art baker bell best bill black brook brown chase christian cook dawn dean drew dusk faith fisher foot forest
frank gene grace grant gray green grey hall hand head hope iris ivy jack joy king lane laurel lily long love mark
miles miller noon olive pain park pat pearl pierce price rain ray reed rice rich robin rose ruby rusty sandy short
sky star stone sue summer sunny victor violet walker ward wells west white wood woods young
"""
_ORDINARY = NO_NAMES | frozenset(_WORDS.split())
"""Names that are also words: they count where they are capitalised within a sentence, or beside another name."""


@dataclass
class Pseudonyms:
    """The placeholders of one prompt. The same text has the same placeholder throughout."""

    known: KnownPeople = field(default_factory=KnownPeople)
    _numbers: Counter[Kind] = field(default_factory=Counter, init=False)
    _by_text: dict[str, str] = field(default_factory=dict, init=False)
    _by_placeholder: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        # The first kinds come last: a name of two people is that of the patient.
        self._words = {
            word: kind
            for kind, people in reversed(list(self.known.names.items()))
            for name in people
            for word in names.words(name)
            if len(word) > 1
        }
        self._sounds = {
            sound: kind
            for word, kind in self._words.items()
            if len(word) >= _SHORTEST_SOUND and word not in _ORDINARY
            for sound in names.sounds(word)
        }
        self._patterns = [
            (Kind.TEXT, _PLACEHOLDER),
            (Kind.EMAIL, _EMAIL),
            (Kind.EMAIL, _SPOKEN_EMAIL),
            *((kind, pattern) for kind, pattern in self._exact() if pattern),
            (Kind.NUMBER, _DOCUMENT),
            (Kind.NUMBER, _SPOKEN_NUMBER),
            (Kind.ADDRESS, _STREET),
        ]

    def hide(self, text: str) -> str:
        """The text with placeholders."""
        parts, at = list[str](), 0
        for start, end, kind in sorted(self._found(text), key=lambda found: (found[0], -found[1])):
            if start >= at:
                parts += [text[at:start], self._placeholder(kind, text[start:end])]
                at = end
        return "".join([*parts, text[at:]])

    def put_back(self, text: str) -> str:
        """The text without placeholders. Raises UnknownPlaceholder."""
        return _PLACEHOLDER.sub(lambda match: self._hidden(match[0]), text)

    def _found(self, text: str) -> Iterator[tuple[int, int, Kind]]:
        for kind, pattern in self._patterns:
            yield from ((*match.span(), kind) for match in pattern.finditer(text))
        yield from ((*match.span(), Kind.NUMBER) for match in _NUMBER.finditer(text) if _is_number_of_person(match[0]))
        yield from self._names(text)

    def _exact(self) -> Iterator[tuple[Kind, re.Pattern[str] | None]]:
        yield Kind.NUMBER, _any_of(self.known.numbers, re.IGNORECASE)
        yield Kind.ADDRESS, _any_of(self.known.addresses, re.IGNORECASE)
        for kind, people in self.known.names.items():
            yield kind, _any_of(name for name in people if " " in name)

    def _names(self, text: str) -> Iterator[tuple[int, int, Kind]]:
        """The names; words of one kind that follow each other are one name."""
        start, end, kind = 0, 0, None
        for match in _WORD.finditer(text):
            beside = kind is not None and text[end : match.start()].strip(" .") == ""
            before = text[max(0, match.start() - _BEFORE) : match.start()]
            found = self._kind_of(match[0], before, beside=beside)
            if kind is not None and not (beside and found == kind):
                yield start, end, kind
                kind = None
            if found is not None:
                start, end, kind = (start if kind else match.start()), match.end(), found
        if kind is not None:
            yield start, end, kind

    def _kind_of(self, word: str, before: str, *, beside: bool) -> Kind | None:
        """Whose name a word is, or sounds like; None if it is no name."""
        key = names.squeezed(word)
        within = word[0].isupper() and not _SENTENCE_END.search(before)
        if key in self._words:
            return self._words[key] if key not in _ORDINARY or within or beside else None
        if not within or len(key) < _SHORTEST_SOUND or key in _ORDINARY or key in often_prescribed():
            return None
        return next((self._sounds[sound] for sound in names.sounds(key) if sound in self._sounds), None)

    def _placeholder(self, kind: Kind, text: str) -> str:
        if text not in self._by_text:
            self._numbers[kind] += 1
            self._by_text[text] = placeholder = f"[{kind}_{self._numbers[kind]}]"
            self._by_placeholder[placeholder] = text
        return self._by_text[text]

    def _hidden(self, placeholder: str) -> str:
        try:
            return self._by_placeholder[f"[{placeholder.strip('[]')}]"]
        except KeyError:
            raise UnknownPlaceholder from None


def _any_of(values: Iterable[str], flags: int = 0) -> re.Pattern[str] | None:
    """A pattern of the values, whatever their spaces; the longest first. None without values."""
    known = {" ".join(value.split()) for value in values}
    escaped = [r"\s+".join(map(re.escape, value.split())) for value in sorted(known, key=len, reverse=True) if value]
    return re.compile(rf"(?<!\w)(?:{'|'.join(escaped)})(?!\w)", flags) if escaped else None


def _is_number_of_person(text: str) -> bool:
    """True for digits that are probably a telephone number or that of a document; not for readings, years and dates."""
    groups = re.findall(r"\d+", text)
    digits = sum(map(len, groups))
    if _DATE.fullmatch(text.strip()) or digits > 16:
        return False
    if text.lstrip("(").startswith(("+", "0")) or re.fullmatch(r"\d{3}-\d{4}", text):
        return digits >= _LEAST_TELEPHONE
    years = all(len(group) == 4 and group[:2] in ("19", "20") for group in groups)
    return digits >= _LEAST_NUMBER and max(map(len, groups)) >= 4 and not years
