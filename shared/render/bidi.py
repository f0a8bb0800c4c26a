"""The Unicode bidirectional algorithm (UAX #9): embedding levels by python-bidi, and the visual order of a line.

python-bidi wraps the Rust crate unicode-bidi. Its licence (LGPL 3) allows use as an unmodified, separate package.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LEVEL = re.compile(r"Level\(\s*(\d+),?\s*\)")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\u2067\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""A character that may have an odd level, or the level of an Arabic number."""

ISOLATES = ("\u2068", "\u2069")
"""Around a text whose direction must not move what stands beside it: first strong isolate, pop directional isolate."""


def embedded(text: str) -> str:
    """The text as part of a sentence in another script: it moves nothing beside it."""
    first, pop = ISOLATES
    return f"{first}{_without_isolates(text)}{pop}"


def isolated(text: str) -> str:
    """As `embedded`, where the text needs it: a number after a Hebrew name stays after it."""
    return embedded(text) if _RIGHT_TO_LEFT.search(text) else text


def resolved(text: str, *, right_to_left: bool = False) -> tuple[str, list[int] | None]:
    """The text of a paragraph without isolates, and the level of each of its characters; None if all are 0."""
    found = levels(text, right_to_left=right_to_left)
    if found is not None:
        found = [level for level, character in zip(found, text, strict=True) if character not in ISOLATES]
    return _without_isolates(text), found


def _without_isolates(text: str) -> str:
    return "".join(character for character in text if character not in ISOLATES)


def levels(text: str, *, right_to_left: bool = False) -> list[int] | None:
    """The embedding level of each character of a paragraph; None if all are 0, as in nearly every text.

    Odd levels are right to left. `right_to_left` says that the paragraph is of a document in such a script, though it
    may begin with a Latin word; a text without a letter of such a script stays from left to right.
    Raises RuntimeError if python-bidi reports its levels in another form.
    """
    if text.isascii() or not _RIGHT_TO_LEFT.search(text):
        return None
    from bidi import get_display  # type: ignore[import-untyped]  # loaded for the few texts that need it

    base = "R" if right_to_left else None
    report = str(get_display(text, base_dir=base, debug=True)).partition("levels:")[2].partition("paragraphs:")[0]
    by_byte = [int(level) for level in _LEVEL.findall(report)]
    sizes = [len(character.encode()) for character in text]
    if len(by_byte) != sum(sizes):
        raise RuntimeError("python-bidi reports its levels in another form")
    found, position = [], 0
    for size in sizes:
        found.append(by_byte[position])
        position += size
    return found


def is_right_to_left(text: str) -> bool:
    """True if the paragraph begins at the right: its first strong character is of a right-to-left script."""
    if text.isascii() or not _RIGHT_TO_LEFT.search(text):
        return False
    from bidi import get_base_level

    return bool(get_base_level(text))


def visual_order(run_levels: Sequence[int]) -> list[int]:
    """The runs of a line from left to right, by index (rule L2)."""
    order = list(range(len(run_levels)))
    odd = [level for level in run_levels if level % 2]
    for level in range(max(run_levels, default=0), min(odd, default=1) - 1, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and run_levels[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = end + 1
    return order
