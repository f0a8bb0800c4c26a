"""Operations on patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from shared.records.parties import DoctorName, Named, PatientName, PersonName
from shared.records.patients import allergies, merging
from shared.records.patients.death import NewDeath
from shared.records.patients.details import NewReportedAllergy
from shared.records.patients.likeness import likeness_of
from shared.records.patients.merged_record import MergedRecord, PatientFacts
from shared.records.patients.patient import Patient
from shared.records.patients.search import SearchPage
from shared.records.patients.similar import SimilarPatient
from shared.records.patients.update import PatientPatch
from shared.records.permissions import Action
from shared.records.record import Detailed, Stamp
from shared.records.version import Version
from shared.records.version_list import Changed, RecordType
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, Placeholder, State, page
from tools.openapi.operation_cases.sample_clinic import BEGAN, COLLEAGUE, DESK, DOCTOR, TODAY

_REGISTRATION = {
    "first_name": "Ananya",
    "last_name": "Kulkarni",
    "date_of_birth": "1988-11-23",
    "gender": "female",
    "primary_phone": "+919845012345",
    "email": "ananya.kulkarni@mail.example",
    "address": {"lines": ["14 Lake View Road"], "city": "Bengaluru", "postal_code": "560042", "country": "IN"},
    "occupation": "Architect",
    "marital_status": "married",
    "preferred_language": "kn-IN",
    "emergency_contact": {"name": "Rohan Kulkarni", "phone": "+919845067890", "relationship": "husband"},
    "insurance": {"provider_name": "Sahyadri Health", "policy_number": "SH-2207-118834"},
    "tags": ["evening"],
    "clinical_tags": ["anxiety"],
    "blood_group": "B+",
    "allergies": ["penicillin"],
    "current_medications": ["sertraline 50 mg"],
    "medical_history": "Generalised anxiety disorder since 2019.",
}
DEMOGRAPHICS: Mapping[str, Any] = {"first_name": "Nova", "last_name": "Kurz", "date_of_birth": "1990-05-17"}
"""What test requests write: the front desk may not write clinical fields."""
ALLERGY_ID = "al7n3wq5tz"
"""The id of a reported allergy."""
_DEATH = {"date": "2026-09-12", "reason": "told by the husband"}
_REPORTED = {"text": "latex"}
_CHANGE = {"primary_phone": "+919845098765", "occupation": None, "address": {"postal_code": "560043"}}

PATIENT = factories.patient(
    DOCTOR,
    Stamp(DESK, BEGAN - timedelta(days=12)),
    id="pt7k3mq9xw2c5vbn8h4d",
    number="PAT-20260042",
    **_REGISTRATION,
)
OF_PATIENT = {"id": PATIENT.id}
PARTIES = Named(patient=PatientName.of(PATIENT), doctor=DoctorName(id=DOCTOR, name="Meera Iyer"))
OTHER = factories.patient(
    COLLEAGUE,
    Stamp(DESK, BEGAN - timedelta(days=300)),
    id="pt2w8hn4rk6y9cbt3m5v",
    number="PAT-20250317",
    first_name="Anania",
    last_name="Kulkarni",
    date_of_birth="1988-11",
    primary_phone="+919845098765",
    allergies=["aspirin"],
)
_MERGED, _ABSORBED = merging.merged(PATIENT, OTHER, Stamp(DOCTOR, BEGAN))


_SIMILAR = SimilarPatient.of(OTHER, likeness_of(PATIENT, OTHER))


def _shown(
    patient: Patient, *records: Patient, similar: Sequence[SimilarPatient] = ()
) -> Detailed[Patient, PatientFacts]:
    """The patient with the age, the records that are merged into theirs, and who may be the same person."""
    merged = [MergedRecord.of(one, clinical=True) for one in records]
    facts = PatientFacts(**dict(patient.age_on(TODAY)), merged_records=merged, warnings=[*similar])
    return Detailed(patient, facts)


_DETAILED = _shown(PATIENT)


_VERSION = Version.of(
    PATIENT,
    PATIENT.revised(Stamp(DOCTOR, BEGAN), primary_phone="+919845098765", allergies=["penicillin", "latex"]),
    Stamp(DOCTOR, BEGAN),
)
_CHANGED = Changed(
    record_type=RecordType.PATIENT,
    patient=PatientName.of(PATIENT),
    author=PersonName(id=DOCTOR, name="Meera Iyer"),
)


_WAITING = allergies.reported(
    PATIENT, NewReportedAllergy.model_validate(_REPORTED), ALLERGY_ID, Stamp(DESK, BEGAN - timedelta(days=1))
)


def _decided(rule: Callable[[Patient, str, Stamp], Patient]) -> OperationCase:
    """The case of a decision about a reported allergy."""
    return OperationCase(
        path={**OF_PATIENT, "allergy_id": ALLERGY_ID},
        answer=_shown(rule(_WAITING, ALLERGY_ID, Stamp(DOCTOR, BEGAN))),
        action=Action.CHANGE_CHART,
    )


def _changed(**changes: Any) -> Detailed[Patient, PatientFacts]:
    """The patient after a change, with the age."""
    return _shown(PATIENT.revised(Stamp(DOCTOR, BEGAN), **changes))


CASES: Mapping[str, OperationCase] = {
    "patients.newest": OperationCase(
        query={"page_size": 20, "doctor_id": DOCTOR, "created_from": "2026-09-01T00:00:00Z"},
        answer=page(_DETAILED, more=True),
        state=State.CLINIC,
    ),
    "patients.register": OperationCase(
        body=_REGISTRATION,
        answer=_shown(PATIENT, similar=[_SIMILAR]),
        state=State.CLINIC,
        test_body={**DEMOGRAPHICS, "owner_id": Placeholder.OWNER, "allow_duplicate": True},
    ),
    "patients.get": OperationCase(path=OF_PATIENT, answer=_DETAILED, action=Action.READ_PATIENT),
    "patients.write": OperationCase(
        path=OF_PATIENT,
        body=_REGISTRATION,
        answer=_changed(),
        action=Action.CHANGE_PATIENT,
        test_body={**DEMOGRAPHICS, "allow_duplicate": True},
    ),
    "patients.change": OperationCase(
        path=OF_PATIENT,
        body=_CHANGE,
        answer=_shown(
            PATIENT.rewritten(PatientPatch.model_validate(_CHANGE).onto(PATIENT), Stamp(DESK, BEGAN), clinical=True)
        ),
        action=Action.CHANGE_PATIENT,
        test_body={"occupation": "Baker"},  # the test patient has no address that could be changed
    ),
    "patients.report_allergy": OperationCase(
        path=OF_PATIENT,
        body=_REPORTED,
        answer=_shown(_WAITING),
        action=Action.CHANGE_PATIENT,
    ),
    "patients.confirm_allergy": _decided(allergies.confirmed),
    "patients.reject_allergy": _decided(allergies.rejected),
    "patients.delete": OperationCase(
        path=OF_PATIENT,
        query={"cancel_pending": [f"{PATIENT.id}-v6h3kp9x", f"{PATIENT.id}-s5m2wd8r"]},
        state=State.SETTLED,
        action=Action.SHARE_PATIENT,
        vanishes=True,
    ),
    "patients.record_death": OperationCase(
        path=OF_PATIENT,
        body={**_DEATH, "cancel_pending": [f"{PATIENT.id}-v6h3kp9x"]},
        answer=_changed(deceased=NewDeath.model_validate(_DEATH).recorded(TODAY)),
        state=State.SETTLED,
        action=Action.CHANGE_PATIENT,
        test_body={"date": "2026"},
    ),
    "patients.withdraw_death": OperationCase(
        path=OF_PATIENT, answer=_changed(), state=State.DECEASED, action=Action.CHANGE_PATIENT
    ),
    "patients.merge": OperationCase(
        path=OF_PATIENT,
        body={"patient_id": OTHER.id, "patient_revision": OTHER.revision},
        answer=_shown(_MERGED, _ABSORBED),
        action=Action.SHARE_PATIENT,
        test_body={"patient_id": Placeholder.DUPLICATE, "patient_revision": 1},
    ),
    "patients.unmerge": OperationCase(
        path=OF_PATIENT,
        body={"patient_id": OTHER.id},
        answer=_shown(merging.unmerged(_MERGED, _ABSORBED, [], Stamp(DOCTOR, BEGAN))[0]),
        state=State.MERGED,
        action=Action.SHARE_PATIENT,
        test_body={"patient_id": Placeholder.MERGED_RECORD},
    ),
    "patients.restore": OperationCase(
        path=OF_PATIENT,
        body={"allow_duplicate": True},
        answer=_changed(),
        state=State.PATIENT_DELETED,
        vanishes=True,
    ),
    "patients.share": OperationCase(
        path={**OF_PATIENT, "doctor_id": COLLEAGUE},
        body={"level": "write"},
        answer=_changed(shared_with=[COLLEAGUE], writers=[COLLEAGUE]),
        action=Action.SHARE_PATIENT,
    ),
    "patients.withdraw": OperationCase(
        path={**OF_PATIENT, "doctor_id": COLLEAGUE},
        query={"take_over_by": DOCTOR},
        answer=_changed(),
        action=Action.SHARE_PATIENT,
        test_path={"doctor_id": Placeholder.SHARED_DOCTOR},
    ),
    "patients.transfer": OperationCase(
        path=OF_PATIENT,
        body={"owner_id": COLLEAGUE, "take_over_by": COLLEAGUE},
        answer=_changed(owner_id=COLLEAGUE),
        state=State.SETTLED,
        action=Action.SHARE_PATIENT,
    ),
    "patients.versions": OperationCase(
        path=OF_PATIENT, query={"page_size": 20}, answer=page(_VERSION), action=Action.READ_PATIENT
    ),
    "versions.list_versions": OperationCase(
        query={"changed_by": DOCTOR, "day": "2026-09-14"},
        answer=page(Detailed(_VERSION, _CHANGED)),
        state=State.CLINIC,
    ),
    "patients.search": OperationCase(
        body={"text": "kulkarni anan", "kinds": ["name"], "page_size": 10},
        answer=SearchPage([_DETAILED], None, None),
        state=State.CLINIC,
        test_body={"text": Placeholder.PATIENT_NAME},
    ),
}
