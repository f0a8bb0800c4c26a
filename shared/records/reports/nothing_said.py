"""Statements that only say that nothing was said: they are none, and a draft of them alone is empty. Pure."""

from __future__ import annotations

import re
from functools import cache

from shared.records.reports.repetition import normalized
from shared.records.templates.fixed_texts import unfilled_texts

_NOTHING_SAID = (
    *("not mentioned", "not documented", "not reported", "not addressed", "not provided", "not available"),
    *("not applicable", "n/a", "nothing was discussed", "nothing was said", "nothing reported", "no information"),
    *("no information provided", "no information available"),
    *("कुछ नहीं बताया गया", "बताया नहीं गया", "उल्लेख नहीं किया गया", "कोई जानकारी नहीं", "जानकारी उपलब्ध नहीं", "लागू नहीं"),
    *("எதுவும் பேசப்படவில்லை", "குறிப்பிடப்படவில்லை", "தெரிவிக்கப்படவில்லை", "தகவல் இல்லை", "தகவல் எதுவும் இல்லை", "பொருந்தாது"),
)
"""What writers state of a section about which nothing was said."""


_TOLD = (
    r"(?:mentioned|documented|reported|addressed|provided|available|discussed|stated|said|recorded|specified|assessed"
    r"|covered|noted|applicable|known|obtained|elicited|asked|given|explored)"
)
_WHERE = (
    r"(?: (?:during|in|at|for|by) (?:the |this |today's )?"
    r"(?:session|visit|consultation|conversation|transcript|recording|appointment|encounter|patient))?"
)
_ENGLISH = re.compile(
    r"(?:(?:this|it|that|(?:this|the) (?:section|topic|item|area)) )?(?:(?:was|is|were|has|have) )?"
    rf"not (?:been )?(?:explicitly |specifically )?{_TOLD}{_WHERE}"
    r"|(?:nothing|none|no (?:relevant )?(?:information|details?|data|mention))(?: (?:was|were|is|are|has been))?"
    rf"(?: {_TOLD})?{_WHERE}"
    r"|unknown|unspecified|tbd|to be (?:determined|completed|confirmed|filled in)|n/a|na|nil|null|blank|empty|pending"
)
"""The same in English, in normal form, in whichever words around it."""


def says_nothing(text: str) -> bool:
    """True for a text that only says that nothing was said, or that has no letter and no digit."""
    plain = normalized(text)
    return plain in _nothing_said() or _ENGLISH.fullmatch(plain) is not None or not any(map(str.isalnum, text))


@cache
def _nothing_said() -> frozenset[str]:
    return frozenset(map(normalized, (*unfilled_texts(), *_NOTHING_SAID)))
