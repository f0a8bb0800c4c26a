"""Patient search: queries as search terms. The store holds only keyed tokens of terms, within a scope of visibility.

A search has four tiers: exact matches, word prefixes, phonetic matches, and dates of birth that are known in part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self, TypeVar

from pydantic import Field, StringConstraints

from shared.records import digits, telephones
from shared.records.page import Page, PageQuery
from shared.records.partial_date import Precision
from shared.records.patients import names
from shared.records.patients.patient import Patient
from shared.records.patients.terms import LONGEST_PREFIX, SHORTEST_PREFIX, Term, folded, sound_pairs, whole_name
from shared.records.patients.titles import untitled
from shared.records.patients.typed_dates import dates
from shared.records.record import Value

T = TypeVar("T")

MOST_WORDS_TYPED = 8
"""Maximum number of words of a typed name; further words are ignored."""
_NUMBER_READ = re.compile(
    r"(?:p\W*a\W*t(?:ient)?)?\W*(?:(?:no|nr|number)\b)?[\W_]*(?P<year>(?:19|20)\d\d)(?P<count>[\W_]*\d[\d\W_]*)"
)
"""A patient number as it is read out: the year, and the count within it."""
_DIGITS_OF_COUNT = 4
"""The fewest of a number; a count that is read without its zeros gets them."""


class SearchKind(StrEnum):
    """A field to search in."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    NUMBER = "number"
    DATE_OF_BIRTH = "date_of_birth"
    TAG = "tag"
    CLINICAL_TAG = "clinical_tag"
    """Finds patients only for their doctors: the tokens of clinical tags are in the scopes of doctors alone."""


class PatientSearch(PageQuery):
    """A search. The text is a name or the beginnings of its words, a telephone number or its last four digits, an
    e-mail address, a patient number, a date of birth (a day, a month of a year, or a year) or a tag. Clinical tags find
    patients for their doctors only."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    kinds: list[SearchKind] = Field(default=list(SearchKind), max_length=len(SearchKind))
    """The fields to search in; all by default."""


class SearchNoticeCode(StrEnum):
    """Why a search finds less than its text suggests."""

    TOO_FEW_LETTERS = "too_few_letters"
    """The text is the beginning of a name with too few letters: only names with exactly this word are found."""


class SearchNotice(Value):
    """Why a search finds less than its text suggests. Show it beside an empty result."""

    code: SearchNoticeCode
    detail: str
    minimum_letters: int
    """Letters of a word from which on it is searched as the beginning of a name."""

    @classmethod
    def of(cls, search: PatientSearch) -> Self | None:
        """The notice for a text that is too short to be the beginning of a name, even with its words joined."""
        typed = "".join(_words(search))
        if not 0 < len(typed) < SHORTEST_PREFIX or typed.isdecimal():
            return None
        detail = f"type {SHORTEST_PREFIX} letters or more of a name: fewer find only names with exactly this word"
        return cls(code=SearchNoticeCode.TOO_FEW_LETTERS, detail=detail, minimum_letters=SHORTEST_PREFIX)


@dataclass(frozen=True)
class SearchPage(Page[T]):
    """A page of what a search found. A page may be short, or even empty, without being the last."""

    notice: SearchNotice | None


@dataclass(frozen=True)
class Tier:
    """One way of matching: a patient matches with a term of every group, or the term of all words together."""

    groups: tuple[tuple[Term, ...], ...]
    """The first group is the database query; the others filter its results. Without groups, nothing matches."""
    words: tuple[str, ...] = ()
    """The typed words, if words of the name must begin with them."""

    @property
    def together(self) -> Term | None:
        """The term for names that begin with all typed words joined, wherever the name has spaces."""
        return ("name_prefix", "".join(self.words)[:LONGEST_PREFIX]) if len(self.words) > 1 else None

    @property
    def groups_decide(self) -> bool:
        """True if terms decide the match: no word is longer than a prefix term, or too short beside longer ones."""
        short = [word for word in self.words if len(word) < SHORTEST_PREFIX]
        return len(short) in (0, len(self.words)) and all(len(word) <= LONGEST_PREFIX for word in self.words)

    @property
    def together_decides(self) -> bool:
        """True if the term of all words together is not truncated, so it decides the match alone."""
        return len("".join(self.words)) <= LONGEST_PREFIX

    def holds(self, patient: Patient) -> bool:
        """True if every typed word is a prefix of a word of one of the patient's names, or all words joined are."""
        return any(self._begins(names.runs(names.words(name))) for name in (patient.full_name, *patient.other_names))

    def _begins(self, runs: list[str]) -> bool:
        return all(_begins(word, runs) for word in self.words) or _begins("".join(self.words), runs)


