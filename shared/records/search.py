"""The terms a patient is found by, normalised: the store keeps only keyed tokens of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from shared.records.patient import Patient
from shared.records.privacy import fields_of

SHORTEST_PREFIX = 3
LONGEST_PREFIX = 12

Term = tuple[str, str]
"""A kind (`name`, `name_prefix`, `phone`, `phone_last4`, `email`, `number`, `date_of_birth`, `tag`) and a value."""


def normalised(text: str) -> str:
    """Case, accents, widths and spacing folded away."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return " ".join("".join(c for c in decomposed if unicodedata.category(c) != "Mn" or ord(c) > 0x36F).split())


def full_name(text: str) -> str:
    """A name as it is compared: its words in no particular order."""
    return " ".join(sorted(normalised(text).split()))


def terms_of(patient: Patient) -> set[Term]:
    """Every term that finds the patient."""
    name = f"{patient.first_name} {patient.last_name}"
    terms = {("name", full_name(name)), ("number", patient.number)}
    terms.update(("name_prefix", prefix) for word in normalised(name).split() for prefix in _prefixes(word))
    for field, kind in fields_of(Patient).searchable:
        if kind != "name":
            terms.update(_field_terms(kind, getattr(patient, field)))
    return terms


def _prefixes(word: str) -> Iterator[str]:
    return (word[:length] for length in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX) + 1))


def _field_terms(kind: str, value: object) -> Iterator[Term]:
    for item in value if isinstance(value, list) else [value]:
        if item is None:
            continue
        yield kind, normalised(str(item))
        if kind == "phone":
            yield "phone_last4", str(item)[-4:]
