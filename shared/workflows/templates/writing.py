"""Making, changing and hiding templates."""

from __future__ import annotations

from typing import Any

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, FieldError, Forbidden, Invalid, raise_if_any
from shared.records.record import Detailed, Ref
from shared.records.templates.content import content_errors
from shared.records.templates.inheritance import MOST_ANCESTORS
from shared.records.templates.requests import NewTemplate, ParentVersion, TemplateUpdate
from shared.records.templates.template import (
    ReportTemplate,
    TemplateVersion,
    is_shipped,
    shelves_of,
    version_id,
)
from shared.records.types import Role, new_id
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.templates import reading
from shared.workflows.templates.reading import Current, TemplateAnswer


def create(clinic: Clinic, new: NewTemplate) -> TemplateAnswer:
    """Create a template of the caller or of the clinic. Raises Invalid listing everything that is wrong."""

    def transaction(work: UnitOfWork) -> TemplateAnswer:
        work.prefetch(work.settings_ref(), *(_refs(new.parent) if new.parent else []))
        doctor_id = _owner(work, new)
        parent = _parent(work, new.parent) if new.parent else None
        content = new.content(parent.version.content if parent else None)
        if content is None:
            raise Invalid(errors=[FieldError("/sections", "is required without a parent")])
        raise_if_any(content_errors(content))
        lineage = _lineage(parent)
        template = ReportTemplate.new(
            new_id(),
            work.stamp,
            doctor_id=doctor_id,
            name=content.name,
            is_active=new.is_active,
            is_public=new.is_public,
            report_type=new.type_of_reports(parent.template.report_type if parent else None),
            shelves=shelves_of(doctor_id, is_public=new.is_public),
            **{name: lineage[name] for name in lineage.keys() & ReportTemplate.model_fields.keys()},
        )
        version = TemplateVersion.of(template.id, 1, content, work.stamp, **lineage)
        return reading.answer(work, Current(work.create(template), work.create(version)))

    return clinic.perform("template.create", transaction)


def change(clinic: Clinic, template_id: str, update: TemplateUpdate) -> TemplateAnswer:
    """Replace a template. Another content is a further version; reports keep the version they were written with.

    Raises Conflict if the clinic's default would no longer be active and public.
    """

    def transaction(work: UnitOfWork) -> TemplateAnswer:
        work.prefetch(*reading.refs(template_id), work.settings_ref())
        template = reading.changeable(work, template_id)
        version = reading.version(work, template.id, template.version)
        raise_if_any(content_errors(update.content))
        if not (update.is_active and update.is_public):
            _require_not_default(work, template)
        if update.content != version.content:
            version = work.create(version.followed_by(update.content, work.stamp))
        said = {name: getattr(update, name) for name in ("is_active", "is_public", "report_type")}
        after = template.at_version(version, work.stamp, **said)
        return reading.answer(work, Current(work.save_edit(template, after), version))

    return clinic.perform("template.change", transaction)


def delete(clinic: Clinic, template_id: str) -> None:
    """Hide a template: no visit starts with it any more. Reports, visits that began with it, and its children keep it.

    Raises Conflict for the clinic's default.
    """

    def transaction(work: UnitOfWork) -> None:
        work.prefetch(*reading.refs(template_id), work.settings_ref())
        template = reading.changeable(work, template_id)
        _require_not_default(work, template)
        work.save(template.hidden(work.stamp))

    clinic.perform("template.delete", transaction)


def make_default(clinic: Clinic, template_id: str) -> TemplateAnswer:
    """Make a template the clinic's default. Raises Conflict unless it is active and public."""

    def transaction(work: UnitOfWork) -> TemplateAnswer:
        work.prefetch(*reading.refs(template_id), work.settings_ref())
        template = reading.visible(work, template_id)
        work.require_seen(template)
        if not (template.is_active and template.is_public):
            raise Conflict(ConflictCode.TEMPLATE_NOT_SHARED, "the clinic's default must be active and public")
        if not is_shipped(template.id):
            work.require_unchanged(template)  # it must not be hidden meanwhile
        settings = work.settings()
        work.save_edit(settings, settings.edited(work.stamp, default_template_id=template.id))
        version = reading.version(work, template.id, template.version)
        found = reading.answer(work, Current(template, version))
        return Detailed(template, found.extra.model_copy(update={"is_default": True}))

    return clinic.perform("template.default", transaction)


def _require_not_default(work: UnitOfWork, template: ReportTemplate) -> None:
    """Raises Conflict for the clinic's default, also for one that becomes it until the commit."""
    if not (template.is_active and template.is_public):
        return
    if reading.default_id(work) == template.id:
        raise Conflict(ConflictCode.TEMPLATE_IS_DEFAULT, "the template is the clinic's default: choose another first")
    work.require_unchanged(work.settings())


def _owner(work: UnitOfWork, new: NewTemplate) -> str | None:
    """The doctor who owns a new template; None for the clinic. Raises Forbidden for a doctor who is no admin."""
    if not new.of_clinic and work.has_role(Role.DOCTOR):
        return work.user_id
    if not work.has_role(Role.ADMIN):
        raise Forbidden(errors=[FieldError("/of_clinic", "templates of the clinic are made by admins")])
    return None


def _refs(parent: ParentVersion) -> list[Ref[Any]]:
    if is_shipped(parent.template_id):
        return []
    return [*reading.refs(parent.template_id), TemplateVersion.ref(version_id(parent.template_id, parent.version))]


def _parent(work: UnitOfWork, named: ParentVersion) -> Current:
    """The version that a new template goes back to. A parent is named once, when the child is made, so there are no
    circles."""
    template = reading.find(work, named.template_id)
    if template is None or not reading.is_visible(work, template):
        raise Invalid(errors=[FieldError("/parent/template_id", "no such template")])
    if named.version > template.version:
        raise Invalid(errors=[FieldError("/parent/version", "no such version")])
    version = reading.version(work, template.id, named.version)
    if version.depth >= MOST_ANCESTORS:
        raise Invalid(errors=[FieldError("/parent", f"at most {MOST_ANCESTORS} ancestors are possible")])
    return Current(template, version)


def _lineage(parent: Current | None) -> dict[str, Any]:
    if parent is None:
        return {}
    ids = {"parent_template_id": parent.template.id, "parent_version": parent.version.number}
    return {**ids, "depth": parent.version.depth + 1}
