"""What a patient is found by. The store keeps only keyed tokens of these terms, within a scope of visibility.

A search asks three times: for what is exactly so, for words that begin so, and for words that sound so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from shared.records import names
from shared.records.page import PageQuery
from shared.records.patient import Patient
from shared.records.privacy import fields_of

SHORTEST_PREFIX = 3
LONGEST_PREFIX = 12
"""Letters; what is typed beyond is compared after the patient is opened."""
MOST_WORDS = 8
"""Of a name that is typed; more are not looked at."""

Term = tuple[str, str]
"""A kind and a value. Kinds: `any`, `name`, `name_squeezed`, `name_prefix`, `name_pair`, `name_born`, `sound`,
`sound_pair`, `phone`, `phone_last4`, `email`, `number`, `date_of_birth`, `tag`."""
ANY: Term = ("any", "")
"""Every patient has it: in a scope, it finds all that may be seen."""


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
    """One way of matching: a patient who has a term of every group, and whose name holds the beginnings."""

    groups: tuple[tuple[Term, ...], ...]
    """The first is asked of the database, the others are looked for in what it finds. With none, nothing matches."""
    beginnings: tuple[str, ...] = ()
    """What terms cannot tell of the words that were typed: too short, or too long."""

    def holds(self, patient: Patient) -> bool:
        """Whether each of the beginnings begins a word of the patient's name."""
        own = names.words(f"{patient.first_name} {patient.last_name}")
        return all(any(word.startswith(start) for word in own) for start in self.beginnings)


# What is stored


def terms_of(patient: Patient) -> set[Term]:
    """Every term that finds the patient."""
    name = f"{patient.first_name} {patient.last_name}"
    terms = {ANY, ("number", patient.number), born(name, patient.date_of_birth), *_name_terms(name)}
    terms.add(("name_squeezed", names.squeezed(f"{patient.last_name} {patient.first_name}")))
    for field, kind in fields_of(Patient).searchable:
        if kind != "name":
            terms.update(_field_terms(kind, getattr(patient, field)))
    return terms


def born(name: str, day: date) -> Term:
    """A full name and a date of birth together: hardly ever two people's."""
    return "name_born", f"{names.full_name(name)} {day.isoformat()}"


def _name_terms(name: str) -> Iterator[Term]:
    yield "name", names.full_name(name)
    yield "name_squeezed", names.squeezed(name)
    words = names.words(name)
    yield from (("name_prefix", prefix) for word in words for prefix in _prefixes(word))
    yield from (("name_pair", " ".join(pair)) for pair in names.pairs([names.heads(word) for word in words]))
    yield from (("sound", code) for word in words for code in names.sounds(word))
    yield from (("sound_pair", pair) for pair in _sound_pairs(words))


def _prefixes(word: str) -> Iterator[str]:
    """The beginnings of a word that find it; a shorter word is found whole."""
    return (word[:length] for length in range(min(len(word), SHORTEST_PREFIX), min(len(word), LONGEST_PREFIX) + 1))


def _sound_pairs(words: list[str]) -> Iterator[str]:
    for one, other in names.pairs(words):
        for code in names.sounds(one):
            yield from (" ".join(sorted((code, second))) for second in names.sounds(other))


def _field_terms(kind: str, value: object) -> Iterator[Term]:
    for item in value if isinstance(value, list) else [value]:
        if item is None:
            continue
        yield kind, _as_typed(str(item)) if kind in _AS_TYPED else names.normalised(str(item))
        if kind == "phone":
            yield "phone_last4", str(item)[-4:]


_AS_TYPED = ("phone", "email", "date_of_birth")


def _as_typed(text: str) -> str:
    """What has no punctuation to spare."""
    return text.strip().casefold()


# What is asked


def tiers(search: PatientSearch, region: str | None) -> tuple[Tier, Tier, Tier]:
    """What to ask for: what is exactly so, what begins so, what sounds so.

    `region` is the country (ISO 3166) that a telephone number without its country code is taken for.
    """
    exact = tuple(dict.fromkeys(_exact(search, region)))
    words = names.words(search.text)[:MOST_WORDS]
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
        yield "email", _as_typed(text)
    if SearchKind.NUMBER in search.kinds:
        yield "number", text.upper()
    if SearchKind.DATE_OF_BIRTH in search.kinds:
        yield from (("date_of_birth", day.isoformat()) for day in _dates(text))
    if SearchKind.TAG in search.kinds:
        yield "tag", names.normalised(text)


def _phones(text: str, region: str | None) -> Iterator[Term]:
    digits = re.sub(r"[\s()./-]", "", text)
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


def _dates(text: str) -> Iterator[date]:
    """The days that a text can mean: year first, or else day first and month first."""
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
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
    """Every word that was typed begins a word of the name."""
    tellable = sorted((word for word in words if len(word) >= SHORTEST_PREFIX), key=len, reverse=True)
    asked = tellable or words  # words that are all so short are found whole
    groups = [(("name_prefix", word[:LONGEST_PREFIX]),) for word in asked]
    if len(tellable) > 1:
        pair = next(names.pairs([names.heads(word) for word in tellable]))
        groups.insert(0, (("name_pair", " ".join(pair)),))
    untold = tuple(word for word in words if len(word) > LONGEST_PREFIX or (tellable and len(word) < SHORTEST_PREFIX))
    return Tier(tuple(groups), untold)


def _sounding(words: list[str]) -> Tier:
    """Every word that was typed sounds like a word of the name, by one of its codes."""
    heard = [word for word in words if names.sounds(word)]
    if not heard:
        return Tier(())
    groups = [tuple(("sound", code) for code in names.sounds(word)) for word in heard]
    if len(heard) > 1:
        longest = sorted(heard, key=len, reverse=True)[:2]
        groups.insert(0, tuple(("sound_pair", pair) for pair in _sound_pairs(longest)))
    return Tier(tuple(groups))
