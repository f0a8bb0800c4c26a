"""Finding patients: by everything that is remembered, best matches first, and never a stranger's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from google.cloud import firestore

from local.stack.stack import Stack
from shared.records.patients.search import PatientSearch
from shared.records.problems import Invalid
from shared.records.types import Role
from shared.store import database
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.workflows.patients import search as patient_search
from tests.support.audit import audit_of, new_trace
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, open_clinic
from tests.support.dictionary_attack import matches, stored
from tests.support.problems import pointers

People = dict[str, str]
"""Ids by a short name."""

PEOPLE: dict[str, dict[str, Any]] = {
    "zoe": {
        "first_name": "Zoë",
        "last_name": "D'Souza",
        "date_of_birth": "1984-02-29",
        "primary_phone": "+919845012345",
        "email": "zoe.dsouza@clinic.example",
        "tags": ["High Risk", "evening", "HIV-"],
    },
    "zoya": {
        "first_name": "Zoya",
        "last_name": "Souza",
        "date_of_birth": "1990-05-17",
        "secondary_phone": "+919845067890",
    },
    "soren": {"first_name": "Søren Ærø", "last_name": "Łukasz-Müller", "date_of_birth": "1971-11-03"},
    "meera": {"first_name": "मीरा", "last_name": "नायर", "date_of_birth": "1999-12-31", "tags": ["EVENING"]},
    "meera_latin": {"first_name": "Meera", "last_name": "Nair", "date_of_birth": "1962-07-08", "tags": ["HIV+"]},
    "laxmi": {"first_name": "Laxmi", "last_name": "Venkataramanujan Krishnamurthy", "date_of_birth": "1955-01-01"},
    "laxman": {"first_name": "Laxman", "last_name": "Krishnan", "date_of_birth": "1958-01-01"},
    "wei": {"first_name": "伟", "last_name": "王", "date_of_birth": "2001-09-09"},
    "li": {"first_name": "Li", "last_name": "Wu", "date_of_birth": "2002-10-10"},
    "muhammad": {"first_name": "مُحَمَّد", "last_name": "خان", "date_of_birth": "1980-03-04"},
    "mohammed": {"first_name": "Mohammed", "last_name": "Khan", "date_of_birth": "1981-03-04"},
    "kumar_1": {"first_name": "Ravi", "last_name": "Kumar", "date_of_birth": "1970-01-01"},
    "kumar_2": {"first_name": "Ravindra", "last_name": "Kumar", "date_of_birth": "1971-01-01"},
    "kumar_3": {"first_name": "Ravi", "last_name": "Kumaran", "date_of_birth": "1972-01-01"},
    "kumar_4": {"first_name": "Ravi", "last_name": "Kumar", "date_of_birth": "1973-01-01"},
    "kumar_5": {"first_name": "Rafi", "last_name": "Coomar", "date_of_birth": "1974-01-01"},
}
"""The doctor's; in the order of registration."""
STRANGER = {
    "first_name": "Zoë",
    "last_name": "Strange",
    "date_of_birth": "1977-07-07",
    "primary_phone": "+919845099999",
}
"""The other doctor's."""


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """A clinic whose patients these tests leave as they are."""
    return open_clinic(stack)


@pytest.fixture(scope="module")
def people(clinic: TestClinic) -> People:
    ids = {name: str(clinic.doctor.post("/patients", new).ok(201).body["id"]) for name, new in PEOPLE.items()}
    return ids | {"stranger": str(clinic.other_doctor.post("/patients", STRANGER).ok(201).body["id"])}


def search(client: ApiClient, text: str, **more: object) -> Reply:
    return client.post("/patients/search", {"text": text, **more}, key="").ok()


def names(people: People, reply: Reply) -> list[str]:
    """Whom a page holds."""
    short = {patient: name for name, patient in people.items()}
    return [short[item["id"]] for item in reply.body["items"]]


