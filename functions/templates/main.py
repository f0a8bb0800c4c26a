"""/api/v1/templates"""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import ADMINS, CLINICIANS, DOCTORS

with lazily(globals()):
    from shared.records.page import Page, PageQuery
    from shared.records.record import Detailed
    from shared.records.templates.facts import (
        ParentAcceptance,
        ParentChanges,
        TemplateDetail,
        TemplateFacts,
        TemplateVersionLine,
    )
    from shared.records.templates.instruments import Instrument
    from shared.records.templates.requests import NewTemplate, TemplateList, TemplatePreview, TemplateUpdate
    from shared.records.templates.style import StyleExamples, StyleUpdate
    from shared.records.templates.template import ReportTemplate, TemplateVersion
    from shared.workflows.reports import previewing
    from shared.workflows.reports.previewing import PreviewedPrompt
    from shared.workflows.templates import listing, parents, reading, styles, writing

api = Api("templates")


@api.get("/", roles=CLINICIANS)
def list_templates(clinic: Clinic, query: TemplateList) -> Page[Detailed[ReportTemplate, TemplateFacts]]:
    """List the templates that the caller may use, without their content.

    The caller's own and those that are public, newest first; those that ship with the product come last.
    """
    return listing.listed(clinic, query)


@api.post("/", roles=CLINICIANS, status=201)
def create(clinic: Clinic, new: NewTemplate) -> Detailed[ReportTemplate, TemplateDetail]:
    """Create a template of the caller, or of the clinic.

    With a parent it takes over sections: all, or those that it does not override or leave out. A copy of a template
    that ships is such a child.
    """
    return writing.create(clinic, new)


@api.get("/instruments", roles=CLINICIANS)
def list_instruments(clinic: Clinic) -> Page[Instrument]:
    """List the scored instruments, with their official wording, licence and source. One page has all of them."""
    return listing.instruments(clinic)


@api.get("/style-examples", roles=DOCTORS)
def get_style(clinic: Clinic) -> StyleExamples:
    """Get the caller's own style examples."""
    return styles.get(clinic)


@api.put("/style-examples", roles=DOCTORS, requires_if_match=False)
def put_style(clinic: Clinic, update: StyleUpdate) -> StyleExamples:
    """Create the caller's own style examples without If-Match, or replace the revision in If-Match.

    The model imitates them in the drafts of the caller's reports. They are sent to it as they are: remove names first.
    A statement that repeats a long run of their words is dropped, unless it was said.
    """
    return styles.put(clinic, update)


@api.delete("/style-examples", roles=DOCTORS, status=204)
def delete_style(clinic: Clinic) -> None:
    """Delete the caller's own style examples."""
    styles.delete(clinic)


@api.get("/{id}", roles=CLINICIANS)
def get(clinic: Clinic, id: str) -> Detailed[ReportTemplate, TemplateDetail]:
    """Get a template with what its newest version says."""
    return reading.get(clinic, id)


@api.put("/{id}", roles=CLINICIANS)
def change(clinic: Clinic, id: str, update: TemplateUpdate) -> Detailed[ReportTemplate, TemplateDetail]:
    """Replace a template. For its owner; admins change those that are public or the clinic's.

    Another content makes a further version. Reports keep the version that they were written with.
    """
    return writing.change(clinic, id, update)


@api.delete("/{id}", roles=CLINICIANS, status=204)
def delete(clinic: Clinic, id: str) -> None:
    """Hide a template: no visit starts with it any more. Reports and running visits keep theirs.

    The clinic's default cannot be hidden.
    """
    writing.delete(clinic, id)


@api.get("/{id}/versions", roles=CLINICIANS)
def versions(clinic: Clinic, id: str, page: PageQuery) -> Page[TemplateVersionLine]:
    """List the versions of a template, newest first, without their content."""
    return reading.versions(clinic, id, page)


@api.get("/{id}/versions/{number}", roles=CLINICIANS)
def get_version(clinic: Clinic, id: str, number: str) -> TemplateVersion:
    """Get a version of a template, which never changes."""
    return reading.get_version(clinic, id, number)


@api.post("/{id}/preview", roles=CLINICIANS, requires_idempotency_key=False)
def preview(clinic: Clinic, id: str, asked: TemplatePreview | None) -> PreviewedPrompt:
    """Get the prompt of a template, with its variables filled in: on a sample, or on a visit that the caller may read.

    The model is not called.
    """
    return previewing.preview(clinic, id, asked or TemplatePreview())


@api.put("/{id}/default", roles=ADMINS)
def make_default(clinic: Clinic, id: str) -> Detailed[ReportTemplate, TemplateDetail]:
    """Make a template the clinic's default: of visits that are started without a template.

    It must be active and public, or one that ships. If-Match is that of the template.
    """
    return writing.make_default(clinic, id)


@api.get("/{id}/parent-changes", roles=CLINICIANS)
def parent_changes(clinic: Clinic, id: str) -> ParentChanges:
    """Get what the newest version of a template's parent changes, section by section. Nothing is taken over."""
    return parents.changes(clinic, id)


@api.post("/{id}/parent-changes/accept", roles=CLINICIANS, requires_idempotency_key=False, requires_if_match=True)
def accept_parent_changes(
    clinic: Clinic, id: str, accepted: ParentAcceptance
) -> Detailed[ReportTemplate, TemplateDetail]:
    """Take over the newest version of a template's parent, as a further version of the template.

    Sections that the template overrides, adds or removed stay as they are.
    """
    return parents.accept(clinic, id, accepted)


main = api.function()
