"""Who may do what to whose visit: one table of actions and relations.

A caller can have several relations to a record; one that allows an action is enough. A relation as a doctor counts only
while the caller has the role doctor. The roles of the operation are checked before (`shared/web/operations.py`), and a
caller who may see neither the patient nor the report gets 404.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from shared.records.record import Value
from shared.records.types import Id, Role


class ShareLevel(StrEnum):
    """What a doctor may do with a patient, or a report, that was shared."""

    READ = "read"
    WRITE = "write"
    """Read, and change: of a patient the chart and new visits, of both an unsigned report. Never sign, and never write
    another doctor's notes or move another doctor's visit."""


class Share(Value):
    """What a colleague may do with a patient that is shared with them."""

    level: ShareLevel = ShareLevel.READ


class Handover(Value):
    """Who takes over the unsigned reports of a doctor who loses access."""

    take_over_by: Id | None = None
    """A doctor of the clinic, who may then sign them. Without one, unsigned reports are a conflict that names them."""


class ReportShare(Value):
    """The doctor with whom a report is shared, and what that doctor may do."""

    doctor_id: Id
    level: ShareLevel = ShareLevel.READ


class Relation(StrEnum):
    """A caller's relation to a record. The values are the column heads of the documented table."""

    VISIT_DOCTOR = "doctor of the visit"
    RESPONSIBLE = "doctor of the report"
    """The doctor of the visit, or the one who took the report over."""
    SIGNER = "signer of the report"
    COSIGNER = "co-signer of the report"
    """The supervisor whose co-signature a trainee's report waits for, or has."""
    OWNER = "doctor of the patient"
    PATIENT_WRITE = "patient shared: write"
    PATIENT_READ = "patient shared: read"
    REPORT_WRITE = "report shared: write"
    REPORT_READ = "report shared: read"
    ADMIN = "admin"
    RECEPTIONIST = "receptionist"
    OTHER_DOCTOR = "other doctor"
    """No relation: every action is refused."""


class Action(StrEnum):
    """An action. The values are the row heads of the documented table."""

    READ_PATIENT = "read the patient"
    CHANGE_PATIENT = "change the patient"
    CHANGE_CHART = "decide about a reported allergy or an offered chart change"
    SHARE_PATIENT = "share, withdraw, transfer, merge, delete the patient"
    START_VISIT = "start a visit"
    READ_VISIT = "read a visit and its transcription"
    MOVE_VISIT = "pause, resume, complete, cancel, reopen a visit, correct its times, type and patient"
    WRITE_NOTES = "write complaint and notes of a visit"
    RECORD_VISIT = "upload a recording"
    DECLARE_LOST = "declare audio of a visit lost"
    REQUEST_REPORT = "request a report, correct a transcription or request it again"
    READ_REPORT = "read a report"
    EDIT_REPORT = "correct or review an unsigned report"
    RESOLVE_DOUBTS = "resolve the doubts of an unsigned report"
    SIGN_REPORT = "sign a report"
    COSIGN_REPORT = "co-sign a report"
    RETURN_REPORT = "return a report that waits for the co-signature"
    ADD_ADDENDUM = "add an addendum to a signed report"
    NEW_VERSION = "make a new version of a signed report"
    SHARE_REPORT = "share a report"
    READ_PSYCHOTHERAPY_NOTES = "read, correct or sign a report of psychotherapy notes, beside the above"
    EXPORT_PSYCHOTHERAPY_NOTES = "print or export a report of psychotherapy notes"


_READERS = frozenset({Relation.OWNER, Relation.PATIENT_WRITE, Relation.PATIENT_READ, Relation.ADMIN})
"""They see everything of a patient."""
_EDITORS = frozenset({Relation.VISIT_DOCTOR, Relation.OWNER, Relation.PATIENT_WRITE, Relation.ADMIN})

RULES: Mapping[Action, frozenset[Relation]] = {
    Action.READ_PATIENT: _READERS | {Relation.RECEPTIONIST},
    Action.CHANGE_PATIENT: frozenset({Relation.OWNER, Relation.PATIENT_WRITE, Relation.ADMIN, Relation.RECEPTIONIST}),
    Action.CHANGE_CHART: frozenset({Relation.OWNER, Relation.PATIENT_WRITE}),
    Action.SHARE_PATIENT: frozenset({Relation.OWNER, Relation.ADMIN}),
    Action.START_VISIT: frozenset({Relation.OWNER, Relation.PATIENT_WRITE, Relation.ADMIN}),
    Action.READ_VISIT: _READERS,
    Action.MOVE_VISIT: frozenset({Relation.VISIT_DOCTOR, Relation.ADMIN}),
    Action.WRITE_NOTES: frozenset({Relation.VISIT_DOCTOR}),
    Action.RECORD_VISIT: _EDITORS,
    Action.DECLARE_LOST: frozenset({Relation.VISIT_DOCTOR}),
    Action.REQUEST_REPORT: _EDITORS | {Relation.RESPONSIBLE},
    Action.READ_REPORT: _READERS | {Relation.SIGNER, Relation.COSIGNER, Relation.REPORT_WRITE, Relation.REPORT_READ},
    Action.EDIT_REPORT: _EDITORS | {Relation.RESPONSIBLE, Relation.REPORT_WRITE},
    Action.RESOLVE_DOUBTS: (_EDITORS - {Relation.ADMIN}) | {Relation.RESPONSIBLE, Relation.REPORT_WRITE},
    Action.SIGN_REPORT: frozenset({Relation.RESPONSIBLE}),
    Action.COSIGN_REPORT: frozenset({Relation.COSIGNER}),
    Action.RETURN_REPORT: frozenset({Relation.COSIGNER, Relation.RESPONSIBLE}),
    Action.ADD_ADDENDUM: frozenset(
        {Relation.SIGNER, Relation.COSIGNER, Relation.RESPONSIBLE, Relation.VISIT_DOCTOR, Relation.OWNER}
    ),
    Action.NEW_VERSION: frozenset({Relation.RESPONSIBLE, Relation.OWNER}),
    Action.SHARE_REPORT: frozenset({Relation.RESPONSIBLE, Relation.OWNER, Relation.ADMIN}),
    # The supervisor reads them to co-sign: training under supervision (45 CFR 164.508(a)(2)(i)(B)).
    Action.READ_PSYCHOTHERAPY_NOTES: frozenset({Relation.RESPONSIBLE, Relation.SIGNER, Relation.COSIGNER}),
    Action.EXPORT_PSYCHOTHERAPY_NOTES: frozenset({Relation.RESPONSIBLE, Relation.SIGNER}),
}
"""The relations that allow each action."""

