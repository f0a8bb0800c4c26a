"""Checks the patient's consents before each step that records, transcribes or drafts.

The consents and the clinic's settings are read in the call that reads the step's other records. What begins something
that a withdrawal cannot see yet, an upload or a job, requires the consents unchanged until its commit, so a withdrawal
at the same time makes it run again. A step of a job that waits need not: the withdrawal writes that job, or the
recording that it is made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.lazily import lazily
from shared.records.attempt import CONSENT_MISSING, CONSENT_WITHDRAWN
from shared.records.clinic.consent_policy import AfterWithdrawal, ConsentUse
from shared.records.patients.consent_missing import ConsentMissing, ConsentReason, MissingConsent
from shared.records.problems import NotFound
from shared.records.record import Ref, patient_of
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.patients.consent import PatientConsents
    from shared.records.patients.consent_rules import missing, missing_for_sharing
    from shared.records.reports.types import ReportSource


def refs(work: UnitOfWork, id: str) -> list[Ref[Any]]:
    """What the check of a step reads, to be prefetched; `id` is that of the patient, or of a record of the patient."""
    return [PatientConsents.ref(patient_of(id)), work.settings_ref()]


def require(work: UnitOfWork, session_id: str, use: ConsentUse) -> None:
    """Raises ConsentMissing, which names every consent that the use lacks."""
    if found := _missing(work, session_id, use):
        raise ConsentMissing(found)


def require_sharing(work: UnitOfWork, session_id: str) -> None:
    """Raises ConsentMissing unless the consents allow to pass the visit's data on to somebody outside."""
    if found := missing_for_sharing(_guarded(work, session_id), work.settings(), session_id, work.now):
        raise ConsentMissing(found)


def require_kept(work: UnitOfWork, session_id: str) -> None:
    """Raises ConsentMissing if a consent to the recording is withdrawn and the clinic then deletes recordings: nobody
    hears what is left until it is deleted."""
    found = lacking(work, session_id, ConsentUse.RECORD)
    withdrawn = [one for one in found if one.reason == ConsentReason.WITHDRAWN]
    if withdrawn and work.settings().after_withdrawal == AfterWithdrawal.DELETE:
        raise ConsentMissing(withdrawn)


def failure(work: UnitOfWork, session_id: str, use: ConsentUse) -> str | None:
    """The error code of a job whose next step lacks a consent; None if it may go on.

    For steps that write what a withdrawal would write too; for others, see `failure_of_new`.
    """
    found = lacking(work, session_id, use)
    return failure_of(found) if found else None


def failure_of_new(work: UnitOfWork, session_id: str, use: ConsentUse) -> str | None:
    """As `failure`, of a job that is created in this commit, which requires the consents unchanged."""
    found = _missing(work, session_id, use)
    return failure_of(found) if found else None


def withdrawn(work: UnitOfWork, session_id: str, use: ConsentUse) -> str | None:
    """As `failure`, for the end of a step that began with live consents: only a withdrawal ends the job."""
    return CONSENT_WITHDRAWN if failure(work, session_id, use) == CONSENT_WITHDRAWN else None


def failure_of(found: Sequence[MissingConsent]) -> str:
    """The error code of a job that lacks these consents."""
    withdrawn = any(one.reason == ConsentReason.WITHDRAWN for one in found)
    return CONSENT_WITHDRAWN if withdrawn else CONSENT_MISSING


def drafting_from(source: ReportSource) -> ConsentUse:
    """The use of a draft from this source."""
    return ConsentUse.DRAFT_FROM_NOTES if source == ReportSource.NOTES else ConsentUse.DRAFT


def consents_of(work: UnitOfWork, patient_id: str) -> PatientConsents:
    """The patient's consents; an empty record, which is not stored, if none was recorded."""
    work.prefetch(*refs(work, patient_id))
    ref = PatientConsents.ref(patient_id)
    return work.get_or_none(ref) or PatientConsents.new(patient_id, work.stamp)


def counting(work: UnitOfWork, patient_id: str) -> PatientConsents:
    """The consents that count for a patient: of all records of the person, as one, which is not stored."""
    return _together(_of_person(work, patient_id))


def counting_with(work: UnitOfWork, changed: PatientConsents) -> PatientConsents:
    """As `counting`, once the consents of one record of the person are changed."""
    found = _of_person(work, changed.id)
    return changed.together_with([one for one in found if one.id != changed.id])


def consents_with(work: UnitOfWork, patient_id: str, consent_id: str) -> PatientConsents:
    """The consents among which one with this id is, of the records of a person. Raises NotFound."""
    for consents in _of_person(work, patient_id):
        if any(one.id == consent_id for one in consents.given):
            return consents
    raise NotFound


def _of_person(work: UnitOfWork, patient_id: str) -> list[PatientConsents]:
    """The consents of all records of a person, the one that stands for the person first."""
    work.prefetch(*refs(work, patient_id))
    ids = work.person_ids(patient_id)
    work.prefetch(*map(PatientConsents.ref, ids))
    return [consents_of(work, id) for id in ids]


def lacking(work: UnitOfWork, session_id: str, use: ConsentUse) -> list[MissingConsent]:
    """The consents that a use lacks now; they may change before the commit."""
    return missing(counting(work, patient_of(session_id)), work.settings(), use, session_id, work.now)


def _missing(work: UnitOfWork, session_id: str, use: ConsentUse) -> list[MissingConsent]:
    return missing(_guarded(work, session_id), work.settings(), use, session_id, work.now)


def _guarded(work: UnitOfWork, session_id: str) -> PatientConsents:
    """As `counting`; the commit fails if one of the records of consents changes meanwhile."""
    found = _of_person(work, patient_of(session_id))
    for consents in found:
        if consents.given:
            work.require_unchanged(consents)
    return _together(found)


def _together(found: Sequence[PatientConsents]) -> PatientConsents:
    own, *others = found
    return own.together_with(others)
