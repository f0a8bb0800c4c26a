"""How often templates are used: a document for each doctor, which the drafts of no other doctor write.

A counter in the template itself would be written by every draft of the clinic, and would conflict with its changes. A
use is counted in the commit that writes the report, so a repeated delivery counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.lazily import lazily
from shared.store import queries

with lazily(globals()):
    from shared.records.templates import facts

COLLECTION = "template_uses"
COUNTS, LAST = "counts", "last"
"""The fields of a document, each by template: the number of uses, and the time of the last."""
MOST_DOCTORS = 1_000
"""Doctors of a clinic whose uses are added up."""


def path_of(doctor_id: str) -> str:
    """The path of a doctor's uses below the clinic."""
    return f"{COLLECTION}/{doctor_id}"


def totals(clinic_id: str, template_ids: Sequence[str]) -> Mapping[str, facts.TemplateUse]:
    """The uses of templates by all doctors of a clinic, with one query."""
    snapshots = queries.first(clinic_id, COLLECTION, [], None, MOST_DOCTORS)
    documents = [snapshot.to_dict() for snapshot in snapshots]
    return {id: _total(id, documents) for id in template_ids}


def _total(template_id: str, documents: Iterable[Mapping[str, Any]]) -> facts.TemplateUse:
    used = [one for one in documents if template_id in one[COUNTS]]
    return facts.TemplateUse(
        usage_count=sum(one[COUNTS][template_id] for one in used),
        last_used_at=max((one[LAST][template_id] for one in used), default=None),
    )
