"""Style examples: past notes of a doctor, which the model imitates and must not copy. Pure but for the record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from shared.records.privacy import Encrypted
from shared.records.problems import FieldError
from shared.records.record import Keyset, Record, Value
from shared.records.size import quoted_bytes
from shared.records.text import Text

MOST_EXAMPLES = 5
MOST_EXAMPLE_BYTES = 15_000
LONGEST_RUN = 8
"""Words in a row that a statement may share with an example; more are copied, unless they were said."""

_IDENTIFYING = re.compile(r"@|(?:\d[ .-]?){7,}")
"""E-mail addresses, and numbers as long as those of telephones and records."""
_WORD = re.compile(r"\w+")
_LEAST_CONTENT, _STEM = 4, 4
"""Letters of a word that carries content, and of the beginning by which two words are compared."""
_REPORTING = frozenset(
    [
        "patient",
        "client",
        "reports",
        "reported",
        "states",
        "stated",
        "says",
        "describes",
        "described",
        "practitioner",
        "doctor",
        "session",
        "visit",
        "today",
        "that",
        "this",
        "with",
        "have",
        "been",
        "they",
        "them",
        "their",
        "from",
    ]
)
"""Words of a note that nobody says."""


class StyleUpdate(Value):
    """One to five past notes of the caller, without names: of how they write, never of what was said."""

    examples: list[Text] = Field(min_length=1, max_length=MOST_EXAMPLES)
    """At most 15,000 bytes each."""

    def errors(self) -> Iterator[FieldError]:
        """Every example that is empty, too long, or names a person by number or address."""
        for number, example in enumerate(self.examples):
            if not example:
                yield FieldError(f"/examples/{number}", "must not be empty")
            if _IDENTIFYING.search(example):
                yield FieldError(
                    f"/examples/{number}", "has an e-mail address or a long number: remove what identifies"
                )
            if (size := quoted_bytes(example)) > MOST_EXAMPLE_BYTES:
                yield FieldError(f"/examples/{number}", f"{size} bytes; at most {MOST_EXAMPLE_BYTES} are possible")


class StyleExamples(Record):
    """The style examples of a doctor, whom its id names. Nobody else reads them."""

    kind: ClassVar[str] = "StyleExamples"
    collection: ClassVar[str] = "style_examples"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    examples: Encrypted[list[Text]]


def is_copied(text: str, examples: Iterable[str], said: str) -> bool:
    """True if a text repeats a long run of words of an example, and not all of what the run says is in the evidence."""
    words, heard = _words(text), {word[:_STEM] for word in _words(said)}
    runs = {run for run in _runs(words) if not _is_said(run, heard)}
    return bool(runs) and any(not runs.isdisjoint(_runs(_words(example))) for example in examples)


def _is_said(run: Sequence[str], heard: set[str]) -> bool:
    """True if every word of a run that carries content was said, in some form."""
    content = (word for word in run if len(word) >= _LEAST_CONTENT or word.isdigit())
    return all(word[:_STEM] in heard for word in content if word not in _REPORTING)


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + LONGEST_RUN]) for at in range(len(words) - LONGEST_RUN + 1))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
