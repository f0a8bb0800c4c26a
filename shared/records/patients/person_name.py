"""The names that a patient can have, and placeholders, which are none."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from shared.records.record import Value
from shared.records.text import Name
from shared.records.types import is_request

_WORDS = frozenset(
    unicodedata.normalize("NFKC", word).casefold()
    for word in (
        *("unknown", "not known", "unknown unknown", "unknown patient", "no name", "unnamed", "name unknown"),
        *("not available", "not applicable", "not given", "none given", "anonymous", "n/a", "n.a.", "n.n.", "tbd"),
        *("अज्ञात", "अनाम", "பெயர் தெரியாது", "தெரியாது", "مجهول", "غير معروف", "نامعلوم"),
        *("不明", "未知", "無名", "无名", "미상", "unbekannt", "inconnu", "desconocido", "sconosciuto"),
    )
)
"""What forms hold in place of a name, in the languages of clinics."""
_FILLER = re.compile(r"NA|TBA|(?i:x{2,20})|0{1,20}")
"""`Na` and `X` are names; `NA` and `XXX` fill a field."""
_ADVICE = "is a placeholder, not a name: leave the field out, and say name_unknown: true if no name is known"


def is_placeholder(text: str) -> bool:
    """True for a text that fills the field of a name that nobody knows: punctuation, "unknown", "NA", "xxx"."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not any(unicodedata.category(character)[0] in "LN" for character in text):
        return True
    return " ".join(text.casefold().split()) in _WORDS or _FILLER.fullmatch(text) is not None


def _named(name: str, info: ValidationInfo) -> str:
    if is_request(info) and is_placeholder(name):
        raise ValueError(_ADVICE)
    return name


PersonName = Annotated[Name, AfterValidator(_named)]
"""A name of a person, which is no placeholder."""


def _latin(name: str, info: ValidationInfo) -> str:
    letters = (character for character in name if unicodedata.category(character)[0] == "L")
    if is_request(info) and any("LATIN" not in unicodedata.name(letter, "") for letter in letters):
        raise ValueError("must be in Latin letters, as in a passport")
    return name


_LatinText = Annotated[PersonName, AfterValidator(_latin)]


class LatinName(Value):
    """A name in Latin letters, as in a passport, beside the name in the person's own script."""

    first_name: _LatinText | None = None
    last_name: _LatinText | None = None

    @property
    def text(self) -> str:
        """The names, first name first; empty if there is none."""
        return full_name(self.first_name, self.last_name)


def display_name(first: str | None, last: str | None, number: str) -> str:
    """The full name, or what stands in its place on lists and paper."""
    return full_name(first, last) or f"Unknown patient {number}"


def full_name(first: str | None, last: str | None) -> str:
    """The names that a person has, first name first."""
    return " ".join(name for name in (first, last) if name)
