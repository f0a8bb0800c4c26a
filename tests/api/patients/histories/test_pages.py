"""Pages of a patient's lists: order, size, page tokens and parameters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.records.billing.bill import Bill
from shared.records.page import Page, PageQuery
from shared.records.parties import Named
from shared.records.record import Detailed
from shared.records.types import new_id
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.web.operations import FRONT_DESK
from shared.workflows.patients import history
from tests.api.patients.histories.helpers import (
    RECORDS_PER_KIND,
    Kind,
    PatientWithHistory,
    every_kind,
    ids_of,
)
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.problems import pointers


@every_kind
def test_pages_are_complete_without_repetition_while_records_are_added(clinic: TestClinic, kind: Kind) -> None:
    patient = clinic.patient().body["id"]
    before = [kind.plant(clinic, patient) for _ in range(RECORDS_PER_KIND)][::-1]
    collected: list[str] = []
    added: list[str] = []

    for page in pages(clinic.doctor, kind.path(patient), 2):
        collected += ids_of(page)
        added.insert(0, kind.plant(clinic, patient))

    assert collected == before
    assert len(added) == 3
    assert ids_of(clinic.doctor.get(kind.path(patient))) == added + before


@pytest.mark.parametrize(("size", "lengths"), [(1, [1] * 5), (4, [4, 1]), (5, [5]), (100, [5])])
def test_page_has_the_requested_size_and_the_last_has_no_token(
    clinic: TestClinic, history_patient: PatientWithHistory, size: int, lengths: list[int]
) -> None:
    found = list(pages(clinic.receptionist, f"/patients/{history_patient.id}/bills", size))

    assert [len(ids_of(page)) for page in found] == lengths
    assert [record for page in found for record in ids_of(page)] == history_patient.ids["bills"]


def test_page_size_may_change_between_pages(clinic: TestClinic, history_patient: PatientWithHistory) -> None:
    path = f"/patients/{history_patient.number}/appointments"

    rest = clinic.doctor.get(f"{path}?page_token={first_token(clinic.doctor, path)}&page_size=50")

    assert ids_of(rest) == history_patient.ids["appointments"][2:]


def test_page_token_is_valid_only_for_its_caller_and_list(
    clinic: TestClinic, other_clinic: TestClinic, history_patient: PatientWithHistory
) -> None:
    path = f"/patients/{history_patient.id}/bills"
    token = first_token(clinic.doctor, path)
    other_patient, foreign_patient = clinic.patient().body["id"], other_clinic.patient().body["id"]

    refused = [
        clinic.doctor.get(f"/patients/{history_patient.id}/appointments?page_token={token}"),
        clinic.doctor.get(f"/patients/{other_patient}/bills?page_token={token}"),
        clinic.admin.get(f"{path}?page_token={token}"),
        clinic.receptionist.get(f"{path}?page_token={token}"),
        other_clinic.doctor.get(f"/patients/{foreign_patient}/bills?page_token={token}"),
    ]

    for reply in refused:
        assert pointers(reply.refused(422, "invalid")) == {"page_token"}
    assert ids_of(clinic.doctor.get(f"{path}?page_token={token}")) == history_patient.ids["bills"][2:]


def test_altered_page_token_is_invalid(clinic: TestClinic, history_patient: PatientWithHistory) -> None:
    path = f"/patients/{history_patient.id}/bills"
    token = first_token(clinic.doctor, path)
    flipped = [token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :] for index in (0, 20, 60)]

    for altered_token in (*flipped, token[:-4], token + "AAAA", "A", "AAAA"):
        reply = clinic.doctor.get(f"{path}?page_token={altered_token}").refused(422, "invalid")

        assert pointers(reply) == {"page_token"}


@pytest.mark.parametrize(("age", "valid"), [(timedelta(minutes=58), True), (timedelta(minutes=61), False)])
def test_page_token_expires_after_an_hour(
    clinic: TestClinic, history_patient: PatientWithHistory, age: timedelta, valid: bool
) -> None:
    first = page_requested_earlier(clinic, age, history_patient.id, PageQuery(page_size=2))
    assert [bill.record.id for bill in first.items] == history_patient.ids["bills"][:2]

    rest = clinic.receptionist.get(f"/patients/{history_patient.id}/bills?page_token={first.next_page_token}")

    if valid:
        assert ids_of(rest) == history_patient.ids["bills"][2:]
    else:
        assert pointers(rest.refused(422, "invalid")) == {"page_token"}


def page_requested_earlier(
    clinic: TestClinic, age: timedelta, patient: str, query: PageQuery
) -> Page[Detailed[Bill, Named]]:
    """The page of bills that the receptionist requested at this age."""
    caller = Caller(clinic.receptionist.user_id, FRONT_DESK, utc_now())
    earlier = Clinic(RequestContext(clinic.id, caller, Origin(request_id=new_id()), clock=lambda: utc_now() - age))
    return history.of_patient(earlier, Bill, patient, query)


@every_kind
@pytest.mark.parametrize(
    ("query", "parameter"),
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
def test_wrong_or_unknown_parameter_is_named(
    clinic: TestClinic, history_patient: PatientWithHistory, kind: Kind, query: str, parameter: str
) -> None:
    refused = clinic.doctor.get(kind.path(history_patient.id, query)).refused(422, "invalid")

    assert pointers(refused) == {parameter}


def pages(user: ApiClient, path: str, size: int) -> Iterator[Reply]:
    """All pages of a list."""
    query = ""
    for _ in range(2 * RECORDS_PER_KIND):
        page = user.get(f"{path}?page_size={size}{query}").ok()
        yield page
        if page.body["next_page_token"] is None:
            return
        query = f"&page_token={page.body['next_page_token']}"
    pytest.fail("the list has more pages than expected")


def first_token(user: ApiClient, path: str) -> str:
    """The token of the second page."""
    return str(user.get(f"{path}?page_size=2").ok().body["next_page_token"])