def pages(client: ApiClient, text: str, size: int) -> Iterator[Reply]:
    token = None
    while True:
        page = search(client, text, page_size=size, page_token=token)
        yield page
        token = page.body["next_page_token"]
        if token is None:
            return


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # The whole name, in any order, case, form and punctuation.
        ("Zoë D'Souza", ["zoe"]),
        ("DSOUZA,  ZOE", ["zoe"]),
        ("zoe\u0308 d’souza", ["zoe"]),
        ("soren aero lukasz muller", ["soren"]),
        ("Ｍｅｅｒａ Nair", ["meera_latin", "meera"]),
        ("मीरा नायर", ["meera", "meera_latin"]),
        ("王伟", ["wei"]),
        ("伟 王", ["wei"]),
        ("محمد خان", ["muhammad", "mohammed"]),
        # Beginnings of words, from three letters.
        ("dso", ["zoe"]),
        ("luk", ["soren"]),
        ("muller", ["soren"]),
        ("kri lax", ["laxman", "laxmi"]),
        ("venkataramanuj", ["laxmi"]),
        ("venkataramanujam", ["laxmi"]),  # it sounds so
        ("li", ["li"]),
        ("zoe d", ["zoe"]),
        # Wherever the spaces are.
        ("d souza", ["zoe"]),
        ("venkata ramanujan", ["laxmi"]),
        ("lukaszmuller", ["soren"]),
        # What sounds so.
        ("lakshmi", ["laxmi"]),
        ("Muhamad Kahn", ["mohammed", "muhammad"]),
        # Everything else.
        ("+91 98450-12345", ["zoe"]),
        ("98450 67890", ["zoya"]),
        ("\u202a98450–67890\u202c", ["zoya"]),
        ("2345", ["zoe"]),
        ("7890", ["zoya"]),
        ("Zoe.DSouza@Clinic.example", ["zoe"]),
        ("1984-02-29", ["zoe"]),
        ("4/3/1980", ["muhammad"]),
        ("high  RISK", ["zoe"]),
        ("hiv+", ["meera_latin"]),
        ("hiv-", ["zoe"]),
        ("evening", ["meera", "zoe"]),
        ("nobody at all", []),
        ("?", []),
    ],
)
def test_patients_are_found_by_what_is_remembered(
    clinic: TestClinic, people: People, text: str, found: list[str]
) -> None:
    assert names(people, search(clinic.doctor, text)) == found


def test_a_patient_is_found_by_number(clinic: TestClinic, people: People) -> None:
    number = clinic.doctor.get(f"/patients/{people['li']}").ok().body["number"]

    assert names(people, search(clinic.doctor, number.lower())) == ["li"]


def test_exact_matches_come_before_beginnings_before_sounds_and_newest_first_in_each(
    clinic: TestClinic, people: People
) -> None:
    found = names(people, search(clinic.doctor, "ravi kumar"))

    assert found == ["kumar_4", "kumar_1", "kumar_3", "kumar_2", "kumar_5"]


def test_a_clinic_without_a_telephone_takes_numbers_for_those_of_its_time_zone(other_clinic: TestClinic) -> None:
    found = str(other_clinic.doctor.post("/patients", PEOPLE["zoe"]).ok(201).body["id"])
    settings = database.client().document("clinics", other_clinic.id)
    settings.update({"sealed.phone": firestore.DELETE_FIELD})

    in_india = search(other_clinic.doctor, "98450 12345")
    settings.update({"time_zone": "Europe/Berlin"})
    in_germany = search(other_clinic.doctor, "98450 12345")
    settings.update({"time_zone": "UTC"})
    nowhere = search(other_clinic.doctor, "98450 12345")

    assert [item["id"] for item in in_india.body["items"]] == [found]
    assert in_germany.body["items"] == nowhere.body["items"] == []


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_hold_everything_once_and_in_order(clinic: TestClinic, people: People, size: int) -> None:
    all_at_once = names(people, search(clinic.doctor, "ravi kumar"))

    found = [names(people, page) for page in pages(clinic.doctor, "ravi kumar", size)]

    assert [name for page in found for name in page] == all_at_once
    assert all(len(page) <= size for page in found)


