"""What apps may do with Firestore directly: firestore.rules, asked through the emulator as an app asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
import urllib3

from local.dispatch import unsigned_jwt
from local.emulator import DATABASE, OwnEmulator
from local.identity import PROJECT

PROGRESS = "clinics/aster/progress/session-1"
ELSEWHERE = [
    "clinics/aster",
    "clinics/aster/patients/p",
    "clinics/aster/sessions/session-1",
    "clinics/aster/progress/session-1/parts/1",
    "progress/session-1",
    "users/u",
]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEmulator]:
    emulator = OwnEmulator(tmp_path_factory.mktemp("firestore"), "127.0.0.1:9")
    try:
        emulator.wait_ready()
        for path in [PROGRESS, "clinics/begonia/progress/session-2", *ELSEWHERE]:
            emulator.call("PATCH", f"/v1/{DATABASE}/documents/{path}", {"fields": {"state": {"stringValue": "open"}}})
        yield emulator
    finally:
        emulator.stop()


def token(**claims: str) -> str:
    return unsigned_jwt(
        {"iss": f"https://securetoken.google.com/{PROJECT}", "aud": PROJECT, "sub": "u", "user_id": "u", **claims}
    )


OWN = token(clinic="aster")
NOBODY = None
OTHERS = {"another clinic": token(clinic="begonia"), "no clinic": token(), "anonymous": NOBODY}


def ask(emulator: OwnEmulator, method: str, path: str, bearer: str | None, body: object = None) -> int:
    headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
    url = f"http://{emulator.address}/v1/{DATABASE}/documents{path}"
    content = json.dumps(body) if body is not None else None
    return urllib3.request(method, url, body=content, headers=headers, retries=False).status


def get(emulator: OwnEmulator, path: str, bearer: str | None) -> int:
    return ask(emulator, "GET", f"/{path}", bearer)


def list_beside(emulator: OwnEmulator, path: str, bearer: str | None) -> int:
    return ask(emulator, "GET", f"/{path.rpartition('/')[0]}", bearer)


def query_beside(emulator: OwnEmulator, path: str, bearer: str | None) -> int:
    parent, _, collection = path.rpartition("/")[0].rpartition("/")
    query = {"structuredQuery": {"from": [{"collectionId": collection}]}}
    return ask(emulator, "POST", f"/{parent}:runQuery" if parent else ":runQuery", bearer, query)


def create_beside(emulator: OwnEmulator, path: str, bearer: str | None) -> int:
    return ask(emulator, "POST", f"/{path.rpartition('/')[0]}?documentId=new", bearer, {"fields": {}})


def update(emulator: OwnEmulator, path: str, bearer: str | None) -> int:
    return ask(emulator, "PATCH", f"/{path}", bearer, {"fields": {"state": {"stringValue": "mine"}}})


def delete(emulator: OwnEmulator, path: str, bearer: str | None) -> int:
    return ask(emulator, "DELETE", f"/{path}", bearer)


Verb = Callable[[OwnEmulator, str, str | None], int]
VERBS: list[Verb] = [get, list_beside, query_beside, create_beside, update, delete]


def test_a_member_gets_the_progress_of_a_session_of_the_clinic(emulator: OwnEmulator) -> None:
    assert get(emulator, PROGRESS, OWN) == 200


@pytest.mark.parametrize("verb", VERBS[1:])
def test_a_member_does_nothing_else_with_progress(emulator: OwnEmulator, verb: Verb) -> None:
    assert verb(emulator, PROGRESS, OWN) == 403


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_does_anything_with_progress(emulator: OwnEmulator, verb: Verb, who: str) -> None:
    assert verb(emulator, PROGRESS, OTHERS[who]) == 403


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("path", ELSEWHERE)
def test_a_member_does_nothing_with_any_other_document(emulator: OwnEmulator, verb: Verb, path: str) -> None:
    assert verb(emulator, path, OWN) == 403


def test_progress_of_all_clinics_cannot_be_queried_at_once(emulator: OwnEmulator) -> None:
    query = {"structuredQuery": {"from": [{"collectionId": "progress", "allDescendants": True}]}}
    assert ask(emulator, "POST", ":runQuery", OWN, query) == 403


def test_an_absent_progress_of_the_own_clinic_is_told_as_absent(emulator: OwnEmulator) -> None:
    assert get(emulator, "clinics/aster/progress/none", OWN) == 404


def test_the_owner_of_the_data_is_not_subject_to_the_rules(emulator: OwnEmulator) -> None:
    assert get(emulator, "clinics/aster/patients/p", "owner") == 200
