"""Patient search: matching, ranking, pages, access, privacy and cost."""

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
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.workflows.patients import search as patient_search
from tests.support.audit import audit_of, new_trace
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, open_clinic
from tests.support.dictionary_attack import matches, stored
from tests.support.problems import pointers
from tools import google_firestore

pytestmark = pytest.mark.long

People = dict[str, str]
"""Patient ids by short name."""

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
"""The doctor's patients, in the order of registration."""
STRANGER = {
    "first_name": "Zoë",
    "last_name": "Strange",
    "date_of_birth": "1977-07-07",
    "primary_phone": "+919845099999",
}
"""The other doctor's patient."""


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """A clinic whose patients the tests do not change."""
    return open_clinic(stack)


@pytest.fixture(scope="module")
def people(clinic: TestClinic) -> People:
    ids = {name: str(clinic.doctor.post("/patients", new).ok(201).body["id"]) for name, new in PEOPLE.items()}
    return ids | {"stranger": str(clinic.other_doctor.post("/patients", STRANGER).ok(201).body["id"])}


def search(client: ApiClient, text: str, **options: object) -> Reply:
    return client.post("/patients/search", {"text": text, **options}, key="").ok()


def names(people: People, reply: Reply) -> list[str]:
    """The short names of the patients on a page."""
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
        # Prefixes of words, from three letters.
        ("dso", ["zoe"]),
        ("luk", ["soren"]),
        ("muller", ["soren"]),
        ("kri lax", ["laxman", "laxmi"]),
        ("venkataramanuj", ["laxmi"]),
        ("venkataramanujam", ["laxmi"]),  # phonetic match
        ("li", ["li"]),
        ("zoe d", ["zoe"]),
        # Words joined or split.
        ("d souza", ["zoe"]),
        ("venkata ramanujan", ["laxmi"]),
        ("lukaszmuller", ["soren"]),
        # Phonetic matches.
        ("lakshmi", ["laxmi"]),
        ("Muhamad Kahn", ["mohammed", "muhammad"]),
        # Phone, email, date of birth and tags.
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
def test_search_finds_patients(clinic: TestClinic, people: People, text: str, found: list[str]) -> None:
    assert names(people, search(clinic.doctor, text)) == found


def test_search_finds_a_patient_by_number(clinic: TestClinic, people: People) -> None:
    number = clinic.doctor.get(f"/patients/{people['li']}").ok().body["number"]

    assert names(people, search(clinic.doctor, number.lower())) == ["li"]


def test_exact_matches_precede_prefixes_and_phonetic_matches_newest_first(clinic: TestClinic, people: People) -> None:
    found = names(people, search(clinic.doctor, "ravi kumar"))

    assert found == ["kumar_4", "kumar_1", "kumar_3", "kumar_2", "kumar_5"]


def test_local_number_is_of_the_time_zones_country_without_a_clinic_phone(own_clinic: TestClinic) -> None:
    found = str(own_clinic.doctor.post("/patients", PEOPLE["zoe"]).ok(201).body["id"])
    settings = google_firestore.client().document("clinics", own_clinic.id)
    settings.update({"sealed.phone": firestore.DELETE_FIELD})

    in_india = search(own_clinic.doctor, "98450 12345")
    settings.update({"time_zone": "Europe/Berlin"})
    in_germany = search(own_clinic.doctor, "98450 12345")
    settings.update({"time_zone": "UTC"})
    nowhere = search(own_clinic.doctor, "98450 12345")

    assert [item["id"] for item in in_india.body["items"]] == [found]
    assert in_germany.body["items"] == nowhere.body["items"] == []


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_contain_every_match_once_in_order(clinic: TestClinic, people: People, size: int) -> None:
    all_at_once = names(people, search(clinic.doctor, "ravi kumar"))

    found = [names(people, page) for page in pages(clinic.doctor, "ravi kumar", size)]

    assert [name for page in found for name in page] == all_at_once
    assert all(len(page) <= size for page in found)


def test_search_is_limited_to_the_requested_kinds(clinic: TestClinic, people: People) -> None:
    assert names(people, search(clinic.doctor, "evening", kinds=["tag"])) == ["meera", "zoe"]
    assert names(people, search(clinic.doctor, "evening", kinds=["name", "phone"])) == []


def test_a_search_with_too_few_letters_says_so_whatever_it_finds(clinic: TestClinic, people: People) -> None:
    for text, found in (("me", []), ("li", ["li"])):
        reply = search(clinic.doctor, text).ok()

        assert names(people, reply) == found
        assert (reply.body["notice"]["code"], reply.body["notice"]["minimum_letters"]) == ("too_few_letters", 3)
    assert search(clinic.doctor, "meer").body["notice"] is None


# Access


def test_doctor_finds_own_patients_and_other_roles_find_all(clinic: TestClinic, people: People) -> None:
    assert names(people, search(clinic.doctor, "zoe")) == ["zoe", "zoya"]
    assert names(people, search(clinic.other_doctor, "zoe")) == ["stranger"]
    for client in (clinic.receptionist, clinic.admin):
        assert names(people, search(client, "zoe")) == ["stranger", "zoe", "zoya"]


