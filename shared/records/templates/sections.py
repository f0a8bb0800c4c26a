"""The sections of a report: their types, and the places that hold statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.records.record import Value
from shared.records.templates import instruments
from shared.records.templates.fixed_texts import not_assessed, not_discussed
from shared.records.templates.instruments import InstrumentRef
from shared.records.text import ShortText, Text

SectionId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
MOST_SUBSECTIONS = 20
MOST_CHOICES = 30


class SectionType(StrEnum):
    """What a section holds."""

    TEXT = "text"
    STRUCTURED = "structured"
    """Subsections."""
    LIST = "list"
    """One entry for each statement."""
    CHOICE = "choice"
    """One of `choices`, or several."""
    INSTRUMENT = "instrument"
    """The answers to a scored instrument, such as the PHQ-9: one for each of its items."""


class Subsection(Value):
    id: SectionId
    title: ShortText
    assessed: bool = False
    """As for a section."""
    guidance: Text = ""
    """Instructions to the model about the content of the subsection."""


class Section(Value):
    id: SectionId
    title: ShortText
    required: bool = False
    type: SectionType = SectionType.TEXT
    print_first: bool = False
    """True to print the section before those without this mark, such as assessment and plan, which readers want."""
    assessed: bool = False
    """True for an examination or a mental-state area: without statements it reads "Not assessed", others read "Not
    discussed"."""
    guidance: Text = ""
    """Instructions to the model about the content of the section."""
    subsections: list[Subsection] = Field(default=[], max_length=MOST_SUBSECTIONS)
    """Of a structured section."""
    choices: list[ShortText] = Field(default=[], max_length=MOST_CHOICES)
    """Of a choice section: each of its statements is one of these texts."""
    several: bool = False
    """True if a choice section may have several statements."""
    instrument: InstrumentRef | None = None
    """Of an instrument section."""

    def without_guidance(self) -> Section:
        """The section as a report keeps it: instructions to the model are no part of the report."""
        parts = [part.model_copy(update={"guidance": ""}) for part in self.subsections]
        return self.model_copy(update={"guidance": "", "subsections": parts})


@dataclass(frozen=True)
class Leaf:
    """A section that holds statements: a section without subsections, a subsection, or an item of an instrument."""

    id: str
    """`plan`, or `plan.follow_up` for a subsection."""
    title: str
    """With the title of the section around it."""
    name: str
    """The title alone."""
    guidance: str
    required: bool
    assessed: bool = False
    choices: tuple[str, ...] = ()
    """The only texts of its statements; empty for free text."""
    several: bool = False

    def unfilled(self, language: str | None) -> str:
        """What it reads without statements in a report of this language (BCP 47): never a normal finding."""
        return not_assessed(language) if self.assessed else not_discussed(language)

    @property
    def refusal(self) -> str:
        """Why it does not take a text."""
        return f"must be {' or '.join(self.choices)}"

    def takes(self, text: str) -> bool:
        """True if a statement may have this text."""
        return not self.choices or text in self.choices


def leaves_of(sections: Iterable[Section]) -> Iterator[Leaf]:
    """The places that hold statements, in order."""
    for section in sections:
        if section.instrument is not None:
            yield from _items(section, section.instrument)
        elif section.subsections:
            yield from _parts(section)
        else:
            yield _whole(section)


def contradicted(leaves: Iterable[Leaf], statements: Iterable[tuple[str, str]]) -> set[str]:
    """The places for one choice to which statements, as place and text, give different ones: nobody knows which."""
    single = {leaf.id for leaf in leaves if leaf.choices and not leaf.several}
    chosen: dict[str, set[str]] = {}
    for place, text in statements:
        chosen.setdefault(place, set()).add(text)
    return {place for place, texts in chosen.items() if place in single and len(texts) > 1}


def _whole(section: Section) -> Leaf:
    return Leaf(
        section.id,
        section.title,
        section.title,
        section.guidance,
        section.required,
        section.assessed,
        tuple(section.choices),
        section.several,
    )


def _parts(section: Section) -> Iterator[Leaf]:
    for part in section.subsections:
        title, assessed = f"{section.title}: {part.title}", section.assessed or part.assessed
        yield Leaf(f"{section.id}.{part.id}", title, part.title, part.guidance, section.required, assessed)


def _items(section: Section, ref: InstrumentRef) -> Iterator[Leaf]:
    instrument = instruments.find(ref)
    for item in instrument.items:
        title = f"{section.title}: {item.text}"
        options = tuple(option.label for option in instrument.options)
        yield Leaf(f"{section.id}.{item.id}", title, item.text, section.guidance, section.required, True, options)


def in_print_order(sections: list[Section]) -> list[Section]:
    """The sections with those first that are printed first; else in the template's order."""
    return sorted(sections, key=lambda section: not section.print_first)