def test_a_search_looks_only_where_it_is_told_to(clinic: TestClinic, people: People) -> None:
    assert names(people, search(clinic.doctor, "evening", kinds=["tag"])) == ["meera", "zoe"]
    assert names(people, search(clinic.doctor, "evening", kinds=["name", "phone"])) == []


# Who finds whom


def test_a_doctor_finds_own_patients_the_front_desk_and_admins_find_all(clinic: TestClinic, people: People) -> None:
    assert names(people, search(clinic.doctor, "zoe")) == ["zoe", "zoya"]
    assert names(people, search(clinic.other_doctor, "zoe")) == ["stranger"]
    for everybody in (clinic.receptionist, clinic.admin):
        assert names(people, search(everybody, "zoe")) == ["stranger", "zoe", "zoya"]


def test_a_search_never_touches_a_strangers_patient(clinic: TestClinic, people: People) -> None:
    """Not even a document is read, whatever is known of the patient."""
    for text in ("Zoë Strange", "+919845099999", "9999", "1977-07-07", "strange"):
        search(clinic.doctor, text)
        mark = clinic.stack.recorder.mark()
        assert names(people, search(clinic.doctor, text)) == []
        read = sum(
            call.amounts.get("reads", 0)
            for call in clinic.stack.recorder.calls(mark)
            if call.caller == "patients" and call.method == "RunQuery"
        )
        assert read <= 3, "a query that finds nothing is billed as one read"


def test_another_clinic_finds_nobody(clinic: TestClinic, people: People, other_clinic: TestClinic) -> None:
    assert search(other_clinic.admin, "zoe").body == {"items": [], "next_page_token": None}


def test_receptionists_see_no_clinical_field(clinic: TestClinic, people: People) -> None:
    [seen] = search(clinic.receptionist, "zoe dsouza", kinds=["name"], page_size=1).body["items"]
    [known] = search(clinic.doctor, "zoe dsouza", kinds=["name"], page_size=1).body["items"]

    assert known.keys() - seen.keys() == {
        "allergies",
        "blood_group",
        "current_medications",
        "medical_history",
        "notes",
    }
    assert known["age"] == seen["age"] >= 42


# What it costs


def test_a_first_page_is_four_reads_and_the_audit_entry(clinic: TestClinic, people: People) -> None:
    search(clinic.doctor, "ravi kumar")
    mark = clinic.stack.recorder.mark()

    search(clinic.doctor, "ravi kumar")

    calls = [call for call in clinic.stack.recorder.calls(mark) if call.caller == "patients"]
    assert Counter(call.method for call in calls) == {"BatchGetDocuments": 1, "RunQuery": 3, "Commit": 1}
    assert [call.amounts for call in calls if call.method == "Commit"] == [{"writes": 1, "deletes": 0}]


# What it leaves behind


def test_what_was_typed_is_not_kept(clinic: TestClinic, people: People) -> None:
    trace, headers = new_trace()
    words = {"text": "Zoë Quetzalcoatl", "kinds": ["name"]}

    clinic.doctor.post("/patients/search", words, key="", **headers).ok()
    found = search(clinic.doctor, "zoe d'souza", kinds=["name"])

    [entry] = audit_of(clinic, trace)
    logs = b"".join(file.read_bytes() for file in clinic.stack.logs.glob("*.log"))
    assert (entry["action"], entry["outcome"], entry["patient_ids"]) == ("patient.search", "done", [])
    assert b"uetzalcoatl" not in logs
    assert "uetzalcoatl" not in repr(stored(clinic.id))
    assert names(people, found) == ["zoe"]


def test_the_audit_trail_names_who_was_shown(clinic: TestClinic, people: People) -> None:
    trace, headers = new_trace()

    clinic.doctor.post("/patients/search", {"text": "dso"}, key="", **headers).ok()

    [entry] = audit_of(clinic, trace)
    assert entry["patient_ids"] == [people["zoe"]]


