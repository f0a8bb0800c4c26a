"""What a client sends to make, change, list and preview templates."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.records.page import PageQuery
from shared.records.record import Value
from shared.records.report_type import ReportType
from shared.records.templates.content import MOST_SECTIONS, TemplateContent
from shared.records.templates.sections import Section
from shared.records.text import ShortText, Text
from shared.records.types import Id, Language


class ParentVersion(Value):
    """The version of a template that a new template goes back to."""

    template_id: Id
    version: int = Field(ge=1, le=1_000_000)


class NewTemplate(Value):
    """A new template: with sections of its own, or those of a parent where `sections` is left out."""

    name: ShortText
    description: ShortText | None = None
    language: Language | None = None
    """The language of the report; null: that of the visit."""
    parent: ParentVersion | None = None
    """The template whose sections it takes over, overrides, adds to, removes or reorders. New versions of the parent
    are offered later, by `GET /templates/{id}/parent-changes`."""
    sections: list[Section] | None = Field(default=None, min_length=1, max_length=MOST_SECTIONS)
    """At most 15,000 bytes each. Left out: those of the parent."""
    ai_prompt: Text | None = None
    """Additional instructions to the model, as for a template. Left out: those of the parent."""
    requires_cosignature: bool | None = None
    """As for a template. Left out: that of the parent."""
    psychotherapy_notes: bool | None = None
    """As for a template. Left out: that of the parent."""
    of_clinic: bool = False
    """True for a template of the clinic, which admins make; false for one of the caller."""
    is_active: bool = True
    is_public: bool = False
    report_type: ReportType | None = None
    """The type of its reports; null: that of the visit. Left out: that of the parent."""

    def type_of_reports(self, of_parent: ReportType | None) -> ReportType | None:
        """As asked for, or else that of the parent."""
        return self.report_type if "report_type" in self.model_fields_set else of_parent

    def content(self, parent: TemplateContent | None) -> TemplateContent | None:
        """What its first version says; None if there are no sections."""
        sections = self.sections if self.sections is not None or parent is None else parent.sections
        prompt = self.ai_prompt if self.ai_prompt is not None or parent is None else parent.ai_prompt
        if sections is None:
            return None
        asked = {name: getattr(self, name) for name in ("requires_cosignature", "psychotherapy_notes")}
        marks = {name: bool(getattr(parent, name, None) if one is None else one) for name, one in asked.items()}
        return TemplateContent(
            name=self.name,
            description=self.description,
            language=self.language,
            sections=sections,
            ai_prompt=prompt,
            **marks,
        )


class TemplateUpdate(TemplateContent):
    """The whole template as it is to be: a change of its content makes a version. The parent stays."""

    is_active: bool = True
    is_public: bool = False
    report_type: ReportType | None = None
    """The type of its reports; null: that of the visit. A change makes no version, and leaves reports as they are."""

    @property
    def content(self) -> TemplateContent:
        return TemplateContent(**{name: getattr(self, name) for name in TemplateContent.model_fields})


class TemplateShelf(StrEnum):
    """Which templates a list has."""

    OWN = "own"
    PUBLIC = "public"
    SHIPPED = "shipped"


class TemplateList(PageQuery):
    """The templates to list, newest first; those that ship with the product come last."""

    shelf: TemplateShelf | None = None
    """The caller's own, those that are public in the clinic, or those that ship; without it, all that the caller may
    use. For admins, the clinic's own that are not public are among their own."""
    active: bool | None = None


class TemplatePreview(Value):
    """What to preview a template on."""

    session_id: Id | None = None
    """A visit that the caller may read, with its transcript; without it, a sample."""
