"""firestore.rules: the direct access of apps to Firestore, tested with requests to the emulator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from infra.catalogue import ROOT
from infra.record_types import record_types
from local.services.firestore.google.emulator import OwnEmulator
from local.services.kit.identity import PROJECT
from shared.records.clinic.people import User
from shared.records.patients.patient import Patient
from shared.records.permissions import Action, allows, patient_relations
from tests.rules import coverage, rules_client
from tests.rules.principals import (
    CLINIC,
    DELETED_PATIENT,
    MEMBERS,
    PATIENT,
    PRINCIPALS,
    SIGNED_OUT_AT,
    STRANGERS,
    Principal,
    patients,
    users,
)
from tests.rules.rules_client import GETS, LISTS, VERBS, WRITES, RulesClient, Verb

pytestmark = pytest.mark.long

RULES = (ROOT / "firestore.rules").read_text()
PROGRESS = f"clinics/{CLINIC}/progress/{PATIENT}-visit"
DELETED = f"clinics/{CLINIC}/progress/{DELETED_PATIENT}-visit"
OWN_COLLECTIONS = (
    "appointment_series appointments audit bill_shares bills book_days booked_days bounced_addresses calendar_feeds "
    "calendars certificates consents contact_choices counters devices disclosures exports keys ledger links logos "
    "messages notices numbers online_payments patient_keys patients payment_providers payment_references policies "
    "profiles receivables reports requests running_sessions schedules sessions settings_versions staff_messages "
    "style_examples template_uses template_versions templates transcriptions users versions vouchers waiting"
)
ELSEWHERE = [
    f"clinics/{CLINIC}",
    *(f"clinics/{CLINIC}/{collection}/one" for collection in OWN_COLLECTIONS.split()),
    f"clinics/{CLINIC}/sessions/one/recordings/one",
    f"clinics/{CLINIC}/sessions/one/live_audio/one",
    f"clinics/{CLINIC}/sessions/one/pieces/one",
    f"clinics/{CLINIC}/transcriptions/one/bodies/0",
    f"clinics/{CLINIC}/reports/one/bodies/content",
    f"{PROGRESS}/parts/one",
    DELETED,
    f"clinics/{CLINIC}/progress/stranger-visit",
    "clinics/begonia/progress/session-2",
    "progress/session-1",
    "users/one",
]
"""A document of every existing collection, and of some that do not exist."""


@pytest.fixture(scope="module")
def deployed(emulator: OwnEmulator) -> RulesClient:
    fill(emulator, PROJECT)
    return RulesClient(emulator, PROJECT)


@pytest.fixture
def planted(emulator: OwnEmulator) -> RulesClient:
    """The same data in another project, whose rules a test may change."""
    fill(emulator, "planted")
    return RulesClient(emulator, "planted")


def fill(emulator: OwnEmulator, project: str) -> None:
    """Write a document at every path, as the owner of the data."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", emulator.address)
        client = firestore.Client(project=project, credentials=AnonymousCredentials())
    batch = client.batch()
    for path in [PROGRESS, *ELSEWHERE]:
        batch.set(client.document(path), {"state": "open"})
    for path, _, document in [*users(), *patients()]:
        batch.set(client.document(path), document)
    batch.commit()


def allowed(at: RulesClient, verb: Verb, principals: list[Principal], paths: list[str]) -> list[str]:
    """The principals and paths for which the verb is allowed."""
    return [
        f"{principal.name}: {path}" for principal in principals for path in paths if verb(at, path, principal.token)
    ]


@pytest.mark.parametrize("verb", GETS)
def test_members_read_the_progress_of_a_session_of_their_patient(deployed: RulesClient, verb: Verb) -> None:
    assert allowed(deployed, verb, MEMBERS, [PROGRESS]) == [f"{member.name}: {PROGRESS}" for member in MEMBERS]


@pytest.mark.parametrize("verb", [*LISTS, *WRITES])
def test_members_neither_list_nor_write_progress(deployed: RulesClient, verb: Verb) -> None:
    assert allowed(deployed, verb, MEMBERS, [PROGRESS]) == []


@pytest.mark.parametrize("verb", VERBS)
def test_strangers_have_no_access_to_progress(deployed: RulesClient, verb: Verb) -> None:
    assert allowed(deployed, verb, STRANGERS, [PROGRESS]) == []


