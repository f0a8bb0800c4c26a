"""What a patient is found by. The store keeps only keyed tokens of these terms, within a scope of visibility.

A search asks three times: for what is exactly so, for words that begin so, and for words that sound so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from shared.records.page import PageQuery
from shared.records.patients import names
from shared.records.patients.patient import Patient
from shared.records.patients.terms import LONGEST_PREFIX, SHORTEST_PREFIX, Term, folded, sound_pairs

MOST_WORDS_TYPED = 8
"""Of a name; more are not looked at."""


class SearchKind(StrEnum):
    """What is searched in."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    NUMBER = "number"
    DATE_OF_BIRTH = "date_of_birth"
    TAG = "tag"


class PatientSearch(PageQuery):
    """A search. The text is a name or the beginnings of its words, a telephone number or its last four digits, an
    e-mail address, a patient number, a date of birth or a tag."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    kinds: list[SearchKind] = list(SearchKind)
    """Where to search; everywhere by default."""


@dataclass(frozen=True)
class Tier:
    """One way of matching: a patient who has a term of every group, or the one of all words together."""

    groups: tuple[tuple[Term, ...], ...]
    """The first is asked of the database, the others are looked for in what it finds. With none, nothing matches."""
    words: tuple[str, ...] = ()
    """What was typed, where words of the name have to begin so."""

    @property
    def together(self) -> Term | None:
        """Finds a name that begins with all words that were typed, wherever it has its spaces."""
        return ("name_prefix", "".join(self.words)[:LONGEST_PREFIX]) if len(self.words) > 1 else None

    @property
    def is_told_by_groups(self) -> bool:
        """Whether terms tell enough of each word: it is neither too long, nor too short beside longer ones."""
        short = [word for word in self.words if len(word) < SHORTEST_PREFIX]
        return len(short) in (0, len(self.words)) and all(len(word) <= LONGEST_PREFIX for word in self.words)

    @property
    def is_told_together(self) -> bool:
        """Whether the term of all words together tells all of them."""
        return len("".join(self.words)) <= LONGEST_PREFIX

    def holds(self, patient: Patient) -> bool:
        """Whether each of the words begins a word of the patient's name, or all together do."""
        runs = names.runs(names.words(f"{patient.first_name} {patient.last_name}"))
        return all(_begins(word, runs) for word in self.words) or _begins("".join(self.words), runs)


def tiers(search: PatientSearch, region: str | None) -> tuple[Tier, Tier, Tier]:
    """What to ask for: what is exactly so, what begins so, what sounds so.

    `region` is the country (ISO 3166) that a telephone number without its country code is taken for.
    """
    exact = tuple(dict.fromkeys(term for term in _exact(search, region) if term[1]))
    words = names.words(search.text)[:MOST_WORDS_TYPED]
    if SearchKind.NAME not in search.kinds or not words:
        return Tier((exact,) if exact else ()), Tier(()), Tier(())
    return Tier((exact,) if exact else ()), _beginning(words), _sounding(words)


def _exact(search: PatientSearch, region: str | None) -> Iterator[Term]:
    text = search.text
    if SearchKind.NAME in search.kinds and names.words(text):
        yield "name", names.full_name(text)
        yield "name_squeezed", names.squeezed(text)
    if SearchKind.PHONE in search.kinds:
        yield from _phones(text, region)
    if SearchKind.EMAIL in search.kinds and "@" in text:
        yield "email", _email(text)
    if SearchKind.NUMBER in search.kinds:
        yield "number", _number(text)
    if SearchKind.DATE_OF_BIRTH in search.kinds:
        yield from (("date_of_birth", day.isoformat()) for day in _dates(text))
    if SearchKind.TAG in search.kinds:
        yield "tag", names.labelled(text)


def _email(text: str) -> str:
    """The address as it is stored, however its domain is written; what is none finds nobody."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return folded(validate_email(folded(text), check_deliverability=False).normalized)
    except EmailNotValidError:
        return folded(text)


def _number(text: str) -> str:
    """The patient number in a text, or else the id."""
    found = re.fullmatch(r"pat[\W_]*(\d+)", folded(text))
    return f"PAT-{found[1]}" if found else folded(text)


def _phones(text: str, region: str | None) -> Iterator[Term]:
    digits = "".join(map(_dialled, unicodedata.normalize("NFKC", text)))
    if not re.fullmatch(r"\+?\d{4,15}", digits):
        return
    if len(digits) == 4:
        yield "phone_last4", digits
        return
    import phonenumbers

    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return
    yield "phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _dialled(character: str) -> str:
    """A digit of any script, or whatever is no sign between digits, as numbers are copied with them."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    between = character.isspace() or unicodedata.category(character) == "Cf"
    return "" if between or unicodedata.category(character)[0] == "P" else character


def _dates(text: str) -> Iterator[date]:
    """The days that a text can mean: year first, or else day first and month first."""
    if found := re.fullmatch(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})", text):
        orders = [tuple(map(int, found.groups()))]
    elif found := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text):
        one, other, year = map(int, found.groups())
        orders = [(year, other, one), (year, one, other)]
    else:
        return
    for year, month, day in orders:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _beginning(words: list[str]) -> Tier:
    """Every word that was typed begins a word of the name, or all of them together do: spaces may be misplaced."""
    long = sorted(dict.fromkeys(word for word in words if len(word) >= SHORTEST_PREFIX), key=len, reverse=True)
    # One word of a name may begin with several that were typed, and makes no pair with itself.
    tellable = [word for place, word in enumerate(long) if not any(other.startswith(word) for other in long[:place])]
    asked = tellable or words  # words that are all so short are found whole
    groups: list[Term] = [("name_prefix", word[:LONGEST_PREFIX]) for word in asked]
    if len(tellable) > 1:
        pair = next(names.pairs([names.heads(word) for word in tellable]))
        groups.insert(0, ("name_pair", " ".join(pair)))
    return Tier(tuple((term,) for term in groups), tuple(words))


def _begins(start: str, runs: list[str]) -> bool:
    return any(run.startswith(start) for run in runs)


def _sounding(words: list[str]) -> Tier:
    """Every word that was typed sounds like a word of the name, by one of its codes."""
    heard = [word for word in words if names.sounds(word)]
    if not heard:
        return Tier(())
    groups = [tuple(("sound", code) for code in names.sounds(word)) for word in heard]
    if len(heard) > 1:
        longest = sorted(heard, key=len, reverse=True)[:2]
        groups.insert(0, tuple(("sound_pair", pair) for pair in sound_pairs(longest)))
    return Tier(tuple(groups))