def test_no_dictionary_tells_a_name_a_number_or_a_birthday_from_what_is_stored(
    clinic: TestClinic, people: People
) -> None:
    """Every name, telephone number and date of birth, hashed plainly or with anything stored beside it."""
    kept = stored(clinic.id)
    known = [str(value) for new in [*PEOPLE.values(), STRANGER] for value in new.values() if isinstance(value, str)]
    known += [f"{new['first_name']} {new['last_name']}" for new in PEOPLE.values()]

    assert matches(known, kept) == []


def test_the_dictionary_finds_a_hash_that_is_planted(clinic: TestClinic, people: People) -> None:
    import hashlib
    import hmac

    kept = stored(clinic.id)
    salt = people["zoe"]
    planted: list[str | bytes] = [
        hashlib.sha256(b"+919845012345").digest(),
        hashlib.sha1(b"zoe").hexdigest(),
        hmac.new(salt.encode(), b"1984-02-29", "sha256").digest()[:12],
        hashlib.md5(f"{salt}d'souza".encode()).digest(),
    ]
    for hidden in planted:
        assert matches(["+919845012345", "Zoë", "1984-02-29", "D'Souza"], [*kept, hidden])


# Pages belong to who asked, and what


def test_a_page_token_is_good_for_its_own_search_and_caller_alone(
    clinic: TestClinic, people: People, other_clinic: TestClinic
) -> None:
    token = search(clinic.doctor, "ravi kumar", page_size=1).body["next_page_token"]

    def refused(client: ApiClient, **wanted: object) -> None:
        asked = {"text": "ravi kumar", "page_token": token, **wanted}
        assert pointers(client.post("/patients/search", asked, key="").refused(422, "invalid")) == {"/page_token"}

    refused(clinic.doctor, text="ravi kumaran")
    refused(clinic.doctor, kinds=["name"])
    refused(clinic.admin)
    refused(other_clinic.doctor)
    refused(clinic.doctor, page_token="A" * 80)
    refused(clinic.doctor, page_token=token[:-4])
    search(clinic.doctor, "ravi kumar", page_size=2, page_token=token)


def test_a_page_token_is_good_for_an_hour(clinic: TestClinic, people: People) -> None:
    def ask(minutes: int, token: str | None) -> str | None:
        caller = Caller(clinic.doctor.user_id, frozenset({Role.DOCTOR}), utc_now())
        later = Clinic(
            RequestContext(clinic.id, caller, Origin("test"), clock=lambda: utc_now() + timedelta(minutes=minutes))
        )
        wanted = PatientSearch(text="ravi kumar", page_size=1, page_token=token)
        return patient_search.find(later, wanted).next_page_token

    token = ask(0, None)

    assert ask(59, token) is not None
    with pytest.raises(Invalid):
        ask(61, token)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({}, "/text"),
        ({"text": " "}, "/text"),
        ({"text": "x" * 201}, "/text"),
        ({"text": "zoe", "page_size": 0}, "/page_size"),
        ({"text": "zoe", "page_size": 101}, "/page_size"),
        ({"text": "zoe", "page_token": "no token"}, "/page_token"),
        ({"text": "zoe", "kinds": ["diagnosis"]}, "/kinds/0"),
        ({"text": "zoe", "name": "zoe"}, "/name"),
    ],
)
def test_a_search_that_cannot_be_understood_is_refused(clinic: TestClinic, wrong: object, pointer: str) -> None:
    refused = clinic.doctor.post("/patients/search", wrong, key="").refused(422, "invalid")

    assert pointers(refused) == {pointer}


def test_nothing_is_searched_by_url(clinic: TestClinic) -> None:
    refused = clinic.doctor.get("/patients?text=zoe").refused(422, "invalid")

    assert pointers(refused) == {"text"}