@pytest.mark.parametrize("verb", VERBS)
def test_members_have_no_access_to_other_documents(deployed: RulesClient, verb: Verb) -> None:
    assert allowed(deployed, verb, MEMBERS, ELSEWHERE) == []


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ["anonymous", "disabled with roles in the token", "routed to every clinic"])
def test_strangers_have_no_access_to_other_documents(deployed: RulesClient, verb: Verb, name: str) -> None:
    assert allowed(deployed, verb, [PRINCIPALS[name]], ELSEWHERE) == []


def test_every_collection_of_a_record_is_among_those_that_are_tried() -> None:
    tried = {path.split("/")[-2] for path in ELSEWHERE}

    assert {record.collection for record in record_types() if record.collection} <= tried


def test_rules_accept_the_same_users_and_tokens_as_the_api(deployed: RulesClient) -> None:
    found = {user.id: user for path, user, _ in users() if path.startswith(f"clinics/{CLINIC}/")}
    patient = next(patient for _, patient, _ in patients() if patient.id == PATIENT)
    routed_here = [one for one in PRINCIPALS.values() if one.claims and one.claims.get("clinic") == CLINIC]

    for principal in routed_here:
        if principal.issued is not None and principal.signed_in is not None:
            token_time = SIGNED_OUT_AT + timedelta(seconds=min(principal.issued, principal.signed_in))
            user = found.get(principal.user_id)
            by_api = user is not None and user.live and user.accepts(token_time) and reads_visits(user, patient)
            assert rules_client.get(deployed, PROGRESS, principal.token) == by_api, principal.name


def reads_visits(user: User, patient: Patient) -> bool:
    """True if the API lets the user read the visits of the patient."""
    relations = patient_relations(user.id, user.roles, patient.owner_id, patient.shared_with, patient.writers)
    return allows(Action.READ_VISIT, relations)


def test_open_listener_of_a_disabled_user_gets_no_more_changes(planted: RulesClient, emulator: OwnEmulator) -> None:
    planted.use(RULES)
    doctor = PRINCIPALS["doctor"]
    target = {"documents": {"documents": [planted.name(PROGRESS)]}}
    with planted.listen(target, doctor.token) as listener:
        before = listener.next()
        change(emulator, planted, f"clinics/{CLINIC}/users/{doctor.user_id}", disabled={"booleanValue": True})
        change(emulator, planted, PROGRESS, state={"stringValue": "completed"})
        events = [listener.next() for _ in range(2)]

    assert before is not None
    assert events == [{}, None], "the first snapshot is complete; the change must not be sent"


def change(emulator: OwnEmulator, at: RulesClient, path: str, **fields: object) -> None:
    """Set one field of a document, as the owner of the data."""
    [name] = fields
    emulator.call("PATCH", f"/v1/{at.name(path)}?updateMask.fieldPaths={name}", {"fields": fields})


def test_missing_progress_of_the_own_patient_is_not_found_but_allowed(deployed: RulesClient) -> None:
    assert rules_client.get(deployed, f"clinics/{CLINIC}/progress/{PATIENT}-none", PRINCIPALS["doctor"].token)


def test_open_listener_of_a_doctor_who_loses_the_patient_gets_no_more_changes(
    planted: RulesClient, emulator: OwnEmulator
) -> None:
    planted.use(RULES)
    target = {"documents": {"documents": [planted.name(PROGRESS)]}}
    with planted.listen(target, PRINCIPALS["doctor"].token) as listener:
        before = listener.next()
        change(emulator, planted, f"clinics/{CLINIC}/patients/{PATIENT}", owner_id={"stringValue": "another"})
        change(emulator, planted, PROGRESS, state={"stringValue": "completed"})
        events = [listener.next() for _ in range(2)]

    assert before is not None
    assert events == [{}, None], "the first snapshot is complete; the change must not be sent"


def test_owner_of_the_data_is_not_subject_to_the_rules(deployed: RulesClient) -> None:
    assert rules_client.get(deployed, f"clinics/{CLINIC}/patients/one", "owner")


@dataclass(frozen=True)
class Fault:
    """Rules with one fault, and a request that they wrongly allow."""

    name: str
    old: str
    new: str
    principal: str
    verb: Verb
    path: str = PROGRESS


