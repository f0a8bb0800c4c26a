"""Reading templates: those of the clinic from the database, those that ship from the product itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.lazily import lazily
from shared.records.page import Page, PageQuery
from shared.records.problems import FieldError, Forbidden, NotFound
from shared.records.record import Detailed, Ref
from shared.records.templates.facts import TemplateDetail
from shared.records.templates.template import ReportTemplate, TemplateVersion
from shared.records.types import Role
from shared.store import template_uses
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.report_type import ReportType
    from shared.records.templates import inheritance, shipped
    from shared.records.templates.content import TemplateContent
    from shared.records.templates.facts import TemplateFacts, TemplateVersionLine
    from shared.records.templates.inheritance import Inherited
    from shared.records.templates.template import is_shipped, version_id
    from shared.store import pagination

TemplateAnswer = Detailed[ReportTemplate, TemplateDetail]


@dataclass(frozen=True)
class Current:
    """A template with its newest version."""

    template: ReportTemplate
    version: TemplateVersion

    @property
    def content(self) -> TemplateContent:
        return self.version.content


def get(clinic: Clinic, template_id: str) -> TemplateAnswer:
    """A template that the caller may read, with what its newest version says."""

    def transaction(work: UnitOfWork) -> TemplateAnswer:
        work.prefetch(*refs(template_id), work.settings_ref())
        template = visible(work, template_id)
        return answer(work, Current(template, version(work, template.id, template.version)))

    return clinic.perform("template.read", transaction)


def versions(clinic: Clinic, template_id: str, query: PageQuery) -> Page[TemplateVersionLine]:
    """A page of the versions of a template, newest first."""

    def transaction(work: UnitOfWork) -> Page[TemplateVersionLine]:
        template = visible(work, template_id)
        if is_shipped(template.id):
            return Page([TemplateVersionLine.of(one) for one in shipped.versions(template.id)], None)
        page = pagination.newest(work, TemplateVersion, query, [pagination.LIVE, ("template_id", "==", template.id)])
        return Page([TemplateVersionLine.of(one) for one in page.items], page.next_page_token)

    return clinic.perform("template.versions", transaction)


def get_version(clinic: Clinic, template_id: str, number: str) -> TemplateVersion:
    """A version of a template. Raises NotFound for one that is not there."""

    def transaction(work: UnitOfWork) -> TemplateVersion:
        return version(work, visible(work, template_id).id, int(number) if number.isdecimal() else 0)

    return clinic.perform("template.version", transaction)


def refs(template_id: str) -> list[Ref[ReportTemplate]]:
    """What `find` reads, to be prefetched: nothing for a template that ships."""
    return [] if is_shipped(template_id) else [ReportTemplate.ref(template_id)]


def find(work: UnitOfWork, template_id: str) -> ReportTemplate | None:
    """The template, whoever may see it; None if there is none, or it is hidden."""
    if is_shipped(template_id):
        work.keyring()  # the caller is checked, as by a read
        return shipped.template(template_id)
    return work.get_or_none(ReportTemplate.ref(template_id))


def visible(work: UnitOfWork, template_id: str) -> ReportTemplate:
    """The template. Raises NotFound if the caller may not read it."""
    template = find(work, template_id)
    if template is None or not is_visible(work, template):
        raise NotFound
    return template


def is_visible(work: UnitOfWork, template: ReportTemplate) -> bool:
    """True if the caller may read the template, and make a child of it."""
    return template.visible_to(work.user_id, _roles(work))


def changeable(work: UnitOfWork, template_id: str) -> ReportTemplate:
    """The template, to be changed. Raises Forbidden before anything is said about If-Match."""
    if not visible(work, template_id).changeable_by(work.user_id, _roles(work)):
        detail = "a template that ships is copied to be changed" if is_shipped(template_id) else ""
        raise Forbidden(detail or "only its owner changes a template; admins change those that are public")
    return work.get_for_update(ReportTemplate.ref(template_id))


def version(work: UnitOfWork, template_id: str, number: int) -> TemplateVersion:
    """A version of a template that may be hidden by now. Raises NotFound."""
    if not is_shipped(template_id):
        return work.get(TemplateVersion.ref(version_id(template_id, number)))
    found = shipped.version(template_id, number)
    if found is None:
        raise NotFound
    return found


def current(work: UnitOfWork, template_id: str) -> Current:
    """The template of a visit with its newest version, also if it was hidden after the visit began."""
    template = find(work, template_id) or work.get(ReportTemplate.ref(template_id), live=False)
    return Current(template, version(work, template.id, template.version))


def pinned(work: UnitOfWork, template_id: str, number: int | None) -> TemplateVersion:
    """The version of a template that a report is pinned to; the newest one for a report that is pinned to none."""
    return current(work, template_id).version if number is None else version(work, template_id, number)


def report_type_of(work: UnitOfWork, template_id: str) -> ReportType | None:
    """The type of the reports of a template, also if it was hidden; None if it has none."""
    template = find(work, template_id) or work.get_or_none(ReportTemplate.ref(template_id), live=False)
    return template.report_type if template else None


def unreadable(work: UnitOfWork, template_id: str) -> list[FieldError]:
    """Why the caller cannot name a template; empty if they may read it."""
    template = find(work, template_id)
    return (
        [] if template is not None and is_visible(work, template) else [FieldError("/template_id", "no such template")]
    )


def unusable(work: UnitOfWork, template_id: str, doctor_id: str) -> list[FieldError]:
    """Why a visit of a doctor cannot have a template; empty if it can."""
    template = find(work, template_id)
    if template is None or not template.visible_to(doctor_id, [Role.DOCTOR]):
        return [FieldError("/template_id", "no such template")]
    return [] if template.is_active else [FieldError("/template_id", "the template is not active")]


def answer(work: UnitOfWork, found: Current) -> TemplateAnswer:
    """A template as it is shown. The version of its parent is read."""
    (facts,) = facts_of(work, [found.template])
    return Detailed(found.template, TemplateDetail.of(found.content, facts, _inherited(work, found.version)))


def facts_of(work: UnitOfWork, templates: Sequence[ReportTemplate]) -> list[TemplateFacts]:
    """What each template is to the clinic and the caller; their uses are read with one query."""
    default = default_id(work)
    uses = template_uses.totals(work.clinic_id, [template.id for template in templates])
    return [
        TemplateFacts(
            **dict(uses[template.id]),
            is_default=template.id == default,
            is_shipped=is_shipped(template.id),
            may_change=template.changeable_by(work.user_id, _roles(work)),
        )
        for template in templates
    ]


def default_id(work: UnitOfWork) -> str:
    """The id of the clinic's default template."""
    return work.settings().default_template_id or shipped.DEFAULT_TEMPLATE_ID


def _inherited(work: UnitOfWork, version_: TemplateVersion) -> Inherited | None:
    if version_.parent_template_id is None or version_.parent_version is None:
        return None
    base = version(work, version_.parent_template_id, version_.parent_version)
    return inheritance.inherited(base.content.sections, version_.content.sections)


def _roles(work: UnitOfWork) -> Sequence[Role]:
    return work.user.roles if work.user else ()