REFUSALS: Mapping[Action, str] = {
    Action.READ_PATIENT: "the patient is not shared with you",
    Action.CHANGE_PATIENT: "the patient is shared with you for reading only",
    Action.CHANGE_CHART: "only a doctor who may change the patient decides about entries of the chart",
    Action.SHARE_PATIENT: "only the responsible doctor or an admin does this",
    Action.START_VISIT: "the patient is shared with you for reading only",
    Action.READ_VISIT: "the patient is not shared with you",
    Action.MOVE_VISIT: "only the doctor of the visit or an admin moves or corrects it",
    Action.WRITE_NOTES: "only the doctor of the visit writes its complaint and notes",
    Action.RECORD_VISIT: "the patient is shared with you for reading only",
    Action.DECLARE_LOST: "only the doctor of the visit declares its audio lost",
    Action.REQUEST_REPORT: "the patient is shared with you for reading only",
    Action.READ_REPORT: "the report is not shared with you",
    Action.EDIT_REPORT: "the report is shared with you for reading only",
    Action.RESOLVE_DOUBTS: "only a doctor who may correct the report resolves its doubts",
    Action.SIGN_REPORT: "only the doctor of the report signs it: the doctor of the visit, or who took the report over",
    Action.COSIGN_REPORT: "only the supervisor of the author co-signs a report",
    Action.RETURN_REPORT: "only the supervisor of the author, or the doctor of the report, returns it",
    Action.ADD_ADDENDUM: "only who signed the report, its doctor, and the doctor of the patient add to it",
    Action.NEW_VERSION: "only the doctor of the report or the doctor of the patient makes a new version of it",
    Action.SHARE_REPORT: "only the doctor of the report, the doctor of the patient or an admin shares it",
    Action.READ_PSYCHOTHERAPY_NOTES: "the report is psychotherapy notes, which are for their author alone",
    Action.EXPORT_PSYCHOTHERAPY_NOTES: "the report is psychotherapy notes, which only their author exports",
}
"""The refusal of each action, for a caller without a relation that allows it."""


def allows(action: Action, relations: Collection[Relation]) -> bool:
    """True if one of the relations allows the action."""
    return not RULES[action].isdisjoint(relations)


def patient_relations(
    user_id: str, roles: Collection[Role], owner_id: str, shared_with: Collection[str], writers: Collection[str]
) -> frozenset[Relation]:
    """The relations of a user with these roles to a patient."""
    found = {Relation.ADMIN} if Role.ADMIN in roles else set()
    if Role.RECEPTIONIST in roles:
        found.add(Relation.RECEPTIONIST)
    if Role.DOCTOR in roles:
        found |= share_relations(user_id, shared_with, writers, Relation.PATIENT_READ, Relation.PATIENT_WRITE)
        if user_id == owner_id:
            found.add(Relation.OWNER)
    return frozenset(found)


def share_relations(
    user_id: str, shared_with: Collection[str], writers: Collection[str], reads: Relation, writes: Relation
) -> set[Relation]:
    """The relation that a share makes. A writer that is not in `shared_with` has none."""
    level = level_of(user_id, shared_with, writers)
    return set() if level is None else {writes if level == ShareLevel.WRITE else reads}


def level_of(user_id: str, shared_with: Collection[str], writers: Collection[str]) -> ShareLevel | None:
    """The level of a user's share; None without a share."""
    if user_id not in shared_with:
        return None
    return ShareLevel.WRITE if user_id in writers else ShareLevel.READ


def with_share(shared_with: list[str], writers: list[str], user_id: str, level: ShareLevel) -> dict[str, list[str]]:
    """The fields of a record that is shared with one more user, or with this user at another level."""
    readers = shared_with if user_id in shared_with else [*shared_with, user_id]
    others = [other for other in writers if other != user_id]
    return {"shared_with": readers, "writers": [*others, user_id] if level == ShareLevel.WRITE else others}


def without_share(shared_with: list[str], writers: list[str], user_id: str) -> dict[str, list[str]]:
    """The fields of a record that is no longer shared with a user."""
    return {
        name: [other for other in ids if other != user_id]
        for name, ids in {"shared_with": shared_with, "writers": writers}.items()
    }
