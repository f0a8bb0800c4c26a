"""Unsigned reports of a doctor who will sign no more: taken over by another doctor, or named in a refusal.

Without this a draft could be signed by nobody. All writes are part of the commit that takes the doctor's access away,
so after a crash either both happened or nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from shared.lazily import lazily
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.permissions import ShareLevel
from shared.records.problems import Conflict, FieldError, Invalid
from shared.records.reports.report import UNFINISHED_STATES, Report
from shared.records.visits.session import OPEN_STATES, Session
from shared.store.queries import Filter
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.doctors import MOST_NAMED
from shared.workflows.stored_proofs import stored_proof

with lazily(globals()):
    from shared.records.reports.signed import SignedReport
    from shared.store.pagination import of_person
    from shared.workflows.doctors import active_doctor, ids_of_doctor

MOST_REPORTS = 50
"""Reports that one commit hands over, each with its patient: far from the largest commit of Firestore (10 MiB)."""
IN_BODY, IN_QUERY = "/take_over_by", "take_over_by"
"""Where a request names the new doctor."""


def hand_over(work: UnitOfWork, doctor_id: str, take_over_by: str | None, pointer: str = IN_BODY) -> None:
    """Hand over all unsigned reports of a doctor, and share their patients with the new doctor to write.

    Raises Conflict naming the reports without a new doctor, or when there are more than MOST_REPORTS; Invalid when the
    new doctor is none.
    """
    reports = _unsigned(work, doctor_id, [], take_over_by)
    if take_over_by is None or not reports:
        return
    _require_doctor(work, doctor_id, take_over_by, pointer)
    _take_over(work, reports, take_over_by)
    found = [work.get(Patient.ref(patient_id)) for patient_id in {report.patient_id for report in reports}]
    for patient in {patient.id: patient for patient in found}.values():
        if patient.owner_id != take_over_by and patient.level_of(take_over_by) != ShareLevel.WRITE:
            work.save(patient.shared(take_over_by, work.stamp, ShareLevel.WRITE))


def hand_over_of_patient(
    work: UnitOfWork, patient: Patient, doctor_id: str, take_over_by: str | None, pointer: str = IN_BODY
) -> None:
    """Hand over the unsigned reports that a doctor has of one patient, who loses access.

    `patient` is as it will be saved in the same commit; what begins a visit of the patient meanwhile touches the
    patient, so that one of the two commits runs again. Raises as `hand_over`, Conflict naming running visits of the
    doctor, which nobody could end, and Invalid when the new doctor may not write to the patient then.
    """
    of_patient: list[Filter] = [of_person(patient)]
    require_nothing_open(work, doctor_id, reports=take_over_by is None, more=of_patient)
    reports = [] if take_over_by is None else _unsigned(work, doctor_id, of_patient, take_over_by)
    if take_over_by is None or not reports:
        return
    if take_over_by != patient.owner_id:
        _require_doctor(work, doctor_id, take_over_by, pointer)
        if patient.level_of(take_over_by) != ShareLevel.WRITE:
            raise Invalid(errors=[FieldError(pointer, "the patient is not shared with this doctor to write")])
    _take_over(work, reports, take_over_by)


def require_nothing_open(work: UnitOfWork, doctor_id: str, *, reports: bool, more: Collection[Filter] = ()) -> None:
    """Raises Conflict, naming them, when the doctor has running sessions or, if they count, reports to sign."""
    work.keyring()  # the caller is checked before any query
    kinds: list[tuple[type[Session | Report], Collection[str], str]]
    kinds = [(Session, OPEN_STATES, "is running"), *([(Report, UNFINISHED_STATES, "is not signed")] if reports else [])]
    errors = [
        FieldError(model.path_of(id), state)
        for model, states, state in kinds
        for id in ids_of_doctor(work, model, doctor_id, states, more=more)
    ]
    if errors:
        raise Conflict(
            ConflictCode.OPEN_WORK,
            "the doctor has running sessions, or unsigned reports that nobody takes over (`take_over_by`)",
            errors,
        )


def _unsigned(work: UnitOfWork, doctor_id: str, more: list[Filter], take_over_by: str | None) -> list[Report]:
    """The unsigned reports of a doctor, read together."""
    work.keyring()  # the caller is checked before any query
    limit = MOST_REPORTS + 1 if take_over_by else MOST_NAMED
    ids = ids_of_doctor(work, Report, doctor_id, UNFINISHED_STATES, limit=limit, more=more)
    if not ids:
        return []
    if take_over_by is None:
        errors = [FieldError(Report.path_of(report_id), "is not signed") for report_id in ids]
        raise Conflict(
            ConflictCode.OPEN_WORK,
            "the doctor has unsigned reports: sign them, or name who takes them over (`take_over_by`)",
            errors,
        )
    if len(ids) > MOST_REPORTS:
        raise Conflict(
            ConflictCode.TOO_MANY_REPORTS,
            f"the doctor has more than {MOST_REPORTS} unsigned reports: transfer patients one by one first",
        )
    return [*_still_unsigned(work, ids, doctor_id)]


def _still_unsigned(work: UnitOfWork, ids: list[str], doctor_id: str) -> Iterator[Report]:
    """The reports as they are read now: one may have been signed since the query."""
    work.prefetch(*(ref for report_id in ids for ref in (Report.ref(report_id), SignedReport.ref(report_id))))
    for report_id in ids:
        report = work.get_or_none(Report.ref(report_id))
        unsigned = report is not None and report.status in UNFINISHED_STATES and report.doctor_id == doctor_id
        if report is not None and unsigned and stored_proof(work, report_id) is None:
            yield report


def _require_doctor(work: UnitOfWork, doctor_id: str, take_over_by: str, pointer: str) -> None:
    """Raises Invalid unless another active doctor of the clinic takes over, and stays one until the commit."""
    doctor = active_doctor(work, take_over_by)
    if take_over_by == doctor_id or doctor is None:
        raise Invalid(errors=[FieldError(pointer, "not another doctor of this clinic")])
    if take_over_by != work.user_id:
        work.require_unchanged(doctor)


def _take_over(work: UnitOfWork, reports: list[Report], take_over_by: str) -> None:
    for report in reports:
        work.save(report.taken_over(take_over_by, work.stamp))