def test_search_reads_no_document_of_a_patient_without_access(clinic: TestClinic, people: People) -> None:
    """Whatever the caller knows about the patient, Firestore reads no document."""
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


def test_other_clinic_finds_no_patients(clinic: TestClinic, people: People, other_clinic: TestClinic) -> None:
    assert search(other_clinic.admin, "zoe").body == {"items": [], "next_page_token": None, "notice": None}


def test_receptionist_finds_patients_without_clinical_fields(clinic: TestClinic, people: People) -> None:
    [seen] = search(clinic.receptionist, "zoe dsouza", kinds=["name"], page_size=1).body["items"]
    [known] = search(clinic.doctor, "zoe dsouza", kinds=["name"], page_size=1).body["items"]

    assert known.keys() - seen.keys() == {
        "allergies",
        "blood_group",
        "clinical_tags",
        "current_medications",
        "diagnoses",
        "medical_history",
        "notes",
    }
    assert known["age"] == seen["age"] >= 42


# Calls to Google Cloud


def test_call_counts_of_a_first_page(clinic: TestClinic, people: People) -> None:
    search(clinic.doctor, "ravi kumar")
    mark = clinic.stack.recorder.mark()

    search(clinic.doctor, "ravi kumar")

    calls = [call for call in clinic.stack.recorder.calls(mark) if call.caller == "patients"]
    assert Counter(call.method for call in calls) == {"BatchGetDocuments": 1, "RunQuery": 3, "Commit": 1}
    assert [call.amounts for call in calls if call.method == "Commit"] == [{"writes": 2, "deletes": 0}]


# Audit, logs and stored data


def test_search_text_is_neither_stored_nor_logged(clinic: TestClinic, people: People) -> None:
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


def test_search_is_audited_with_the_found_patients(clinic: TestClinic, people: People) -> None:
    trace, headers = new_trace()

    clinic.doctor.post("/patients/search", {"text": "dso"}, key="", **headers).ok()

    [entry] = audit_of(clinic, trace)
    assert entry["patient_ids"] == [people["zoe"]]


def test_dictionary_attack_on_the_stored_documents_finds_nothing(clinic: TestClinic, people: People) -> None:
    """The attack hashes every name, phone number and date of birth, alone or with any value stored beside it."""
    documents = stored(clinic.id)
    known = [str(value) for new in [*PEOPLE.values(), STRANGER] for value in new.values() if isinstance(value, str)]
    known += [f"{new['first_name']} {new['last_name']}" for new in PEOPLE.values()]

    assert matches(known, documents) == []


def test_dictionary_attack_finds_a_planted_hash(clinic: TestClinic, people: People) -> None:
    import hashlib
    import hmac

    documents = stored(clinic.id)
    salt = people["zoe"]
    planted: list[str | bytes] = [
        hashlib.sha256(b"+919845012345").digest(),
        hashlib.sha1(b"zoe").hexdigest(),
        hmac.new(salt.encode(), b"1984-02-29", "sha256").digest()[:12],
        hashlib.md5(f"{salt}d'souza".encode()).digest(),
    ]
    for hidden in planted:
        assert matches(["+919845012345", "Zoë", "1984-02-29", "D'Souza"], [*documents, hidden])


# Page tokens and invalid requests


def test_page_token_is_valid_only_for_its_search_and_caller(
    clinic: TestClinic, people: People, other_clinic: TestClinic
) -> None:
    token = search(clinic.doctor, "ravi kumar", page_size=1).body["next_page_token"]

    def refused(client: ApiClient, **query: object) -> None:
        request = {"text": "ravi kumar", "page_token": token, **query}
        assert pointers(client.post("/patients/search", request, key="").refused(422, "invalid")) == {"/page_token"}

    refused(clinic.doctor, text="ravi kumaran")
    refused(clinic.doctor, kinds=["name"])
    refused(clinic.admin)
    refused(other_clinic.doctor)
    refused(clinic.doctor, page_token="A" * 80)
    refused(clinic.doctor, page_token=token[:-4])
    search(clinic.doctor, "ravi kumar", page_size=2, page_token=token)


def test_page_token_expires_after_an_hour(clinic: TestClinic, people: People) -> None:
    def next_token(minutes: int, token: str | None) -> str | None:
        caller = Caller(clinic.doctor.user_id, frozenset({Role.DOCTOR}), utc_now())
        later = Clinic(
            RequestContext(clinic.id, caller, Origin("test"), clock=lambda: utc_now() + timedelta(minutes=minutes))
        )
        query = PatientSearch(text="ravi kumar", page_size=1, page_token=token)
        return patient_search.find(later, query).next_page_token

    token = next_token(0, None)

    assert next_token(59, token) is not None
    with pytest.raises(Invalid):
        next_token(61, token)


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
def test_invalid_search_is_refused(clinic: TestClinic, wrong: object, pointer: str) -> None:
    refused = clinic.doctor.post("/patients/search", wrong, key="").refused(422, "invalid")

    assert pointers(refused) == {pointer}


def test_search_in_the_query_string_is_invalid(clinic: TestClinic) -> None:
    refused = clinic.doctor.get("/patients?text=zoe").refused(422, "invalid")

    assert pointers(refused) == {"text"}
