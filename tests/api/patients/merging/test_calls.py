"""What a merge costs: nothing for who was never merged, one or two reads more for a merged person."""

from __future__ import annotations

from tests.api.patients.merging.helpers import merged, twin, unmerge
from tests.support.call_counts import CountedCall, calls_during, commit, query, reads
from tests.support.clinics import TestClinic
from tests.support.patients import path_of


def test_calls_of_merged_and_other_patients(own_clinic: TestClinic) -> None:
    clinic = own_clinic
    first, second, third = clinic.silent_patient(), twin(clinic), twin(clinic)
    doctor, path = clinic.doctor, path_of(first)
    doctor.get(path).ok()  # the instance is warm

    def read(of: str) -> list[CountedCall]:
        return calls_during(clinic, "patients", lambda: doctor.get(of).ok())

    # The caller, the settings, the patient.
    assert read(path) == [reads(3), commit(2)]
    before = read(f"{path}/bills")
    merged(clinic, first, second)
    # Whoever reads the surviving record reads the others with it; whoever reads another one reads that first.
    assert read(path) == [reads(3), reads(1), commit(2)]
    assert read(path_of(second)) == [reads(3), reads(1), commit(2)]
    one = merged(clinic, first, third)
    assert read(path) == [reads(3), reads(2), commit(2)]
    assert read(path_of(second)) == [reads(3), reads(1), reads(1), commit(2)]
    assert read(f"{path}/bills") == [before[0], reads(2), *before[1:]]
    assert read("/patients") == [reads(2), query(1), reads(2), commit(2)]

    made = calls_during(clinic, "patients", lambda: unmerge(clinic.admin, one, third.body["id"]).ok())

    # Both were of one doctor, who loses access to neither: nothing is looked for. Written are the surviving record, its
    # version, the other one, and the audit entry; the record that stays merged is as it was.
    assert made == [reads(4), reads(1), commit(4)]


def test_calls_of_a_merge_and_of_its_undoing_with_doctors_who_lose_access(own_clinic: TestClinic) -> None:
    clinic = own_clinic
    first, second = clinic.silent_patient(), twin(clinic, clinic.other_doctor)
    merged(clinic, first, second)
    one = clinic.admin.get(path_of(first)).ok()

    made = calls_during(clinic, "patients", lambda: unmerge(clinic.admin, one, second.body["id"]).ok())

    # Of each of the two doctors who lose one: running visits, unsigned reports, coming appointments. Both records have
    # a version, of their doctors.
    assert made == [reads(4), *[query(1)] * 6, commit(5)]
