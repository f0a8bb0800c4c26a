"""What a template is to the clinic and to the caller, beside the record."""

from __future__ import annotations

from pydantic import Field

from shared.records.record import Value
from shared.records.templates.content import TemplateContent
from shared.records.templates.inheritance import Inherited, SectionDifference
from shared.records.templates.sections import Section
from shared.records.templates.template import TemplateVersion
from shared.records.text import ShortText, Text
from shared.records.types import Id, Language, Moment


class TemplateUse(Value):
    """How often reports were written with a template."""

    usage_count: int = 0
    """Number of drafts and of reports by hand that were written with it, by all doctors."""
    last_used_at: Moment | None = None


class TemplateFacts(TemplateUse):
    """A template in a list."""

    is_default: bool
    """True for the clinic's default: of visits that are started without a template."""
    is_shipped: bool
    """True for a template that ships with the product: it is copied to be changed."""
    may_change: bool
    """True if the caller may change and hide it."""


class TemplateDetail(TemplateFacts):
    """What the newest version of a template says."""

    description: ShortText | None
    language: Language | None
    sections: list[Section]
    ai_prompt: Text | None
    requires_cosignature: bool
    """True if a report of a trainee is final only with the supervisor's co-signature."""
    psychotherapy_notes: bool
    """True if its reports are psychotherapy notes, for their author alone."""
    inherited: Inherited | None
    """What it overrides, adds, removes and reorders of its parent; null without a parent."""

    @classmethod
    def of(cls, content: TemplateContent, facts: TemplateFacts, inherited: Inherited | None) -> TemplateDetail:
        names = ("description", "language", "sections", "ai_prompt", "requires_cosignature", "psychotherapy_notes")
        said = {name: getattr(content, name) for name in names}
        return cls(**dict(facts), **said, inherited=inherited)


class TemplateVersionLine(Value):
    """A version of a template in a list."""

    id: Id
    number: int
    name: ShortText
    parent_version: int | None
    """The version of the parent that it goes back to."""
    created_at: Moment
    created_by: Id

    @classmethod
    def of(cls, version: TemplateVersion) -> TemplateVersionLine:
        kept = {name: getattr(version, name) for name in cls.model_fields if name != "name"}
        return cls(**kept, name=version.content.name)


class ParentDifference(SectionDifference):
    """What the parent's new version changes of a section."""

    kept_own: bool
    """True if the template overrides or removed the section: accepting the new version leaves that as it is."""


class ParentChanges(Value):
    """The newest version of a template's parent, offered and never forced."""

    parent_template_id: Id | None
    """Null for a template without a parent."""
    parent_version: int | None
    """The version that the template goes back to."""
    offered_version: int | None
    """Null if there is no newer one, and if the parent is hidden or no longer public."""
    prompt_changed: bool
    """True if the parent's own prompt differs."""
    sections: list[ParentDifference]
    """Every section of both versions of the parent."""


class ParentAcceptance(Value):
    """The version of the parent to take over."""

    version: int = Field(ge=1, le=1_000_000)
    """`offered_version`, as `GET /templates/{id}/parent-changes` has it."""
