"""The search terms stored with a patient."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from shared.records.partial_date import PartialDate, Precision
from shared.records.patients import names
from shared.records.patients.patient import Patient
from shared.records.patients.person_name import full_name
from shared.records.patients.titles import is_title, untitled
from shared.records.privacy import fields_of

SHORTEST_PREFIX = 3
LONGEST_PREFIX = 12
"""In letters. Further typed letters are compared after the patient is decrypted."""
MOST_WORDS_FOUND = 12
"""Maximum number of words of a patient's name with prefix and phonetic terms. Firestore allows 40,000 index entries a
document, and every term has one entry for each doctor who may see the patient. The full name is found at any length."""

MOST_WORDS_OF_OTHERS = 4
"""As `MOST_WORDS_FOUND`, of the preferred name and of that in Latin letters."""

MOST_SOUND_PAIRS = 10
"""Pairs of codes of two words, the likeliest. A query has two words: a term for each pair and each version of the
search key. Firestore accepts 30 values, so three versions fit."""
_FEW_SOUND_PAIRS = 4
"""The same of each two words of a longer name, so that names of three words fit in the first bucket of tokens."""

Term = tuple[str, str]
"""A kind and a value. Kinds: `any`, `name`, `name_squeezed`, `name_prefix`, `name_pair`, `name_born`, `sound`,
`sound_pair`, `phone`, `phone_last4`, `email`, `number`, `date_of_birth`, `birth_year`, `tag`, `clinical_tag`."""
_LABELS = ("tag", "clinical_tag")
_KINDS_BY_USE = (
    *("number", "name", "name_squeezed", "name_born", "phone", "email", "date_of_birth", "phone_last4", "birth_year"),
    *("name_prefix", "name_pair", "clinical_tag", "tag", "sound", "sound_pair"),
)
"""The kinds of terms, the ones first that a merged record must be found by."""
ANY: Term = ("any", "")
"""A term of every patient: within a scope, it finds all visible patients."""


def terms_of(patient: Patient) -> set[Term]:
    """All terms that find the patient."""
    return desk_terms_of(patient) | clinical_terms_of(patient)


def desk_terms_of(patient: Patient) -> set[Term]:
    """The terms that the front desk may search by."""
    name = patient.full_name
    terms = {ANY, ("number", patient.number), ("number", patient.id), *_name_terms(name)}
    terms |= born(name, patient.date_of_birth)
    terms |= _birth_year(patient.date_of_birth)
    for other in patient.other_names:
        terms |= set(_name_terms(other, MOST_WORDS_OF_OTHERS))
    terms.add(whole_name(full_name(patient.last_name, patient.first_name))[1])
    terms |= _terms_of_fields(patient, clinical=False)
    return {term for term in terms if term[1] or term == ANY}


def clinical_terms_of(patient: Patient) -> set[Term]:
    """The terms that only clinicians may search by."""
    return {term for term in _terms_of_fields(patient, clinical=True) if term[1]}


def terms_together(patient: Patient, others: Sequence[Patient], most: int) -> tuple[set[Term], set[Term]]:
    """The terms of the front desk, and those of clinicians, of a patient with the records that are merged into it.

    Beyond `most` in all, terms of the merged records are left out: first the coarse ones, by their sound.
    """
    desk, clinical = desk_terms_of(patient), clinical_terms_of(patient)
    further = [(term, desk) for other in others for term in desk_terms_of(other)]
    further += [(term, clinical) for other in others for term in clinical_terms_of(other)]
    by_use = sorted(((term, terms) for term, terms in further if term != ANY), key=lambda one: _place_of(one[0]))
    for term, terms in by_use:
        if term not in terms and len(desk) + len(clinical) < most:
            terms.add(term)
    return desk, clinical


def _place_of(term: Term) -> tuple[int, Term]:
    return _KINDS_BY_USE.index(term[0]), term


def _terms_of_fields(patient: Patient, *, clinical: bool) -> set[Term]:
    """The terms of the clinical fields, or of the others but the name."""
    marks = fields_of(Patient)
    chosen = [(field, kind) for field, kind in marks.searchable if (field in marks.clinical) == clinical]
    return {term for field, kind in chosen if kind != "name" for term in _field_terms(kind, getattr(patient, field))}


def born(name: str, birth: PartialDate | None) -> set[Term]:
    """Full name with date of birth, which two people hardly ever share. Ignores word order and, separately, spaces.

    None for an unknown name, or a date that is not known to the day: many people share those.
    """
    if birth is None or birth.exact is None:
        return set()
    return {("name_born", f"{variant} {birth}") for _, variant in whole_name(name) if variant}


def _birth_year(birth: PartialDate | None) -> set[Term]:
    """The year of a birth that is known by the month: who types the year alone is to find it."""
    if birth is None or birth.precision != Precision.MONTH:
        return set()
    return {("birth_year", birth[:4])}


def whole_name(name: str) -> list[Term]:
    """The terms of a whole name without titles: in any order of its words, and however it is spaced."""
    kept = untitled(name)
    return [("name", names.full_name(kept)), ("name_squeezed", names.squeezed(kept))]


def _name_terms(name: str, most_words: int = MOST_WORDS_FOUND) -> Iterator[Term]:
    yield from whole_name(name)
    words = names.words(untitled(name))[:most_words]
    # A title finds by itself who has it for a name.
    titles = filter(is_title, names.words(name)[:most_words])
    yield from (("name_prefix", title[:LONGEST_PREFIX]) for title in titles)
    runs = names.runs(words)
    yield from (
        ("name_prefix", prefix) for word, run in zip(words, runs, strict=True) for prefix in _prefixes(word, run)
    )
    yield from (("name_pair", " ".join(pair)) for pair in names.pairs([names.heads(run) for run in runs]))
    yield from (("sound", code) for word in words for code in names.sounds(word))
    yield from (("sound_pair", pair) for pair in sound_pairs(words))


def _prefixes(word: str, run: str) -> Iterator[str]:
    """The prefixes of a word, continued into the following words; a shorter word is a term as a whole."""
    if len(word) < SHORTEST_PREFIX:
        yield word
    yield from (run[:length] for length in range(SHORTEST_PREFIX, min(len(run), LONGEST_PREFIX) + 1))


def sound_pairs(words: list[str]) -> Iterator[str]:
    """The pairs of codes of each two words, the likeliest of them."""
    most = MOST_SOUND_PAIRS if len(words) == 2 else _FEW_SOUND_PAIRS
    for one, other in names.pairs(words):
        ranked = [
            (rank + second, code, further)
            for rank, code in enumerate(names.sounds(one))
            for second, further in enumerate(names.sounds(other))
        ]
        yield from (" ".join(sorted(codes)) for _, *codes in sorted(ranked)[:most])


def _field_terms(kind: str, value: object) -> Iterator[Term]:
    for item in value if isinstance(value, list) else [value]:
        if item is None:
            continue
        yield kind, names.labelled(str(item)) if kind in _LABELS else folded(str(item))
        if kind == "phone":
            yield "phone_last4", str(item)[-4:]


def folded(text: str) -> str:
    """Fold case and width; keep punctuation, which is significant here."""
    return unicodedata.normalize("NFKC", text).strip().casefold()
