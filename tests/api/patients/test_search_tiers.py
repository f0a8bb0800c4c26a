"""The tiers of a search, and the lists of a comparison, are asked at once: what they find is what they find one after
another, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from shared.records.patients.search import PatientSearch
from shared.records.patients.terms import Term
from shared.records.types import Role
from shared.store import search
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.patients import search as patient_search
from tests.support.call_counts import CountedCall, calls_when_repeated, commit, query, reads
from tests.support.clinics import TestClinic

pytestmark = pytest.mark.long

EXACT, BEGINNINGS, SOUNDS = ("Ravi", "Kumar"), ("Ravindra", "Kumaran"), ("Ravy", "Kummar")
TEXTS = "ravi kumar", "ravi", "kum", "RAVY KUMAR", "1970-01-01", "1970", "ravi@clinic.example", "nobody at all"


@pytest.fixture(scope="module")
def many(clinic: TestClinic) -> TestClinic:
    """A clinic with 3 patients of a name, 5 whose name begins with it, and 14 whose name sounds like it."""
    for names, count in ((EXACT, 3), (BEGINNINGS, 5), (SOUNDS, 14)):
        for _ in range(count):
            new = {"first_name": names[0], "last_name": names[1], "date_of_birth": "1970-01-01"}
            clinic.doctor.post("/patients", {**new, "allow_duplicate": True}).ok(201)
    return clinic


def asked_by(clinic: TestClinic, user_id: str, *roles: Role) -> Clinic:
    caller = Caller(user_id, frozenset({Role.DOCTOR, *roles}), utc_now())
    return Clinic(RequestContext(clinic.id, caller, Origin("test")))


def pages(clinic: TestClinic, text: str, size: int, user_id: str, role: Role) -> list[tuple[list[str], bool]]:
    """The ids of each page, and whether another one follows."""
    found: list[tuple[list[str], bool]] = []
    token: str | None = None
    while not found or token:
        asked = PatientSearch(text=text, page_size=size, page_token=token)
        page = patient_search.find(asked_by(clinic, user_id, role), asked)
        token = page.next_page_token
        found.append(([one.record.id for one in page.items], token is not None))
    return found


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("size", [1, 3, 4, 20, 100])
def test_pages_are_those_of_tiers_asked_one_after_another(
    many: TestClinic, monkeypatch: pytest.MonkeyPatch, text: str, size: int
) -> None:
    for user, role in ((many.doctor, Role.DOCTOR), (many.other_doctor, Role.DOCTOR), (many.admin, Role.ADMIN)):
        at_once = [pages(many, text, size, user.user_id, role)]
        for beginning in (1, 2, 5):
            monkeypatch.setattr(search, "BEGINNING", beginning)
            at_once.append(pages(many, text, size, user.user_id, role))
        with monkeypatch.context() as patch:
            patch.setattr("shared.store.search._Search.begin", lambda _: None)
            in_turn = pages(many, text, size, user.user_id, role)

        assert all(one == in_turn for one in at_once)
        ids = [id for found, _ in in_turn for id in found]
        assert len(ids) == len({*ids})


@pytest.fixture
def calls(many: TestClinic) -> Callable[..., list[CountedCall]]:
    def made(text: str, **asked: object) -> list[CountedCall]:
        body = {"text": text, "kinds": ["name"], **asked}
        return calls_when_repeated(many, "patients", lambda: many.doctor.post("/patients/search", body, key="").ok())

    return made


def test_call_counts(many: TestClinic, calls: Callable[..., list[CountedCall]]) -> None:
    beginning = query(search.BEGINNING)

    first, *at_once, further, committed = calls("ravi kumar")
    # Three tiers at once: the exact one; that by prefixes, whose query finds all; of that by sound there are more than
    # were asked for.
    assert (first, sorted(at_once)) == (reads(2), sorted([query(3), query(22), beginning]))
    assert (further, committed) == (query(6), commit(2))
    # A page that is full of exact matches has read of the others what they were asked for.
    first, *at_once, committed = calls("ravi kumar", page_size=2)
    limit = query(2 + 1 + search.SPARE)
    assert (first, sorted(at_once), committed) == (reads(2), sorted([query(3), limit, beginning]), commit(2))
    # A following page asks for the tier in which the page before ended, and for later ones if it needs them.
    body = {"text": "ravi kumar", "kinds": ["name"], "page_size": 2}
    token = many.doctor.post("/patients/search", body, key="").ok().body["next_page_token"]
    assert calls("ravi kumar", page_size=2, page_token=token) == [reads(2), query(1), query(12), commit(2)]


NAMES = [("name", "kumar ravi")], [("name", "kumaran ravindra")], [("name", "kummar ravy")], [("name", "nobody")]
BORN = [("date_of_birth", "1970-01-01")]
Found = list[list[str]]


def newest(clinic: TestClinic, lists: Sequence[list[Term]], limit: int) -> Found:
    """The ids of the newest patients with any of the terms of each list."""

    def found(work: UnitOfWork) -> Found:
        return [[one.id for one in some] for some in search.newest_with_any(work, lists, limit)]

    return asked_by(clinic, clinic.doctor.user_id).perform("patient.search", found)


@pytest.mark.parametrize("lists", [NAMES, NAMES[:1], (NAMES[0], BORN), (BORN, NAMES[3]), (NAMES[0] + BORN, NAMES[1])])
@pytest.mark.parametrize("limit", [1, 3, 5, 8, 22, 23])
def test_lists_asked_together_find_what_each_finds_alone(
    many: TestClinic, monkeypatch: pytest.MonkeyPatch, lists: Sequence[list[Term]], limit: int
) -> None:
    alone = [newest(many, [one], limit)[0] for one in lists]
    together = newest(many, lists, limit)
    monkeypatch.setattr(search, "MOST_TOKENS", 1)  # of one query; the lists have more together
    apart = newest(many, lists, limit)

    assert any(alone)
    assert together == alone
    assert apart == [newest(many, [one], limit)[0] for one in lists]
