"""Request bodies of one megabyte, and texts of 40 kB, that cost as much as possible."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

SIZE = 1_000_000


def filled(start: str, part: str, end: str) -> bytes:
    """`start`, as many times `part` as fit into a megabyte, and `end`."""
    count = (SIZE - len(start.encode()) - len(end.encode())) // len(part.encode())
    return (start + part * count + end).encode()


def _names(size: int) -> bytes:
    """An object with as many different names as fit."""
    count = size // 12
    return ("{" + ",".join(f'"x{number:06d}":1' for number in range(count)) + "}").encode()[:SIZE]


def _edits(text: str, count: int) -> bytes:
    edits = [{"section": "plan", "text": text, "reason": "r"}] * count
    return json.dumps({"edits": edits}, ensure_ascii=False).encode()


BODIES: Mapping[str, Callable[[], bytes]] = {
    "many wrong items": lambda: filled('{"text":"a","kinds":[1', ",1", "]}"),
    "many unknown names": lambda: _names(SIZE - 20),
    "one name many times": lambda: filled('{"x":1', ',"x":1', "}"),
    "many edits": lambda: filled('{"edits":[{}', ",{}", "]}"),
    "many empty lists": lambda: filled('{"tags":[[]', ",[]", "]}"),
    "many small objects": lambda: filled('[{"":0}', ',{"":0}', "]"),
    "deep lists": lambda: b"[" * SIZE,
    "deep objects": lambda: filled("", '{"a":', ""),
    "one long text": lambda: filled('{"notes":"', "x", '"}'),
    "one long text of escapes": lambda: filled('{"first_name":"', "\\u0001", '"}'),
    "one long text of emoji": lambda: filled('{"first_name":"', "😀", '"}'),
    "one long name": lambda: filled('{"', "n", '":1}'),
    "one long number": lambda: filled('{"text":', "9", "}"),
    "many numbers": lambda: filled("[0.1", ",0.1", "]"),
    "spaces": lambda: filled("{", " ", "}"),
    "long edits": lambda: _edits("x" * 19_000, 50),
    "long edits with an accent": lambda: _edits("é" + "x" * 19_000, 50),
    "long edits in Tamil": lambda: _edits("தூ" * 9_000, 18),
    "long edits with joiners": lambda: _edits("क्\u200d" * 6_000, 18),
    "long edits with line breaks": lambda: _edits("x\u2028" * 9_900, 25),
    "long edits of accents": lambda: _edits("e\u0301" * 9_900, 33),
    "many surrogates": lambda: filled('{"text":"', "\\ud800", '"}'),
}
"""By what they are made of."""

TEXTS: Mapping[str, str] = {
    "one word": "x" * 40_000,
    "3,000 vowel signs": "\u093e" * 3_000,
    "20,000 line feeds": "\n" * 20_000,
    "short lines": "x\n" * 20_000,
    "numbered lines": "\n".join(map(str, range(8_000))),
    "words": "A long statement. " * 2_200,
    "mixed scripts": "sleep नींद தூக்கம் ঘুম نوم שינה 12 " * 650,
    "alternating letters": "aनbத" * 4_000,
    "alternating directions": "aא" * 13_000,
    "right to left": "تناول 120 ملغ مرتين يوميا " * 900,
    "the widest letter": "\ufdfd" * 13_000,
    "accents on one letter": "a" + "\u0301" * 20_000,
    "open brackets": "א" + "(" * 39_000,
    "nested brackets": "(א)[a]" * 4_500,
    "emoji": "😀" * 10_000,
    "missing glyphs": "\u2ffc" * 13_000,
    "ideographs": "睡眠\uff0c" * 4_400,
    "rare ideographs": "睡𠀡" * 5_700,
    "unspaced syllables": "အိပ်ไม่គេង" * 1_400,
    "joiners": "क\u200d्" * 4_000,
    "spaces": " " * 40_000,
}
"""By their shape."""
