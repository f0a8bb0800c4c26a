"""Where a line may break in text without spaces between words.

Ideographs and kana: between any two, but no line begins with a closing mark or ends with an opening one (Unicode line
breaking algorithm, UAX #14, classes ID, CJ, CL, NS, OP). Thai, Lao, Burmese and Khmer: where a syllable surely begins
or ends, because words are only known with a dictionary; and where the writer has put a zero-width space. Tibetan:
after a tsheg or a shad. Hangul has spaces between words, and breaks at them.
"""

from __future__ import annotations

import re

_CLOSING = (
    "\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\uff09\uff3d\uff5d\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301b"
    "\u3005\u303b\u309b-\u309e\u30a0\u30fb-\u30fe\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u308e\u3095\u3096"
    "\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\u30ee\u30f5\u30f6\u31f0-\u31ff\uff05\uff61-\uff65\uff67-\uff70"
    "\u2019\u201d\u2026\u2014\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef!%),.:;?\\]}\u00b0\u2103"
)
_OPENING = (
    "\uff08\uff3b\uff5b\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\u301a\u2018\u201c\uff04\uffe5\u2014\u2026"
)
_IDEOGRAPH = (
    "\u2e80-\u2fdf\u3003-\u30ff\u3105-\u312f\u31a0-\u9fff\ua000-\ua4cf\uf900-\ufaff\uff01-\uff9f\U00020000-\U0003ffff"
)
_BURMESE = "\u1000-\u102a\u103f\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066\u106e-\u1070\u1075-\u1081"
"""Consonants and vowels that stand by themselves."""

_ANY = re.compile(f"[{_IDEOGRAPH}\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u200b\u3000]")
_BREAK = re.compile(
    f"(?<=[{_IDEOGRAPH}])(?<![{_OPENING}])(?![{_CLOSING}\uff10-\uff19]|\\s|$)"  # after an ideograph
    f"|(?<=[^\\s\\d{_OPENING}(\\[{{<])(?=[{_IDEOGRAPH}])(?![{_CLOSING}])"  # before one; a number keeps its unit
    "|(?<=[\u0e01-\u0e39\u0e45-\u0e4e])(?=[\u0e40-\u0e44])"  # Thai: before a vowel that is written first
    "|(?<=[\u0e30\u0e2f\u0e46])(?=[\u0e01-\u0e2e])"  # after one that ends a syllable
    "|(?<=[\u0e81-\u0eb9\u0ebb-\u0ebd\u0ec8-\u0ecd])(?=[\u0ec0-\u0ec4])"  # Lao, as Thai
    "|(?<=[\u0eb0\u0eaf\u0ec6])(?=[\u0e81-\u0eae])"
    f"|(?<=[\u1000-\u1038\u103a-\u109f])(?=[{_BURMESE}](?!\u103a|\u1037\u103a|\u1039))"  # not a final or stacked one
    "|(?<=[\u1780-\u17d1\u17d3-\u17dd])(?=[\u1780-\u17a2][\u17b6-\u17c5\u17c9\u17ca])"  # Khmer: before a vowel's
    "|(?<=[\u17d4\u17d5\u17d7])(?=[\u1780-\u17b3])"
    "|(?<=[\u0f0b\u0f0d\u0f0e])(?=[\u0f40-\u0f6c])"
    "|(?<=[\u200b\u3000])(?!\\s|$)"
)


def breaks_in(text: str) -> list[int]:
    """The positions before which a line may begin though there is no space, in order."""
    if text.isascii() or not _ANY.search(text):
        return []
    return [at for at in dict.fromkeys(found.start() for found in _BREAK.finditer(text)) if 0 < at < len(text)]
