"""Greek words in Latin letters."""

from __future__ import annotations

from collections.abc import Iterator

from shared.records.patients.pronunciation.rules import applied

_ALWAYS = (
    ("^γ?ου(?=[αειηο])", "w"), ("ου", "u"), ("αυ", "av"), ("ευ", "ev"), ("ηυ", "iv"), ("τζ", "j"), ("τσ", "ts"),
    ("γχ", "nch"), ("γξ", "nx"), ("^μπ", "b"), ("^ντ", "d"), ("^γκ", "g"), ("γγ", "γκ"),
    ("(?<=[αεηιουω])γι(?=[αεουω])", "y"),
)  # fmt: skip
_BARE = (("μπ", "b"), ("ντ", "d"), ("γκ", "g"))
_NASAL = (("μπ", "mb"), ("ντ", "nd"), ("γκ", "ng"))
"""The digraphs inside a word: b, d and g, with a nasal before them or without."""


def spellings(word: str) -> Iterator[str]:
    """With and without the nasals, χ as h and as k, γι at the beginning as y too, and with the other ending.

    Abroad, names lose their final s: Nicolas is Νικόλα too.
    """
    spelt = applied(_ALWAYS, word.replace("ς", "σ"))
    for chi in "hk" if "χ" in spelt else "h":
        for digraphs in (_BARE, _NASAL, (*_NASAL[:2], *_BARE[2:])):
            yield applied(digraphs, spelt).replace("χ", chi)
    bare = applied(_BARE, spelt).replace("χ", "h")
    if spelt.startswith("γι"):
        yield bare.removeprefix("γ")
    yield bare.removesuffix("σ") if bare.endswith("σ") else f"{bare}s"
