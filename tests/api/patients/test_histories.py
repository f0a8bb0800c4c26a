"""What belongs to a patient, as lists: sessions, appointments, bills and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from shared.records.billing.bill import Bill
from shared.records.page import Page, PageQuery
from shared.records.record import SYSTEM, Record, Stamp
from shared.records.reports.report import Report
from shared.records.scheduling.appointment import Appointment
from shared.records.types import Role, new_id
from shared.records.visits.session import Session
from shared.store.audit import Origin
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.store.unit_of_work import UnitOfWork
from shared.web.operations import CLINICIANS, FRONT_DESK
from shared.web.serialization import hidden
from shared.workflows.patients import history
from tests.support.audit import audit_of, new_trace, verify
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_report
from tests.support.problems import pointers, without_trace

OF_EACH = 5
COMPLAINT = "Cannot sleep since March"


@dataclass(frozen=True)
class Kind:
    """One of the lists."""

    name: str
    model: type[Record]
    plant: Callable[[TestClinic, str], str]
    """Gives a patient one more, and returns its id."""
    roles: frozenset[Role]

    def of(self, patient: str, query: str = "") -> str:
        return f"/patients/{patient}/{self.name}{query}"


def plant_session(clinic: TestClinic, patient: str) -> str:
    new = {"patient_id": patient, "chief_complaint": COMPLAINT}
    return str(clinic.doctor.post("/sessions", new).ok(201).body["id"])


def plant_appointment(clinic: TestClinic, patient: str) -> str:
    new = {
        "patient_id": patient,
        "doctor_id": clinic.doctor.user_id,
        "scheduled_at": "2199-01-01T09:00:00Z",
        "duration_minutes": 30,
        "chief_complaint": COMPLAINT,
    }
    return str(clinic.doctor.post("/appointments", new).ok(201).body["id"])


def plant_bill(clinic: TestClinic, patient: str) -> str:
    session = plant_session(clinic, patient)

    def transaction(work: UnitOfWork) -> str:
        work.prefetch(Session.ref(session), work.settings_ref())
        visit = work.get(Session.ref(session))
        return work.create(Bill.for_session(visit, work.settings(), Stamp(SYSTEM, work.now))).id

    return system_clinic(clinic.id, "planted").perform("bill.create", transaction)


def plant_reports(clinic: TestClinic, patient: str) -> str:
    return plant_report(clinic, plant_session(clinic, patient))


KINDS = [
    Kind("sessions", Session, plant_session, CLINICIANS),
    Kind("appointments", Appointment, plant_appointment, FRONT_DESK),
    Kind("bills", Bill, plant_bill, FRONT_DESK),
    Kind("reports", Report, plant_reports, CLINICIANS),
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
OF_THE_DESK = [kind for kind in KINDS if Role.RECEPTIONIST in kind.roles]
kinds_of_the_desk = pytest.mark.parametrize("kind", OF_THE_DESK, ids=lambda kind: kind.name)


@dataclass(frozen=True)
class Full:
    """A patient with five of each kind."""

    id: str
    number: str
    ids: dict[str, list[str]]
    """By kind, newest first."""


@pytest.fixture(scope="module")
def full(shared_clinic: TestClinic) -> Full:
    return filled(shared_clinic)


def filled(clinic: TestClinic) -> Full:
    """A patient with all there is; bills and reports bring sessions of their own, which are listed too."""
    patient = clinic.patient().body
    ids = {kind.name: [kind.plant(clinic, patient["id"]) for _ in range(OF_EACH)][::-1] for kind in KINDS}
    others = [one.rpartition("-")[0] for name in ("reports", "bills") for one in ids[name]]
    return Full(patient["id"], patient["number"], {**ids, "sessions": others + ids["sessions"]})


def ids_of(page: Reply) -> list[str]:
    return [item["id"] for item in page.ok().body["items"]]


def pages(user: ApiClient, path: str, size: int) -> Iterator[Reply]:
    """All pages of a list."""
    query = ""
    for _ in range(2 * OF_EACH):
        page = user.get(f"{path}?page_size={size}{query}").ok()
        yield page
        if page.body["next_page_token"] is None:
            return
        query = f"&page_token={page.body['next_page_token']}"
    pytest.fail("the list does not end")


def first_token(user: ApiClient, path: str) -> str:
    """The token of the second page."""
    return str(user.get(f"{path}?page_size=2").ok().body["next_page_token"])


# Who sees what


@every_kind
def test_a_patients_list_is_newest_first_and_shows_each_as_it_is(
    shared_clinic: TestClinic, full: Full, kind: Kind
) -> None:
    by_id = shared_clinic.doctor.get(kind.of(full.id)).ok()
    by_number = shared_clinic.doctor.get(kind.of(full.number)).ok()
    seen_by_admin = shared_clinic.admin.get(kind.of(full.id)).ok()

    assert ids_of(by_id) == full.ids[kind.name]
    assert by_id.body == by_number.body == seen_by_admin.body
    assert by_id.body["next_page_token"] is None
    for item in by_id.body["items"]:
        alone = shared_clinic.doctor.get(f"/{kind.name}/{item['id']}").ok()
        assert alone.body.items() >= item.items()
        assert alone.etag == f'"{item["revision"]}"'
    assert {*kind.model.model_fields} - by_id.body["items"][0].keys() == hidden(kind.model, clinical=True)


@every_kind
def test_a_patient_who_has_none_has_an_empty_list(shared_clinic: TestClinic, kind: Kind) -> None:
    nobody = shared_clinic.patient().body["id"]

    assert shared_clinic.doctor.get(kind.of(nobody)).ok().body == {"items": [], "next_page_token": None}


@kinds_of_the_desk
def test_the_front_desk_sees_the_list_without_clinical_fields(
    shared_clinic: TestClinic, full: Full, kind: Kind
) -> None:
    seen = shared_clinic.receptionist.get(kind.of(full.id)).ok()

    assert ids_of(seen) == full.ids[kind.name]
    assert COMPLAINT.encode() not in seen.content
    for item in seen.body["items"]:
        assert kind.model.model_fields.keys() - item.keys() == hidden(kind.model, clinical=False)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in OF_THE_DESK], ids=lambda kind: kind.name)
def test_the_front_desk_is_refused_clinical_lists(shared_clinic: TestClinic, full: Full, kind: Kind) -> None:
    refused = shared_clinic.receptionist.get(kind.of(full.id)).refused(403, "forbidden")
    missing = shared_clinic.receptionist.get(kind.of(new_id())).refused(403, "forbidden")

    assert without_trace(refused) == without_trace(missing)


def test_a_doctor_who_also_keeps_the_desk_sees_strangers_patients_as_the_desk_does(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    alter(clinic, f"users/{clinic.other_doctor.user_id}", {"roles": ["doctor", "receptionist"]})

    for kind in KINDS:
        kind.plant(clinic, patient)
        seen = clinic.other_doctor.get(kind.of(patient))
        if kind in OF_THE_DESK:
            assert seen.ok().body == clinic.receptionist.get(kind.of(patient)).ok().body
        else:
            seen.refused(404, "not-found")


@every_kind
def test_a_doctor_with_whom_the_patient_is_shared_sees_the_list_as_the_owner_does(
    clinic: TestClinic, kind: Kind
) -> None:
    patient = clinic.patient().body["id"]
    planted = kind.plant(clinic, patient)

    alter(clinic, f"patients/{patient}", {"shared_with": [clinic.other_doctor.user_id]})
    seen = clinic.other_doctor.get(kind.of(patient)).ok()

    assert ids_of(seen) == [planted]
    assert seen.body == clinic.doctor.get(kind.of(patient)).ok().body


@every_kind
def test_strangers_cannot_tell_a_patient_from_a_missing_one(
    shared_clinic: TestClinic, foreign_clinic: TestClinic, full: Full, kind: Kind
) -> None:
    abroad = [
        foreign_clinic.doctor,
        foreign_clinic.admin,
        *([foreign_clinic.receptionist] if kind in OF_THE_DESK else []),
    ]
    for stranger in (shared_clinic.other_doctor, *abroad):
        missing = stranger.get(kind.of(new_id())).refused(404, "not-found")
        for known_as in (full.id, full.number):
            refused = stranger.get(kind.of(known_as)).refused(404, "not-found")

            assert without_trace(refused) == without_trace(missing)


@every_kind
def test_the_lists_of_a_deleted_patient_are_gone_for_everybody(clinic: TestClinic, kind: Kind) -> None:
    patient = clinic.patient().body
    kind.plant(clinic, patient["id"])
    alter(clinic, f"patients/{patient['id']}", {"live": False})

    for user in (clinic.doctor, clinic.admin, *([clinic.receptionist] if kind in OF_THE_DESK else [])):
        missing = user.get(kind.of(new_id())).refused(404, "not-found")
        for known_as in (patient["id"], patient["number"]):
            assert without_trace(user.get(kind.of(known_as)).refused(404, "not-found")) == without_trace(missing)


@every_kind
def test_what_is_deleted_and_what_is_anothers_is_not_listed(clinic: TestClinic, kind: Kind) -> None:
    patient, another = clinic.patient().body["id"], clinic.patient().body["id"]
    kept, deleted = kind.plant(clinic, patient), kind.plant(clinic, patient)
    kind.plant(clinic, another)

    alter(clinic, kind.model.path_of(deleted), {"live": False})

    listed = ids_of(clinic.doctor.get(kind.of(patient)))
    assert kept in listed
    assert {one.partition("-")[0] for one in listed} == {patient}
    assert deleted not in listed


# Pages


@every_kind
def test_pages_have_no_gaps_and_repeat_nothing_while_new_ones_are_added(clinic: TestClinic, kind: Kind) -> None:
    patient = clinic.patient().body["id"]
    before = [kind.plant(clinic, patient) for _ in range(OF_EACH)][::-1]
    collected: list[str] = []
    added: list[str] = []

    for page in pages(clinic.doctor, kind.of(patient), 2):
        collected += ids_of(page)
        added.insert(0, kind.plant(clinic, patient))

    assert collected == before
    assert len(added) == 3
    assert ids_of(clinic.doctor.get(kind.of(patient))) == added + before


@pytest.mark.parametrize(("size", "lengths"), [(1, [1] * 5), (4, [4, 1]), (5, [5]), (100, [5])])
def test_a_page_is_as_long_as_was_asked_and_the_last_one_says_so(
    shared_clinic: TestClinic, full: Full, size: int, lengths: list[int]
) -> None:
    found = list(pages(shared_clinic.receptionist, f"/patients/{full.id}/bills", size))

    assert [len(ids_of(page)) for page in found] == lengths
    assert [one for page in found for one in ids_of(page)] == full.ids["bills"]


def test_the_page_size_may_change_from_page_to_page(shared_clinic: TestClinic, full: Full) -> None:
    path = f"/patients/{full.number}/appointments"

    rest = shared_clinic.doctor.get(f"{path}?page_token={first_token(shared_clinic.doctor, path)}&page_size=50")

    assert ids_of(rest) == full.ids["appointments"][2:]


def test_a_page_token_is_good_only_for_its_caller_and_its_list(
    shared_clinic: TestClinic, foreign_clinic: TestClinic, full: Full
) -> None:
    path = f"/patients/{full.id}/bills"
    token = first_token(shared_clinic.doctor, path)
    other_patient, abroad = shared_clinic.patient().body["id"], foreign_clinic.patient().body["id"]

    refused = [
        shared_clinic.doctor.get(f"/patients/{full.id}/appointments?page_token={token}"),
        shared_clinic.doctor.get(f"/patients/{other_patient}/bills?page_token={token}"),
        shared_clinic.admin.get(f"{path}?page_token={token}"),
        shared_clinic.receptionist.get(f"{path}?page_token={token}"),
        foreign_clinic.doctor.get(f"/patients/{abroad}/bills?page_token={token}"),
    ]

    for reply in refused:
        assert pointers(reply.refused(422, "invalid")) == {"page_token"}
    assert ids_of(shared_clinic.doctor.get(f"{path}?page_token={token}")) == full.ids["bills"][2:]


def test_an_altered_page_token_is_refused(shared_clinic: TestClinic, full: Full) -> None:
    path = f"/patients/{full.id}/bills"
    token = first_token(shared_clinic.doctor, path)
    flipped = [token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in (0, 20, 60)]

    for altered in (*flipped, token[:-4], token + "AAAA", "A", "AAAA"):
        reply = shared_clinic.doctor.get(f"{path}?page_token={altered}").refused(422, "invalid")

        assert pointers(reply) == {"page_token"}


@pytest.mark.parametrize(("age", "good"), [(timedelta(minutes=58), True), (timedelta(minutes=61), False)])
def test_a_page_token_is_good_for_an_hour(shared_clinic: TestClinic, full: Full, age: timedelta, good: bool) -> None:
    first = asked_earlier(shared_clinic, age, full.id, PageQuery(page_size=2))
    assert [bill.id for bill in first.items] == full.ids["bills"][:2]

    rest = shared_clinic.receptionist.get(f"/patients/{full.id}/bills?page_token={first.next_page_token}")

    if good:
        assert ids_of(rest) == full.ids["bills"][2:]
    else:
        assert pointers(rest.refused(422, "invalid")) == {"page_token"}


def asked_earlier(clinic: TestClinic, age: timedelta, patient: str, wanted: PageQuery) -> Page[Bill]:
    """The page of bills that the receptionist got so long ago."""
    caller = Caller(clinic.receptionist.user_id, FRONT_DESK, utc_now())
    earlier = Clinic(RequestContext(clinic.id, caller, Origin(request_id=new_id()), clock=lambda: utc_now() - age))
    return history.of_patient(earlier, Bill, patient, wanted)


@every_kind
@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("?page_size=0", "page_size"),
        ("?page_size=101", "page_size"),
        ("?page_size=-1", "page_size"),
        ("?page_size=many", "page_size"),
        ("?page_size=2&page_size=3", "page_size"),
        ("?page_token=", "page_token"),
        ("?page_token=a%20b", "page_token"),
        ("?status=paid", "status"),
        ("?patient_id=x", "patient_id"),
    ],
)
def test_a_parameter_that_is_wrong_or_unknown_is_named(
    shared_clinic: TestClinic, full: Full, kind: Kind, query: str, wrong: str
) -> None:
    refused = shared_clinic.doctor.get(kind.of(full.id, query)).refused(422, "invalid")

    assert pointers(refused) == {wrong}


# What it costs, and what is noted


@every_kind
def test_a_page_is_one_read_one_query_and_one_audit_entry(shared_clinic: TestClinic, full: Full, kind: Kind) -> None:
    query, note = ("RunQuery", 3), ("Commit", 1)

    by_id = calls_of(shared_clinic, lambda: shared_clinic.doctor.get(kind.of(full.id, "?page_size=2")).ok())
    by_number = calls_of(shared_clinic, lambda: shared_clinic.doctor.get(kind.of(full.number, "?page_size=2")).ok())

    # The caller, the patient and the patient's keys; a number says first whose it is. One more is found than is shown.
    assert by_id == [("BatchGetDocuments", 3), query, note]
    assert by_number == [("BatchGetDocuments", 2), ("BatchGetDocuments", 2), query, note]


def calls_of(clinic: TestClinic, ask: Callable[[], object]) -> list[tuple[str, int]]:
    """What the function asks of Google, with how many documents each call reads or writes, when its keys are warm."""
    ask()
    clinic.stack.wait_idle(60)
    mark = clinic.stack.recorder.mark()
    ask()
    made = [call for call in clinic.stack.recorder.calls(mark) if call.caller == "patients"]
    return [(call.method, sum(call.amounts.values())) for call in made]


@every_kind
def test_a_page_is_noted_with_the_patient_and_what_was_shown(shared_clinic: TestClinic, full: Full, kind: Kind) -> None:
    trace, headers = new_trace()

    shown = shared_clinic.doctor.get(kind.of(full.number, "?page_size=2"), **headers).ok()

    [entry] = audit_of(shared_clinic, trace)
    verify(shared_clinic, entry)
    assert entry["action"] == f"{kind.model.__name__.lower()}.list"
    assert entry["outcome"] == "done"
    assert entry["patient_ids"] == [full.id]
    assert {kind.model.path_of(one) for one in ids_of(shown)} < {*entry["documents"]}


@every_kind
def test_a_strangers_attempt_is_noted(shared_clinic: TestClinic, full: Full, kind: Kind) -> None:
    trace, headers = new_trace()

    shared_clinic.other_doctor.get(kind.of(full.id), **headers).refused(404, "not-found")

    [entry] = audit_of(shared_clinic, trace)
    noted: dict[str, Any] = {name: entry[name] for name in ("action", "outcome", "patient_ids", "documents")}
    action = f"{kind.model.__name__.lower()}.list"
    assert noted == {"action": action, "outcome": "not-found", "patient_ids": [full.id], "documents": []}
