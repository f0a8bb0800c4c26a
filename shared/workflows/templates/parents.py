"""New versions of a template's parent: offered with their difference, and taken over when a person accepts them."""

from __future__ import annotations

from collections.abc import Iterable

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, raise_if_any
from shared.records.templates.content import TemplateContent, content_errors
from shared.records.templates.facts import ParentAcceptance, ParentChanges, ParentDifference
from shared.records.templates.inheritance import differences, inherited, updated
from shared.records.templates.template import ReportTemplate, TemplateVersion
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.templates import reading
from shared.workflows.templates.reading import Current, TemplateAnswer


def changes(clinic: Clinic, template_id: str) -> ParentChanges:
    """What the newest version of a template's parent changes."""

    def transaction(work: UnitOfWork) -> ParentChanges:
        template = reading.visible(work, template_id)
        version = reading.version(work, template.id, template.version)
        parent = _offering(work, version)
        if parent is None:
            return _nothing(template)
        base = _base(work, version)
        return ParentChanges(
            parent_template_id=template.parent_template_id,
            parent_version=template.parent_version,
            offered_version=parent.version.number,
            prompt_changed=base.ai_prompt != parent.content.ai_prompt,
            sections=list(_differences(base, version.content, parent.content)),
        )

    return clinic.perform("template.parent_changes", transaction)


def accept(clinic: Clinic, template_id: str, accepted: ParentAcceptance) -> TemplateAnswer:
    """Take over a version of the parent, as a further version of the template. Raises Conflict if it is not offered."""

    def transaction(work: UnitOfWork) -> TemplateAnswer:
        work.prefetch(*reading.refs(template_id), work.settings_ref())
        template = reading.changeable(work, template_id)
        version = reading.version(work, template.id, template.version)
        parent = _offering(work, version)
        if parent is None or parent.version.number != accepted.version:
            raise Conflict(ConflictCode.TEMPLATE_UP_TO_DATE, "the parent offers no such version")
        content = updated(version.content, _base(work, version), parent.content)
        raise_if_any(content_errors(content))
        following = version.followed_by(content, work.stamp, parent_version=parent.version.number)
        after = template.at_version(
            following,
            work.stamp,
            is_active=template.is_active,
            is_public=template.is_public,
            report_type=template.report_type,
        )
        return reading.answer(work, Current(work.save(after), work.create(following)))

    return clinic.perform("template.accept", transaction)


def _offering(work: UnitOfWork, version: TemplateVersion) -> Current | None:
    """The parent with its newest version, if that is newer; None for one that is hidden or no longer visible."""
    if version.parent_template_id is None or version.parent_version is None:
        return None
    parent = reading.find(work, version.parent_template_id)
    if parent is None or not reading.is_visible(work, parent) or parent.version <= version.parent_version:
        return None
    return Current(parent, reading.version(work, parent.id, parent.version))


def _base(work: UnitOfWork, version: TemplateVersion) -> TemplateContent:
    """The version of the parent that a child goes back to."""
    assert version.parent_template_id is not None, "checked"
    assert version.parent_version is not None, "checked"
    return reading.version(work, version.parent_template_id, version.parent_version).content


def _differences(base: TemplateContent, own: TemplateContent, parent: TemplateContent) -> Iterable[ParentDifference]:
    """Every section of both versions of the parent; those that the child changed itself are marked."""
    kept = inherited(base.sections, own.sections)
    of_child = {*kept.overridden, *kept.removed, *kept.added}
    for one in differences(base.sections, parent.sections):
        yield ParentDifference(**dict(one), kept_own=one.section in of_child)


def _nothing(template: ReportTemplate) -> ParentChanges:
    return ParentChanges(
        parent_template_id=template.parent_template_id,
        parent_version=template.parent_version,
        offered_version=None,
        prompt_changed=False,
        sections=[],
    )