FAULTS = [
    Fault("the user record is not checked", "accepted(user) && ", "", "signed out", rules_client.get),
    Fault("user and patient are not checked", " && admitted()", "", "unknown to the clinic", rules_client.get),
    Fault("the patient is not checked", " && sees(user)", "", "receptionist", rules_client.listen),
    Fault("every doctor passes", "request.auth.uid == patient.owner_id", "true", "other doctor", rules_client.get),
    Fault(
        "the role is not checked",
        "'doctor' in user.roles",
        "true",
        "receptionist who was a doctor of the patient",
        rules_client.get,
    ),
    Fault("a deleted patient passes", "patient.live && ", "", "doctor", rules_client.get, DELETED),
    Fault("a disabled user passes", " && !user.disabled", "", "disabled", rules_client.listen),
    Fault("a deleted user passes", "user.live && ", "", "deleted", rules_client.get),
    Fault(
        "a revoked token passes",
        "iat * 1000) >= user.tokens_valid_after",
        "iat) is timestamp",
        "signed out",
        rules_client.get,
    ),
    Fault(
        "a token of a revoked sign-in passes",
        "auth_time * 1000) >= user.tokens_valid_after",
        "auth_time) is timestamp",
        "signed in before the revocation",
        rules_client.get,
    ),
    Fault(
        "the clinic is not compared", " && request.auth.token.clinic == clinic", "", "routed nowhere", rules_client.get
    ),
    Fault(
        "lists are allowed as well",
        "allow get",
        "allow list: if request.auth != null; allow get",
        "doctor",
        rules_client.query,
    ),
    Fault("progress may be written", "allow get", "allow get, update", "doctor", rules_client.update),
    Fault(
        "subcollections are open as well",
        "match /{document=**} {",
        "match /clinics/{clinic}/progress/{session}/{part=**} { allow get: if request.auth != null; }\n"
        " match /{document=**} {",
        "doctor",
        rules_client.get,
        f"{PROGRESS}/parts/one",
    ),
    Fault(
        "a collection group is open",
        "match /{document=**} {",
        "match /{any=**}/progress/{session} { allow list: if request.auth != null; }\n match /{document=**} {",
        "doctor",
        rules_client.query_group,
    ),
    Fault(
        "other documents are open",
        "if false",
        "if true",
        "anonymous",
        rules_client.get,
        f"clinics/{CLINIC}/patients/one",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_requests_detect_a_planted_fault(deployed: RulesClient, planted: RulesClient, fault: Fault) -> None:
    assert RULES.count(fault.old) == 1
    planted.use(RULES.replace(fault.old, fault.new))
    token = PRINCIPALS[fault.principal].token

    assert not fault.verb(deployed, fault.path, token)
    assert fault.verb(planted, fault.path, token)


def test_rules_have_full_coverage(deployed: RulesClient, capsys: pytest.CaptureFixture[str]) -> None:
    for principal in PRINCIPALS.values():
        rules_client.get(deployed, PROGRESS, principal.token)
        rules_client.get(deployed, DELETED, principal.token)

    found = coverage.read(deployed.rule_coverage())

    with capsys.disabled():
        print(f"\nfirestore.rules: {found.seen} of {found.expected} outcomes, {found.percent:.0f} %")  # noqa: T201
    assert found.gaps == ()
    assert found.percent == 100


UNCOVERED = {
    "allow create: if note != '';": "note != '' was never evaluated",
    "allow get: if note != '';": "note != '' was never False",
    "allow get;": "allow get; has no condition",
    "allow get: if true;": "allow get: if true; has no condition",
}


@pytest.mark.parametrize("statement", UNCOVERED)
def test_untested_statement_or_one_without_condition_is_a_gap(planted: RulesClient, statement: str) -> None:
    closed = "match /{document=**} {"
    planted.use(RULES.replace(closed, f"match /clinics/{{clinic}}/notes/{{note}} {{ {statement} }}\n    {closed}"))
    for principal in PRINCIPALS.values():
        rules_client.get(planted, PROGRESS, principal.token)
        rules_client.get(planted, f"clinics/{CLINIC}/notes/one", principal.token)

    found = coverage.read(planted.rule_coverage())

    assert found.percent < 100
    assert any(gap.endswith(UNCOVERED[statement]) for gap in found.gaps), found.gaps
