"""Events and tasks: handling of deliveries, and the responses that cause redelivery."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import flask
import pytest
from cloudevents.http import CloudEvent
from google.events.cloud.firestore import DocumentEventData
from werkzeug.exceptions import HTTPException

from local.services.kit.identity import PROJECT
from shared import settings
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, Forbidden, NotFound, Problem, Unavailable
from shared.records.record import SYSTEM
from shared.store.clinic import Clinic
from shared.web import logs
from shared.web.triggers import (
    Delivery,
    TaskBody,
    on_document_written,
    on_object_finalized,
    on_schedule,
    on_task_dispatched,
)
from tests.support import invokers

STORAGE = "google.cloud.storage.object.v1.finalized"
FIRESTORE = "google.cloud.firestore.document.v1.written"


class Look(TaskBody):
    attempt: int


@pytest.fixture(autouse=True)
def deployed() -> Iterator[None]:
    """The environment of a function; restores the logging of this process afterwards."""
    with invokers.expected(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
        patch.setenv("LOG_LEVEL", "INFO")
        patch.setattr(logging.root, "handlers", [])
        settings.load.cache_clear()
        logs.configure.cache_clear()
        yield
    settings.load.cache_clear()
    logs.configure.cache_clear()


def event(kind: str, subject: str, data: Mapping[str, Any] | bytes | None = None) -> CloudEvent:
    return CloudEvent({"id": "delivery-1", "type": kind, "source": "//test", "subject": subject}, data)


def emit(entrance: Callable[[Any], None], delivered: CloudEvent) -> None:
    """Deliver an event with the identity token of Eventarc."""
    headers = {"Authorization": invokers.authorization()}
    with flask.Flask("events").test_request_context("/", method="POST", headers=headers):
        entrance(delivered)


def deliver(
    handle: Callable[[Clinic, Look, Delivery], None], body: object, headers: Mapping[str, str] | None = None
) -> int:
    """The response status for a task's delivery."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Authorization": invokers.authorization(), **(headers or {})}
    with flask.Flask("tasks").test_request_context("/", method="POST", data=content, headers=sent) as context:
        return on_task_dispatched(Look, handle)(context.request).status_code


def test_an_uploaded_object_is_handled_in_the_clinic_that_its_name_begins_with() -> None:
    heard: list[tuple[Clinic, str]] = []
    name = "clinics/aster/sessions/s/recordings/r"

    emit(
        on_object_finalized(lambda clinic, object_name: heard.append((clinic, object_name)), discard=pytest.fail),
        event(STORAGE, "", {"name": name}),
    )

    (clinic, object_name) = heard[0]
    assert (clinic.id, object_name) == ("aster", name)
    assert (clinic.context.caller.user_id, clinic.context.caller.allowed, clinic.context.origin.request_id) == (
        SYSTEM,
        frozenset(),
        "delivery-1",
    )


def test_a_written_document_is_handled_by_its_path_and_its_payload_is_not_believed() -> None:
    heard: list[tuple[str, str]] = []
    subject = "documents/clinics/aster/sessions/patient-visit"

    emit(
        on_document_written(lambda clinic, document_id: heard.append((clinic.id, document_id))),
        event(FIRESTORE, subject, {"name": "another"}),
    )

    assert heard == [("aster", "patient-visit")]


def written(path: str, **fields: str) -> bytes:
    """The payload of the event of a written document."""
    values = {name: {"string_value": value} for name, value in fields.items()}
    document = {"name": f"projects/p/databases/(default)/documents/{path}", "fields": values}
    return bytes(DocumentEventData.serialize(DocumentEventData(value=document)))


@pytest.mark.parametrize(
    ("payload", "is_handled"),
    [
        (written("clinics/aster/sessions/s", status="open"), False),
        (written("clinics/aster/sessions/s", status="closed"), True),
        (written("clinics/aster/sessions/another", status="open"), True),
        (bytes(DocumentEventData.serialize(DocumentEventData())), True),
        (b"\xff", True),
        (None, True),
    ],
)
def test_an_event_is_left_out_only_if_its_payload_says_that_nothing_follows(
    payload: bytes | None, is_handled: bool
) -> None:
    heard: list[str] = []
    entrance = on_document_written(
        lambda clinic, document_id: heard.append(document_id),
        lambda document_id, fields: (document_id, fields) == ("s", {"status": "open"}),
    )

    emit(entrance, event(FIRESTORE, "documents/clinics/aster/sessions/s", payload))

    assert heard == ["s"] * is_handled


