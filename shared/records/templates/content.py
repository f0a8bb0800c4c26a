"""What a version of a template says, and the rules that a new one must keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from pydantic import Field

from shared.records.problems import FieldError
from shared.records.record import Value
from shared.records.size import quoted_bytes
from shared.records.templates import instruments, variables
from shared.records.templates.sections import Section, SectionType, leaves_of
from shared.records.templates.variables import PromptVariable
from shared.records.text import ShortText, Text
from shared.records.types import Language

MOST_SECTIONS = 20
MOST_SECTION_BYTES = 15_000
"""Bytes of one section as JSON, with its guidance."""
MOST_PROMPT_BYTES = 20_000
MOST_LEAVES = 150
"""Places for statements of a template: the model takes no longer list of sections."""
FEWEST_CHOICES = 2

_FIELDS = {
    SectionType.STRUCTURED: "subsections",
    SectionType.CHOICE: "choices",
    SectionType.INSTRUMENT: "instrument",
}
"""The field that only sections of a type have, and must have."""


class TemplateContent(Value):
    """The sections of a report, and the instructions to the model that writes it."""

    name: ShortText
    description: ShortText | None = None
    language: Language | None = None
    """The language of the report; null: that of the visit."""
    sections: list[Section] = Field(min_length=1, max_length=MOST_SECTIONS)
    """At most 15,000 bytes each."""
    ai_prompt: Text | None = None
    """Additional instructions to the model, at most 20,000 bytes. Variables in braces, such as `{patient_age}`:
    `patient_age`, `visit_type`, `visit_date`, `visit_minutes`, `visit_language`, `report_type`."""
    requires_cosignature: bool = False
    """True if a report of a trainee is final only with the supervisor's co-signature, whatever the clinic asks for."""
    psychotherapy_notes: bool = False
    """True if its reports are psychotherapy notes (45 CFR 164.501): for their author alone, never shared. Reports keep
    the mark when a later version of the template is without it."""


def content_errors(content: TemplateContent) -> list[FieldError]:
    """Everything that is wrong with the content of a new version."""
    errors = list(_prompt_errors(content.ai_prompt or ""))
    errors += _repeated("/sections", [section.id for section in content.sections])
    for number, section in enumerate(content.sections):
        errors += _section_errors(f"/sections/{number}", section)
    if not errors and (leaves := len(list(leaves_of(content.sections)))) > MOST_LEAVES:
        detail = f"{leaves} sections, subsections and items in all; at most {MOST_LEAVES} are possible"
        errors.append(FieldError("/sections", detail))
    return errors


def _prompt_errors(prompt: str) -> Iterator[FieldError]:
    if unknown := variables.unknown_in(prompt):
        named = ", ".join("{" + name + "}" for name in unknown[:5])
        known = ", ".join("{" + name + "}" for name in PromptVariable)
        yield FieldError("/ai_prompt", f"no such variable: {named}; the variables are {known}")
    if (size := len(prompt.encode())) > MOST_PROMPT_BYTES:
        yield FieldError("/ai_prompt", f"{size} bytes; at most {MOST_PROMPT_BYTES} are possible")


def _section_errors(pointer: str, section: Section) -> Iterator[FieldError]:
    for kind, field in _FIELDS.items():
        if bool(getattr(section, field)) != (section.type == kind):
            has = "must have" if section.type == kind else "has no"
            yield FieldError(f"{pointer}/{field}", f"a {section.type} section {has} {field}")
    if section.type == SectionType.CHOICE and 0 < len(section.choices) < FEWEST_CHOICES:
        yield FieldError(f"{pointer}/choices", f"must have at least {FEWEST_CHOICES} entries")
    if section.several and section.type != SectionType.CHOICE:
        yield FieldError(f"{pointer}/several", "only a choice section has several")
    ref = section.instrument
    if ref is not None and (ref.id, ref.version) not in instruments.known():
        yield FieldError(f"{pointer}/instrument", "no such instrument: GET /templates/instruments lists them")
    yield from _repeated(f"{pointer}/subsections", [part.id for part in section.subsections])
    yield from _repeated(f"{pointer}/choices", section.choices)
    if (size := quoted_bytes(section.model_dump(mode="json"))) > MOST_SECTION_BYTES:
        yield FieldError(pointer, f"the section takes {size} bytes; at most {MOST_SECTION_BYTES} are possible")


def _repeated(pointer: str, values: Iterable[str]) -> Iterator[FieldError]:
    repeated = [value for value, count in Counter(values).items() if count > 1]
    if repeated:
        yield FieldError(pointer, f"named twice: {', '.join(repeated[:5])}")
