"""Report templates: the sections of a report and the content of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from shared.records.privacy import Encrypted, Plain
from shared.records.record import Keyset, Record, Value
from shared.records.text import ShortText, Text
from shared.records.types import Id, Moment

SectionId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class SectionType(StrEnum):
    TEXT = "text"
    STRUCTURED = "structured"


class Subsection(Value):
    id: SectionId
    title: ShortText
    guidance: Text = ""
    """Instructions to the model about the content of the subsection."""


class Section(Value):
    id: SectionId
    title: ShortText
    required: bool = False
    type: SectionType = SectionType.TEXT
    print_first: bool = False
    """True to print the section before those without this mark, such as assessment and plan, which readers want."""
    guidance: Text = ""
    subsections: list[Subsection] = []

    @model_validator(mode="after")
    def _structured_has_subsections(self) -> Section:
        if (self.type == SectionType.STRUCTURED) != bool(self.subsections):
            raise ValueError("a structured section has subsections, a text section has none")
        return self


@dataclass(frozen=True)
class Leaf:
    """A section that holds statements: a section without subsections, or a subsection."""

    id: str
    """`plan`, or `plan.follow_up` for a subsection."""
    title: str
    guidance: str
    required: bool


class ReportTemplate(Record):
    """The structure of a doctor's reports, or the clinic's default."""

    kind: ClassVar[str] = "ReportTemplate"
    collection: ClassVar[str] = "templates"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    doctor_id: Plain[Id | None] = None
    """The owner; None for the clinic's default."""
    name: Encrypted[ShortText]
    sections: Encrypted[list[Section]]
    ai_prompt: Encrypted[Text | None] = None
    """Additional instructions to the model."""
    is_default: Plain[bool] = False
    is_active: Plain[bool] = True
    is_public: Plain[bool] = False
    usage_count: Plain[int] = 0
    last_used_at: Plain[Moment | None] = None
    version: Plain[int] = 1
    parent_template_id: Plain[Id | None] = None

    def leaves(self) -> Iterator[Leaf]:
        """The sections that hold statements, in order."""
        return leaves_of(self.sections)


def leaves_of(sections: Iterable[Section]) -> Iterator[Leaf]:
    for section in sections:
        if not section.subsections:
            yield Leaf(section.id, section.title, section.guidance, section.required)
        for part in section.subsections:
            yield Leaf(f"{section.id}.{part.id}", f"{section.title}: {part.title}", part.guidance, section.required)


def in_print_order(sections: list[Section]) -> list[Section]:
    """The sections with those first that are printed first; else in the template's order."""
    return sorted(sections, key=lambda section: not section.print_first)


DEFAULT_TEMPLATE_ID = "default"


def default_sections() -> list[Section]:
    """The sections of every new clinic's default template."""
    structured = SectionType.STRUCTURED
    return [
        Section(
            id="chief_complaint",
            title="Chief Complaint",
            required=True,
            guidance="The main reason for the visit, in one or two statements.",
        ),
        Section(
            id="history_present_illness",
            title="History of Present Illness",
            required=True,
            guidance="What the patient tells: symptoms, course, sleep, appetite, stressors, effects of treatment, "
            "thoughts of self-harm when they were spoken of.",
        ),
        Section(
            id="physical_examination",
            title="Physical Examination",
            type=structured,
            guidance="Only what was measured or observed and said.",
            subsections=[
                Subsection(id="vital_signs", title="Vital Signs", guidance="Measurements said aloud."),
                Subsection(
                    id="general_appearance",
                    title="General Appearance",
                    guidance="The practitioner's observations of appearance, affect, speech and behaviour.",
                ),
                Subsection(
                    id="systems_review", title="Systems Review", guidance="Findings or questions by body system."
                ),
            ],
        ),
        Section(
            id="assessment",
            title="Assessment",
            required=True,
            guidance="The practitioner's own diagnosis, impression or scores. Never an inference.",
        ),
        Section(
            id="plan",
            title="Plan",
            required=True,
            type=structured,
            guidance="What was agreed.",
            subsections=[
                Subsection(id="medications", title="Medications", guidance="Drugs, doses and changes."),
                Subsection(id="follow_up", title="Follow-up", guidance="Next visit, tests and referrals."),
                Subsection(id="patient_education", title="Patient Education", guidance="Advice given to the patient."),
            ],
        ),
    ]