def tiers(search: PatientSearch, region: str | None) -> tuple[Tier, Tier, Tier, Tier]:
    """The tiers of a search: exact, prefix, phonetic, and by a date of birth that is known in part.

    `region` is the country (ISO 3166) assumed for a telephone number without country code.
    """
    exact = tuple(dict.fromkeys(term for term in _exact(search, region) if term[1]))
    words = _words(search)
    by_name = (_prefix_tier(words), _phonetic_tier(words)) if words else (Tier(()), Tier(()))
    return Tier((exact,) if exact else ()), *by_name, _born_around(search)


def _words(search: PatientSearch) -> list[str]:
    """The words of the name that is searched, without titles; none if names are not."""
    return names.words(untitled(search.text))[:MOST_WORDS_TYPED] if SearchKind.NAME in search.kinds else []


def _exact(search: PatientSearch, region: str | None) -> Iterator[Term]:
    text = search.text
    if SearchKind.NAME in search.kinds and names.words(text):
        yield from whole_name(text)
    if SearchKind.PHONE in search.kinds:
        yield from _phones(text, region)
    if SearchKind.EMAIL in search.kinds and "@" in text:
        yield "email", _email(text)
    if SearchKind.NUMBER in search.kinds:
        yield "number", _number(text)
    if SearchKind.DATE_OF_BIRTH in search.kinds:
        yield from (("date_of_birth", str(date)) for date in dates(text))
    if SearchKind.TAG in search.kinds:
        yield "tag", names.labelled(text)
    if SearchKind.CLINICAL_TAG in search.kinds:
        yield "clinical_tag", names.labelled(text)


def _email(text: str) -> str:
    """Normalise an address as stored addresses are. An invalid address stays as typed and matches nobody."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return folded(validate_email(folded(text), check_deliverability=False, allow_quoted_local=True).normalized)
    except EmailNotValidError:
        return folded(text)


def _number(text: str) -> str:
    """The patient number that the text contains, or the text itself, which may be an id.

    People read a number out as digits, with or without what is before them, and with pauses: PAT-2026-0001, 2026 0001.
    """
    if (found := _NUMBER_READ.fullmatch(digits.in_ascii(folded(text)))) is None:
        return folded(text)
    count = re.sub(r"\D", "", found["count"])
    return f"PAT-{found['year']}{count:0>{_DIGITS_OF_COUNT}}"


def _phones(text: str, region: str | None) -> Iterator[Term]:
    try:
        signs = telephones.signs_of(text)
    except ValueError:
        return
    if re.fullmatch(r"[0-9]{4}", signs):
        yield "phone_last4", signs
    elif re.fullmatch(r"\+?[0-9]{5,20}", signs):
        yield from (("phone", one.e164) for one in telephones.readings(signs, region))


def _born_around(search: PatientSearch) -> Tier:
    """Dates of birth that are known in part and may be the typed one, and those that say more than a typed year."""
    if SearchKind.DATE_OF_BIRTH not in search.kinds:
        return Tier(())
    typed = dates(search.text)
    terms = [("date_of_birth", str(wide)) for date in typed for wide in date.wider]
    terms += [("birth_year", str(date)) for date in typed if date.precision == Precision.YEAR]
    return Tier((tuple(dict.fromkeys(terms)),) if terms else ())


def _prefix_tier(words: list[str]) -> Tier:
    """Every typed word is a prefix of a word of the name, or all words joined are, because spaces may be misplaced."""
    long = sorted(dict.fromkeys(word for word in words if len(word) >= SHORTEST_PREFIX), key=len, reverse=True)
    # Two typed words may be prefixes of the same word of a name, which forms no pair with itself.
    distinct = [word for place, word in enumerate(long) if not any(other.startswith(word) for other in long[:place])]
    prefixes = distinct or words  # if all words are short, only whole words match
    groups: list[Term] = [("name_prefix", word[:LONGEST_PREFIX]) for word in prefixes]
    if len(distinct) > 1:
        pair = next(names.pairs([names.heads(word) for word in distinct]))
        groups.insert(0, ("name_pair", " ".join(pair)))
    return Tier(tuple((term,) for term in groups), tuple(words))


def _begins(prefix: str, runs: list[str]) -> bool:
    return any(run.startswith(prefix) for run in runs)


def _phonetic_tier(words: list[str]) -> Tier:
    """Every typed word shares a phonetic code with a word of the name."""
    pronounced = [word for word in words if names.sounds(word)]
    if not pronounced:
        return Tier(())
    groups = [tuple(("sound", code) for code in names.sounds(word)) for word in pronounced]
    if len(pronounced) > 1:
        longest = sorted(pronounced, key=len, reverse=True)[:2]
        groups.insert(0, tuple(("sound_pair", pair) for pair in sound_pairs(longest)))
    return Tier(tuple(groups))
