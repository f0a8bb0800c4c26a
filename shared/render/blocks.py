"""A printed report as a list of blocks in reading order, which every format renders. Pure.

The blocks say what stands where and with which words; how it looks is decided by the renderer of each format.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.render.bidi import embedded
from shared.render.documents import LetterheadBlock, PatientBlock
from shared.render.words.vocabulary import Words


class Tone(StrEnum):
    """How a block stands out."""

    PLAIN = "plain"
    MUTED = "muted"
    SIGNED = "signed"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of the report (level 1), of a section (2) or of a part of one (3)."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Item:
    """A member of a list: a statement, with its kind and a note below it."""

    text: str
    kind: str = ""
    note: str = ""
    note_tone: Tone = Tone.WARNING


@dataclass(frozen=True, slots=True)
class Remark:
    """A line of the renderer, such as `Not discussed`; a small one is about the whole report."""

    text: str
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values; an empty value is not recorded. The wide one comes last and may be long."""

    pairs: tuple[tuple[str, str], ...]
    wide: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answers:
    """A table of two columns: items of an instrument, and their answers."""

    head: tuple[str, str]
    rows: tuple[tuple[str, str], ...]


class Weight(StrEnum):
    """How the value of a row is printed."""

    PLAIN = "plain"
    BOLD = "bold"
    FINE = "fine"
    """Digests and the like."""


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled value in a box."""

    label: str
    value: str
    weight: Weight = Weight.PLAIN


@dataclass(frozen=True, slots=True)
class Box:
    """A framed text: a title, lines, and labelled rows."""

    title: str
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the page."""


@dataclass(frozen=True, slots=True)
class Together:
    """Blocks that stay on one page where they fit."""

    blocks: tuple[Heading | Item | Remark | Facts | Answers | Box | Rule, ...]


Block = Heading | Item | Remark | Facts | Answers | Box | Rule | Together


@dataclass(frozen=True, slots=True)
class PrintedReport:
    """A report as it is printed: the letterhead, what stands on every page, and the blocks."""

    words: Words
    language: str
    """Of the statements (BCP 47)."""
    title: str
    reference: str
    """The number of the report."""
    letterhead: LetterheadBlock
    patient: PatientBlock
    identity: str
    """The patient's dates of birth and death, number, and the number of the report: on every page, after the name."""
    mark: str
    """On every page of a report that is not valid as it stands, such as `DRAFT`."""
    mark_note: str
    at: datetime
    """The date of the file."""
    blocks: tuple[Block, ...]
    copy_notice: Box
    """Says of a file that can be edited that it is not the original."""

    @property
    def full_mark(self) -> str:
        return full_mark(self.mark, self.mark_note)

    @property
    def full_title(self) -> str:
        return f"{self.title} {self.reference}".strip()


def full_mark(mark: str, note: str) -> str:
    """`DRAFT – not signed`."""
    return " – ".join(filter(None, (mark, note)))


def identity_of(patient: PatientBlock, reference: str, words: Words) -> str:
    """The patient beside the name on every page, for pages that come apart."""
    born = words.partial_date(patient.date_of_birth)
    printed = words.marks.born.format(date=born) if born else ""
    parts = filter(None, (printed, words.death(patient.died), patient.number, reference))
    return " · ".join(embedded(part) if words.right_to_left else part for part in parts)
