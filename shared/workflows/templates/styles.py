"""The caller's own style examples."""

from __future__ import annotations

from shared.records.problems import raise_if_any
from shared.records.templates.style import StyleExamples, StyleUpdate
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork


def get(clinic: Clinic) -> StyleExamples:
    """The caller's examples. Raises NotFound without any."""
    return clinic.perform("style.read", lambda work: work.get(StyleExamples.ref(work.user_id)))


def put(clinic: Clinic, update: StyleUpdate) -> StyleExamples:
    """Create or replace the caller's examples. Raises Invalid listing every unusable one."""

    def transaction(work: UnitOfWork) -> StyleExamples:
        ref = StyleExamples.ref(work.user_id)
        found = work.get_or_none_for_update(ref)
        raise_if_any(update.errors())
        if found is None:
            return work.upsert(StyleExamples.new(ref.id, work.stamp, examples=update.examples))
        return work.save_edit(found, found.edited(work.stamp, examples=update.examples))

    return clinic.perform("style.write", transaction)


def delete(clinic: Clinic) -> None:
    """Delete the text of the caller's examples, whatever they are."""

    def transaction(work: UnitOfWork) -> None:
        found = work.get_for_update(StyleExamples.ref(work.user_id))
        work.save(found.revised(work.stamp, examples=[], live=False))

    clinic.perform("style.delete", transaction)


def of_doctor(work: UnitOfWork, doctor_id: str) -> list[str]:
    """The examples of a doctor, for the prompt of their report; empty without any."""
    found = work.get_or_none(StyleExamples.ref(doctor_id))
    return found.examples if found else []
