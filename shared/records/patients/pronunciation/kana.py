"""Japanese words in kana, in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.records.patients.pronunciation import liquids


def spellings(word: str) -> Iterator[str]:
    """Katakana writes foreign names, so its r is l too."""
    from anyascii import anyascii

    spelt = re.sub("ウ(?=[ィェォ])", "w", word.replace("ッ", "").replace("っ", "").replace("ヴ", "v"))
    latin = anyascii(spelt.replace("ー", "")).lower()
    if re.search("[\u30a1-\u30fa]", spelt):
        yield from liquids.choices(latin, "r")
    else:
        yield latin
