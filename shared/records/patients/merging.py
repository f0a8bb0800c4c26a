"""Merging two records of one person by reference, and undoing it.

The other record keeps its id, its number, its keys and its fields; the surviving one names it. Both have the doctors of
both while they are merged, so nobody loses access, and a record of either is admitted by its own patient. Undoing gives
each its own doctors back, but for who was withdrawn meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.records import permissions
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.merge import MOST_MERGED, Merge, together
from shared.records.patients.patient import MOST_DOCTORS, Patient
from shared.records.permissions import ShareLevel
from shared.records.problems import Conflict
from shared.records.record import Stamp

FOLLOWED = ("live", "owner_id", "shared_with", "writers")
"""The fields that a merged record has from the one that it is merged into, whenever that changes."""


def merged(survivor: Patient, other: Patient, stamp: Stamp) -> tuple[Patient, Patient]:
    """Both records after the merge of the other into the surviving one. Raises Conflict if they cannot be merged."""
    _must_be_mergeable(survivor, other)
    access: dict[str, Any] = {name: list(getattr(survivor, name)) for name in ("shared_with", "writers")}
    joined, raised = [*survivor.joined], [*survivor.raised]
    for doctor_id in (other.owner_id, *other.shared_with):
        level = ShareLevel.WRITE if doctor_id == other.owner_id else other.level_of(doctor_id) or ShareLevel.READ
        before = permissions.level_of(doctor_id, access["shared_with"], access["writers"])
        if doctor_id == survivor.owner_id or before in (level, ShareLevel.WRITE):
            continue
        (joined if before is None else raised).append(doctor_id)
        access = permissions.with_share(access["shared_with"], access["writers"], doctor_id, level)
    if len(access["shared_with"]) > MOST_DOCTORS:
        raise Conflict(ConflictCode.TOO_MANY_DOCTORS, f"a patient is shared with {MOST_DOCTORS} doctors at most")
    taken = other.deceased is not None and survivor.deceased is None
    ids = [*survivor.merged_patient_ids, other.id]
    # Who joined at an earlier merge, to read, is raised and joined: undoing takes the access away all the same.
    after = survivor.revised(stamp, merged_patient_ids=ids, joined=joined, raised=raised, **access)
    after = after.amended(deceased=other.deceased) if taken else after
    was = {name: getattr(other, name) for name in ("owner_id", "shared_with", "writers")}
    merge = Merge(into=survivor.id, merged_at=stamp.at, merged_by=stamp.by, **was, death_taken=taken)
    return after, other.revised(stamp, merge=merge, **followed(after))


def unmerged(survivor: Patient, other: Patient, remaining: Sequence[Patient], stamp: Stamp) -> tuple[Patient, Patient]:
    """Both records after a merge is undone; `remaining` are the records that stay merged.

    Who joined by the merge leaves the surviving record. Who was withdrawn from it since has no access to the other one
    either, and who was added since keeps it to the surviving one alone.
    """
    merge = must_be_merged(survivor, other)
    stay = [record.merge for record in remaining if record.merge is not None]
    joined = [id for id in survivor.joined if any(one.admits(id) for one in stay)]
    raised = [id for id in survivor.raised if any(one.admits_writer(id) for one in stay)]
    readers = {id for id in joined if not any(one.admits_writer(id) for one in stay)}
    gone, lowered = {*survivor.joined} - {*joined}, ({*survivor.raised} - {*raised}) | readers
    own = survivor.revised(
        stamp,
        merged_patient_ids=[id for id in survivor.merged_patient_ids if id != other.id],
        shared_with=[id for id in survivor.shared_with if id not in gone],
        writers=[id for id in survivor.writers if id not in gone | lowered],
        joined=joined,
        raised=raised,
    )
    if merge.death_taken and survivor.deceased == other.deceased:
        own = own.amended(deceased=None)
    writes = {survivor.owner_id, *survivor.writers}
    return own, other.revised(
        stamp,
        merge=None,
        owner_id=merge.owner_id,
        shared_with=[id for id in merge.shared_with if survivor.seen_by(id)],
        writers=[id for id in merge.writers if id in writes],
    )


def must_be_merged(survivor: Patient, other: Patient) -> Merge:
    """The merge of the other record into the surviving one. Raises Conflict if it is not."""
    if other.merge is None or other.merge.into != survivor.id:
        raise Conflict(ConflictCode.NOT_MERGED, "the other record is not merged into this one")
    return other.merge


def followed(survivor: Patient) -> dict[str, Any]:
    """The fields that a record which is merged into this one has from it."""
    return {name: getattr(survivor, name) for name in FOLLOWED}


def with_charts_of(patient: Patient, others: Sequence[Patient]) -> Patient:
    """The patient with what the charts of the merged records list beside their own, to be read: it is never saved."""
    if not others:
        return patient
    lists = ("allergies", "reported_allergies", "current_medications", "diagnoses")
    return patient.model_copy(
        update={name: together(getattr(one, name) for one in (patient, *others)) for name in lists}
    )


def _must_be_mergeable(survivor: Patient, other: Patient) -> None:
    if other.merge is not None and other.merge.into == survivor.id:
        raise Conflict(ConflictCode.ALREADY_MERGED, "the records are merged")
    if other.merge is not None:
        raise Conflict(ConflictCode.ALREADY_MERGED, "the other record is merged into a third one: merge that one")
    if other.merged_patient_ids:
        raise Conflict(
            ConflictCode.HAS_MERGED_RECORDS,
            "other records are merged into the other one: undo that first, or merge this record into that one",
        )
    if len(survivor.merged_patient_ids) >= MOST_MERGED:
        raise Conflict(ConflictCode.TOO_MANY_MERGED, f"at most {MOST_MERGED} records are merged into one")
    deaths = survivor.deceased, other.deceased
    if deaths[0] and deaths[1] and not _agree(deaths[0].date, deaths[1].date):
        raise Conflict(ConflictCode.DEATHS_DIFFER, "the records say different dates of death: correct one first")


def _agree(one: Any, other: Any) -> bool:
    """True if two dates that are known in part can be the same day."""
    return bool(one.contains(other) or other.contains(one))
