"""Psychotherapy notes (45 CFR 164.501): reports kept apart from the rest of the record, for their author. Pure.

A template says so, and each report that is made or written with it then is one for good: neither a later version of the
template nor another template takes the mark away from what was written under it.
"""

from __future__ import annotations

from typing import Self

from shared.records.privacy import Plain
from shared.records.record import Record

_TEXTS = ("correction_notes", "returns", "new_version_reason", "superseded")
"""What a report says beside its content."""


class KeptApart(Record):
    """A record that may be psychotherapy notes."""

    psychotherapy_notes: Plain[bool] = False
    """True for psychotherapy notes: for their author alone, never shared."""

    @property
    def without_texts(self) -> Self:
        """What others than the author see in lists: that there are such notes, and nothing of what they say."""
        empty = {name: type(self).model_fields[name].get_default(call_default_factory=True) for name in _TEXTS}
        return self.model_copy(update=empty)
