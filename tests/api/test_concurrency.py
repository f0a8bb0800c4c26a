"""Many at once: of the writers who saw one revision one wins, and a request that is repeated has its effect once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import groupby

import pytest

from local.services.kit.recorder import Fault
from local.stack.stack import Stack
from shared.records.types import Role
from shared.store import database
from shared.web.operations import Operation
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.operation_cases import case_of, operations, prepare
from tests.support.scenarios import Person, Scenario, new_scenario
from tools.openapi.operation_cases.patients import DEMOGRAPHICS

pytestmark = pytest.mark.long

CHANGES = {name: operation for name, operation in operations().items() if operation.accepts_if_match}
"""Of what is there already."""
WRITERS, REPLAYS = 50, 100
NEW = {**DEMOGRAPHICS, "allow_duplicate": True}
EVERY = 10
"""One in so many commits loses its answer."""
MOST_LOST = 30
BY_RESOURCE = {resource: list(names) for resource, names in groupby(CHANGES, key=lambda name: name.partition(".")[0])}
UNLUCKY = [names[-1] for names in BY_RESOURCE.values()]
"""One change of each resource, that is tried while answers are lost."""
LUCKY = [name for names in BY_RESOURCE.values() for name in names[:-1] or names]
"""The others; a single one is tried both ways."""


@pytest.fixture(scope="module")
def scenario(stack: Stack) -> Iterator[Scenario]:
    with new_scenario(stack) as scenario:
        yield scenario


@pytest.fixture
def losing(stack: Stack) -> Iterator[list[Fault]]:
    """Of every ten commits of a function, one is done and its answer is lost."""
    # A fault counts the calls at which none before it fires.
    faults = [
        Fault("firestore", "Commit", function, "cut", skip=count * (EVERY - 1))
        for function in BY_RESOURCE
        for count in range(1, MOST_LOST + 1)
    ]
    for fault in faults:
        stack.recorder.plant(fault)
    yield faults
    stack.recorder.clear_faults()


def writer_of(operation: Operation, clinic: TestClinic) -> tuple[Person, ApiClient]:
    """Somebody who may do it; an admin, who still sees afterwards what a doctor may have given away."""
    may = Role.ADMIN in operation.roles
    role, client = (Role.ADMIN, clinic.admin) if may else (Role.DOCTOR, clinic.doctor)
    return Person(role.value, client.user_id, clinic, frozenset({role})), client


def lost(faults: list[Fault]) -> int:
    """How many answers were lost."""
    return sum(fault.fired.is_set() for fault in faults)


def write(scenario: Scenario, name: str) -> list[Reply]:
    """The answers to many who saw the same revision and write at once."""
    operation = CHANGES[name]
    person, client = writer_of(operation, scenario.clinic)
    request = prepare(name, scenario, person)
    scenario.mark_used()
    return at_once(WRITERS, lambda _: request.send(client, name, operation))


def one_won(replies: list[Reply], name: str) -> None:
    """What is gone after the first change is not there for the others."""
    others = [reply for reply in replies if reply.status >= 400]
    (winner,) = [reply for reply in replies if reply.status < 400]
    assert (winner.status, winner.headers.get("ETag")) in ((CHANGES[name].status, '"2"'), (204, None))
    for reply in others:
        if not (case_of(name).vanishes and reply.status == 404):
            reply.refused(412, "stale")


@pytest.mark.parametrize("name", LUCKY)
def test_of_many_writers_who_saw_one_revision_one_wins(name: str, scenario: Scenario) -> None:
    one_won(write(scenario, name), name)


@pytest.mark.parametrize("name", UNLUCKY)
def test_of_many_writers_one_wins_even_if_answers_of_the_database_are_lost(
    name: str, scenario: Scenario, losing: list[Fault]
) -> None:
    one_won(write(scenario, name), name)
    assert lost(losing) >= WRITERS // EVERY


def test_a_registration_that_is_repeated_at_once_has_its_effect_once(scenario: Scenario) -> None:
    one_effect(scenario, register_again_and_again(scenario))


def test_a_registration_that_is_repeated_has_its_effect_once_even_if_answers_of_the_database_are_lost(
    scenario: Scenario, losing: list[Fault]
) -> None:
    one_effect(scenario, register_again_and_again(scenario))
    assert lost(losing) >= REPLAYS // EVERY


def test_a_registration_whose_answer_is_lost_on_its_way_is_answered_again(scenario: Scenario) -> None:
    """Every tenth client hears nothing and asks again."""
    key = uuid.uuid4().hex

    def ask(number: int) -> Reply:
        reply = scenario.clinic.doctor.post("/patients", NEW, key=key)
        return scenario.clinic.doctor.post("/patients", NEW, key=key) if number % EVERY == 0 else reply

    one_effect(scenario, at_once(REPLAYS, ask))


def register_again_and_again(scenario: Scenario) -> list[Reply]:
    key = uuid.uuid4().hex
    return at_once(REPLAYS, lambda _: scenario.clinic.doctor.post("/patients", NEW, key=key))


def one_effect(scenario: Scenario, replies: list[Reply]) -> None:
    """All were told the same, and it is so."""
    assert statuses(replies) == {201: REPLAYS}
    assert len({(reply.content, reply.etag) for reply in replies}) == 1
    patients = database.client().collection("clinics", scenario.clinic.id, "patients")
    number = replies[0].body["number"]
    registered = [found.id for found in patients.stream() if found.get("number") == number]
    assert registered == [replies[0].body["id"]]
    counted = database.client().document("clinics", scenario.clinic.id, "counters", "patients").get().get("counts")
    assert number.endswith(f"{sum(counted.values()):04}"), "a number was skipped"