def test_an_event_that_nobody_may_deliver_is_refused_before_its_payload_is_read() -> None:
    entrance = on_document_written(lambda clinic, id: pytest.fail(), lambda id, fields: pytest.fail())
    payload = written("clinics/aster/sessions/s", status="open")

    with flask.Flask("events").test_request_context("/", method="POST"), pytest.raises(HTTPException):
        entrance(event(FIRESTORE, "documents/clinics/aster/sessions/s", payload))


@pytest.mark.parametrize(
    "name",
    ["stray.webm", "clinics", "clinics/aster", "other/aster/x", "", "/clinics/aster/x", "clinics//x", "clinics/a b/x"],
)
def test_object_outside_any_clinic_is_discarded(name: str) -> None:
    discarded: list[str] = []

    emit(
        on_object_finalized(lambda _clinic, _name: pytest.fail(), discarded.append), event(STORAGE, "", {"name": name})
    )

    assert discarded == [name]


@pytest.mark.parametrize("refusal", [NotFound(), Conflict(ConflictCode.REPORT_SIGNED), Forbidden()])
def test_an_event_that_will_never_be_welcome_is_not_delivered_again(refusal: Problem) -> None:
    calls: list[str] = []

    def handle(clinic: Clinic, id: str) -> None:
        calls.append(id)
        raise refusal

    emit(on_document_written(handle), event(FIRESTORE, "documents/clinics/aster/sessions/s"))

    assert calls == ["s"]


@pytest.mark.parametrize("failure", [Unavailable(), Problem(), RuntimeError()])
def test_an_event_that_failed_is_delivered_again(failure: Exception) -> None:
    def handle(clinic: Clinic, id: str) -> None:
        raise failure

    with pytest.raises(type(failure)):
        emit(on_document_written(handle), event(FIRESTORE, "documents/clinics/aster/sessions/s"))


def test_a_task_is_handled_with_its_body_and_how_often_it_came_before() -> None:
    heard: list[tuple[str, int, Delivery]] = []
    headers = {"X-CloudTasks-TaskName": "look-1", "X-CloudTasks-TaskRetryCount": "4"}

    status = deliver(
        lambda clinic, task, delivery: heard.append((clinic.id, task.attempt, delivery)),
        {"clinic_id": "aster", "attempt": 2},
        headers,
    )

    assert (status, heard) == (204, [("aster", 2, Delivery("look-1", 4))])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        {"clinic_id": "aster"},
        {"clinic_id": "a/b", "attempt": 1},
        {"clinic_id": "aster", "attempt": "x"},
        {"clinic_id": "aster", "attempt": 1, "name": "Asha"},
    ],
)
def test_a_task_with_another_body_is_dropped_for_it_will_not_get_better(body: object) -> None:
    heard: list[Look] = []

    assert deliver(lambda clinic, task, delivery: heard.append(task), body) == 200
    assert heard == []


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Unavailable(), 503), (Problem(), 503), (NotFound(), 204), (Conflict(ConflictCode.REPORT_SIGNED), 204)],
)
def test_a_task_comes_again_only_for_what_may_pass(outcome: Problem, status: int) -> None:
    def handle(clinic: Clinic, task: Look, delivery: Delivery) -> None:
        raise outcome

    assert deliver(handle, {"clinic_id": "aster", "attempt": 1}) == status


def tick(handle: Callable[[str], None]) -> int:
    """The response status for a delivery of a schedule."""
    headers = {
        "Authorization": invokers.authorization(),
        "X-CloudScheduler-JobName": "sweep",
        "X-CloudScheduler-ScheduleTime": "2026-11-23T02:10:00Z",
    }
    with flask.Flask("ticks").test_request_context("/", method="POST", headers=headers) as context:
        return on_schedule(handle)(context.request).status_code


def test_a_tick_is_handled_with_the_schedule_and_the_time_that_it_is_for() -> None:
    heard: list[str] = []

    assert tick(heard.append) == 204
    assert heard == ["sweep 2026-11-23T02:10:00Z"]


@pytest.mark.parametrize(
    "entrance", [on_schedule(lambda cause: None), on_task_dispatched(Look, lambda clinic, task, delivery: None)]
)
def test_what_is_no_delivery_is_refused_with_the_method_of_one(entrance: Callable[[flask.Request], Any]) -> None:
    with flask.Flask("jobs").test_request_context("/", method="GET") as context:
        refused = entrance(context.request)

    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")


def test_a_tick_that_could_not_do_everything_says_so() -> None:
    def handle(cause: str) -> None:
        raise Unavailable

    assert tick(handle) == 503


def test_a_tick_that_failed_is_an_error() -> None:
    def handle(cause: str) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        tick(handle)
