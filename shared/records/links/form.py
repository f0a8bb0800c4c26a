"""The form of a link's page: it is valid once, for this link as it is now, and for half an hour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

VALID_FOR = timedelta(minutes=30)
TYPING_TAKES = timedelta(seconds=1)
"""Nobody reads the page and types a passcode in less. A form that comes back sooner was filled in by a program."""
_FORM = re.compile(r"([0-9a-f]{1,12})\.([0-9]{1,6})\.([0-9a-f]{24})")
_LONGEST = 44
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Form:
    """When a page was shown, and the revision of the link then: a guess or an opening makes another revision, so each
    form counts once."""

    issued_ms: int
    """Milliseconds since 1970."""
    revision: int

    @classmethod
    def at(cls, moment: datetime, revision: int) -> Self:
        return cls((moment - _EPOCH) // _MILLISECOND, revision)

    @property
    def signed_text(self) -> str:
        """What the MAC covers."""
        return f"{self.issued_ms:x}.{self.revision}"

    def with_mac(self, mac: bytes) -> str:
        """The form's hidden value."""
        return f"{self.signed_text}.{mac.hex()}"

    def fits(self, revision: int, now: datetime, at_least: timedelta = TYPING_TAKES) -> bool:
        """True if it is of the link as it is now, and neither too old nor too new."""
        age = now - (_EPOCH + self.issued_ms * _MILLISECOND)
        return self.revision == revision and at_least <= age <= VALID_FOR


def read_form(text: str) -> tuple[Form, bytes] | None:
    """The form of a hidden value and its MAC, which is not checked here; None for any other text."""
    found = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    return Form(int(found[1], 16), int(found[2])), bytes.fromhex(found[3])
