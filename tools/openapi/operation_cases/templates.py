"""Operations on templates of reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.records.page import Page
from shared.records.record import Detailed, Stamp
from shared.records.templates import inheritance, instruments
from shared.records.templates.content import TemplateContent
from shared.records.templates.facts import (
    ParentChanges,
    ParentDifference,
    TemplateDetail,
    TemplateFacts,
    TemplateVersionLine,
)
from shared.records.templates.style import StyleExamples
from shared.records.templates.template import ReportTemplate, TemplateVersion, shelves_of
from shared.records.templates.variables import SAMPLE
from shared.workflows.reports import prompt
from shared.workflows.reports.previewing import PreviewedPrompt
from tools.openapi.operation_cases.case import OperationCase, State, page
from tools.openapi.operation_cases.sample_clinic import BEGAN, DOCTOR

_MADE = Stamp(DOCTOR, BEGAN - timedelta(days=40))
_LATER = Stamp(DOCTOR, BEGAN - timedelta(days=2))
_PARENT_ID, _TEMPLATE_ID = "tm4hb8xq2wd6kz9pvn3c", "tm7kq2mxn4tz9wpb3rhs"
_SLEEP = {"id": "sleep", "title": "Sleep", "required": True, "guidance": "Hours, waking, naps."}
_PLAN = {"id": "plan", "title": "Plan", "required": True, "type": "list"}
_RISK = {"id": "risk", "title": "Risk", "assessed": True}
_PARENT_SAYS = {"name": "Follow-up of the clinic", "sections": [_PLAN]}
_SAYS: Mapping[str, Any] = {
    "name": "Sleep follow-up",
    "sections": [_SLEEP, _PLAN],
    "ai_prompt": "Write for a reader who knows the patient, aged {patient_age}.",
}


def template(newest: TemplateVersion, stamp: Stamp, **values: Any) -> ReportTemplate:
    """A public template with this newest version."""
    parent = {"parent_template_id": newest.parent_template_id, "parent_version": newest.parent_version}
    said = {"name": newest.content.name, "version": newest.number, "is_public": True, **parent, **values}
    made = ReportTemplate.new(said.pop("id", None) or newest.template_id, stamp, **said)
    return made.model_copy(update={"shelves": shelves_of(made.doctor_id, is_public=made.is_public)})


def _version(template_id: str, number: int, says: Mapping[str, Any], **parent: Any) -> TemplateVersion:
    return TemplateVersion.of(template_id, number, TemplateContent.model_validate(says), _MADE, **parent)


_PARENT_1 = _version(_PARENT_ID, 1, _PARENT_SAYS)
_PARENT_2 = _version(_PARENT_ID, 2, {**_PARENT_SAYS, "sections": [_RISK, _PLAN]})
_LINEAGE = {"parent_template_id": _PARENT_ID, "parent_version": 1, "depth": 1}
_CHILD = _version(_TEMPLATE_ID, 1, _SAYS, **_LINEAGE)
FAMILY = (_PARENT_1, _PARENT_2, _CHILD)
"""The versions of a parent and of its child, which goes back to the first version."""

_TEMPLATE = template(_CHILD, _MADE, doctor_id=DOCTOR)
_FACTS = TemplateFacts(
    usage_count=34, last_used_at=BEGAN - timedelta(hours=3), is_default=False, is_shipped=False, may_change=True
)
_INHERITED = inheritance.inherited(_PARENT_1.content.sections, _CHILD.content.sections)
_DETAIL = TemplateDetail.of(_CHILD.content, _FACTS, _INHERITED)
_FOUND = Detailed(_TEMPLATE, _DETAIL)
_NEW = Detailed(_TEMPLATE, _DETAIL.model_copy(update={"usage_count": 0, "last_used_at": None}))
_DEFAULT = Detailed(_TEMPLATE, _DETAIL.model_copy(update={"is_default": True}))
_OF_TEMPLATE = {"id": _TEMPLATE_ID}

_UPDATE = {**_SAYS, "sections": [_SLEEP, _RISK, _PLAN], "is_public": True}
_NEXT = _CHILD.followed_by(TemplateContent.model_validate({**_SAYS, "sections": _UPDATE["sections"]}), _LATER)
_CHANGED = Detailed(
    _TEMPLATE.at_version(_NEXT, _LATER, is_active=True, is_public=True, report_type=None),
    TemplateDetail.of(_NEXT.content, _FACTS, inheritance.inherited(_PARENT_1.content.sections, _NEXT.content.sections)),
)

_OFFERED = inheritance.differences(_PARENT_1.content.sections, _PARENT_2.content.sections)
_CHANGES = ParentChanges(
    parent_template_id=_PARENT_ID,
    parent_version=1,
    offered_version=2,
    prompt_changed=False,
    sections=[ParentDifference(**dict(one), kept_own=False) for one in _OFFERED],
)
_TAKEN = _CHILD.followed_by(
    inheritance.updated(_CHILD.content, _PARENT_1.content, _PARENT_2.content), _LATER, parent_version=2
)
_ACCEPTED = Detailed(
    _TEMPLATE.at_version(_TAKEN, _LATER, is_active=True, is_public=True, report_type=None),
    TemplateDetail.of(
        _TAKEN.content, _FACTS, inheritance.inherited(_PARENT_2.content.sections, _TAKEN.content.sections)
    ),
)

_PREVIEW = PreviewedPrompt(
    template_version=1,
    prompt_hash=prompt.digest_of(_CHILD.content),
    instruction="You draft the report of a medical consultation …",
    prompt="SECTIONS\n- sleep: Sleep — Hours, waking, naps.\n\nTRANSCRIPT\n[1] PATIENT: I sleep better.",
    variables=dict(SAMPLE),
)

_EXAMPLES = {"examples": ["Sleep improved, 7 h. No early waking.\nPlan: continue, review in 4 weeks."]}
_STYLE = StyleExamples.new(DOCTOR, _MADE, **_EXAMPLES)


def _case(**values: Any) -> OperationCase:
    """A case of the template of the example."""
    return OperationCase(path=_OF_TEMPLATE, state=State.OWN_TEMPLATE, **values)


CASES: Mapping[str, OperationCase] = {
    "templates.list_templates": OperationCase(
        query={"shelf": "own", "active": True}, answer=page(Detailed(_TEMPLATE, _FACTS)), state=State.OWN_TEMPLATE
    ),
    "templates.create": OperationCase(
        body={**_SAYS, "parent": {"template_id": _PARENT_ID, "version": 1}}, answer=_NEW, state=State.OWN_TEMPLATE
    ),
    "templates.list_instruments": OperationCase(
        answer=Page([next(iter(instruments.known().values()))], None), state=State.CLINIC
    ),
    "templates.get_style": OperationCase(answer=_STYLE, state=State.OWN_STYLE),
    "templates.put_style": OperationCase(body=_EXAMPLES, answer=_STYLE, state=State.OWN_STYLE),
    "templates.delete_style": OperationCase(state=State.OWN_STYLE, vanishes=True),
    "templates.get": _case(answer=_FOUND),
    "templates.change": _case(body=_UPDATE, answer=_CHANGED),
    "templates.delete": _case(vanishes=True),
    "templates.versions": _case(query={"page_size": 20}, answer=page(TemplateVersionLine.of(_CHILD))),
    "templates.get_version": OperationCase(
        path={**_OF_TEMPLATE, "number": "1"}, answer=_CHILD, state=State.OWN_TEMPLATE
    ),
    "templates.preview": _case(body={}, answer=_PREVIEW),
    "templates.make_default": _case(answer=_DEFAULT),
    "templates.parent_changes": _case(answer=_CHANGES),
    "templates.accept_parent_changes": _case(body={"version": 2}, answer=_ACCEPTED),
}
