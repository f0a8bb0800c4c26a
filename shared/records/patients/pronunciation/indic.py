"""Indian scripts: a consonant without a sign has an a, which is written only when it is the first letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.records.patients.pronunciation.rules import applied

_BLOCKS = (0x900, 0x980, 0xA00, 0xA80, 0xB00, 0xB80, 0xC00, 0xC80, 0xD00)
"""Devanagari to Malayalam: each has the same letter at the same place."""
_CONSONANT = "".join(f"{chr(at + 0x15)}-{chr(at + 0x39)}{chr(at + 0x58)}-{chr(at + 0x5F)}" for at in _BLOCKS) + "ৰৱක-ෆ"
_NUKTA = "".join(chr(at + 0x3C) for at in _BLOCKS)
_NASAL = "\u0901\u0902\u0981\u0982\u0a02\u0a70\u0a82\u0b02\u0c02\u0c82\u0d02\u0d82"
_NASAL_SIGNS = re.compile(f"[{_NASAL}]")
"""Anusvara, candrabindu and tippi: the nasal of the next consonant."""
_FINAL_M = re.compile("[\u0c02\u0c82\u0d02\u0d82]$")
"""The anusvara at the end of a Telugu, Kannada, Malayalam or Sinhala word is m."""
_WITH_A = re.compile(f"([{_CONSONANT}][{_NUKTA}]?)(?=[{_CONSONANT}{_NASAL}])")
_BETWEEN_EQUALS = re.compile(f"([{_CONSONANT}])(?=\\1)")
_TAMIL_H = re.compile("(?<=[^்ங])க(?![்க])")
"""The k of Tamil between vowels is an h too: முகமது is Mohamed, and முருகன் Murugan."""
_SEQUENCES = (("ന്റ", "nt"), ("ൻറ", "nt"), ("ൻ്റ", "nt"), ("റ്റ", "tt"), ("ഖ", "kh"))
"""Letters of Malayalam that are read together."""


def spellings(word: str) -> Iterator[str]:
    """The word with each a before another consonant, without those between equal ones, which may be mute, and with the
    h of Tamil."""
    word = applied(_SEQUENCES, _FINAL_M.sub("m", word.replace("ஃ", "")))  # which only turns the p behind it into f
    yield _NASAL_SIGNS.sub("n", _WITH_A.sub(r"\1a", word))
    if _BETWEEN_EQUALS.search(word):
        parted = _WITH_A.sub(lambda found: found[1] if word[found.end()] == found[1][0] else f"{found[1]}a", word)
        yield _NASAL_SIGNS.sub("n", parted)
    if _TAMIL_H.search(word):
        yield _WITH_A.sub(r"\1a", _TAMIL_H.sub("ஹ", word))
