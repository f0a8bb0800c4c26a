"""Numbers that 200 threads take at once, in one instance and in two: exact, unique and without a gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from google.cloud.firestore import FieldFilter

from shared.records.billing.requests import NewBill
from shared.records.types import Role
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.workflows.billing import drafts
from tests.api.billing.helpers import LINE
from tests.support.client import ApiClient
from tests.support.clinics import NAMESAKE, PATIENT, TestClinic
from tests.support.concurrency import at_once, statuses
from tools import google_firestore

pytestmark = pytest.mark.long
THREADS = 200


@pytest.fixture
def instances(own_clinic: TestClinic) -> Iterator[Sequence[str]]:
    """The addresses of two sets of functions on the same data."""
    with own_clinic.stack.variant({}) as second:
        yield own_clinic.stack.url, second.url


def of(client: ApiClient, url: str) -> ApiClient:
    """The same person at another instance."""
    return ApiClient(url, client.user_id, client.clinic_id)


def attempts(clinic: TestClinic, action: str) -> list[int]:
    """The numbers of the attempts that were committed."""
    audit = google_firestore.client().collection("clinics", clinic.id, "audit")
    return [one.get("attempt") for one in audit.where(filter=FieldFilter("action", "==", action)).stream()]


def test_registrations_of_one_instance_are_done_at_the_first_attempt(own_clinic: TestClinic) -> None:
    own_clinic.doctor.post("/patients", NAMESAKE).ok(201)

    replies = at_once(40, lambda _: own_clinic.doctor.post("/patients", NAMESAKE))

    assert statuses(replies) == {201: 40}
    assert sorted(reply.body["number"][-4:] for reply in replies) == [f"{count:04}" for count in range(2, 42)]
    assert attempts(own_clinic, "patient.create") == [0] * 41


def test_two_hundred_registrations_at_once_in_two_instances(own_clinic: TestClinic, instances: Sequence[str]) -> None:
    doctors = [of(own_clinic.doctor, url) for url in instances]

    replies = at_once(THREADS, lambda at: doctors[at % 2].post("/patients", NAMESAKE))

    assert statuses(replies) == {201: THREADS}
    assert sorted(reply.body["number"][-4:] for reply in replies) == [f"{count:04}" for count in range(1, THREADS + 1)]
    read = [doctors[0].get(f"/patients/{reply.body['number']}").ok().body["id"] for reply in replies[::20]]
    assert read == [reply.body["id"] for reply in replies[::20]]


def test_one_person_at_once_is_registered_once(own_clinic: TestClinic, instances: Sequence[str]) -> None:
    doctors = [of(own_clinic.doctor, url) for url in instances]

    replies = at_once(20, lambda at: doctors[at % 2].post("/patients", PATIENT))

    assert statuses(replies) == {201: 1, 409: 19}
    assert {reply.body["type"] for reply in replies if reply.status == 409} == {"urn:synapseai:problem:duplicate"}


def test_two_hundred_bills_issued_at_once_in_two_instances(own_clinic: TestClinic, instances: Sequence[str]) -> None:
    desks = [of(own_clinic.receptionist, url) for url in instances]
    written = [_draft(own_clinic, own_clinic.silent_patient().body["id"]) for _ in range(THREADS)]

    replies = at_once(THREADS, lambda at: desks[at % 2].post(f"/bills/{written[at]}/issue", etag='"1"'))

    assert statuses(replies) == {200: THREADS}
    assert sorted(int(one.body["number"][-6:]) for one in replies) == list(range(1, THREADS + 1))


def _draft(clinic: TestClinic, patient_id: str) -> str:
    """The id of a draft."""
    caller = Caller(clinic.receptionist.user_id, frozenset(Role), utc_now())
    new = NewBill.model_validate({"patient_id": patient_id, "line_items": [LINE]})
    return drafts.create(Clinic(RequestContext(clinic.id, caller, Origin("test"))), new).record.id
