"""Entry points of background work: events, tasks and schedules. Delivery is at least once, so a handler decides from
the stored state.

A response other than success makes Google redeliver, so only temporary errors are answered so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from flask import Request, Response, abort
from flask import request as current_request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared import settings
from shared.records.problems import MethodNotAllowed, NotFound, Problem, Unavailable
from shared.records.types import Id, is_id
from shared.store.clinic import Clinic, system_clinic
from shared.store.firestore.events import written_fields
from shared.web import health, logs
from shared.web.response import problem_response, with_common_headers
from shared.workflows import invoker

_log = logging.getLogger("synapse.jobs")


Count = Annotated[int, Field(ge=0, le=1_000_000)]
"""A counter in a task body, such as the number of an attempt."""


class TaskBody(BaseModel):
    """The fields that every task body has."""

    model_config = ConfigDict(extra="forbid")

    clinic_id: Id


@dataclass(frozen=True)
class Delivery:
    """One delivery of a Cloud Tasks task."""

    id: str
    retries: int
    """The number of earlier deliveries."""


def on_object_finalized(handle: Callable[[Clinic, str], None], discard: Callable[[str], None]) -> Callable[[Any], None]:
    """A function for finalized objects named `clinics/{clinic}/…`; `handle` gets the clinic and the object name, and
    `discard` any other name."""
    _prepare()

    def main(event: Any) -> None:
        _admit_event()
        name = str(event.data["name"])
        if _clinic_of(name) is None:
            logs.configure()
            discard(name)
            return
        _run(str(event["id"]), name, lambda clinic: handle(clinic, name))

    return main


def on_document_written(
    handle: Callable[[Clinic, str], None], is_uneventful: Callable[[str, Mapping[str, Any]], bool] | None = None
) -> Callable[[Any], None]:
    """A function for written documents `clinics/{clinic}/…/{id}`; `handle` gets the clinic and the document id.

    The payload of an event may be outdated: `handle` does not get it. `is_uneventful` gets the id and the fields that
    were written, and decides from plain ones whether the event is left out. It may leave out only what never causes
    anything, and never the write that brings the state which `handle` waits for. An event without a payload that can
    be read is handled.
    """
    _prepare()

    def main(event: Any) -> None:
        _admit_event()
        path = str(event["subject"]).removeprefix("documents/")
        document_id = path.rpartition("/")[2]
        written = written_fields(event.data, path) if is_uneventful else None
        if is_uneventful and written is not None and is_uneventful(document_id, written):
            return
        _run(str(event["id"]), path, lambda clinic: handle(clinic, document_id))

    return main


def on_task_dispatched(
    body: type[TaskBody], handle: Callable[[Clinic, Any, Delivery], None]
) -> Callable[[Request], Response]:
    """A function for tasks with this body."""
    _prepare()

    def main(request: Request) -> Response:
        if refusal := _refusal(request):
            return refusal
        name = request.headers.get("X-CloudTasks-TaskName", "")
        delivery = Delivery(name, int(request.headers.get("X-CloudTasks-TaskRetryCount", 0)))
        try:
            task = body.model_validate_json(request.get_data())
        except ValidationError:
            logs.configure()
            _log.error("a task with another body", extra={"delivery": name})
            return Response(status=200)  # a redelivery would have the same body
        try:
            _run(name, f"clinics/{task.clinic_id}", lambda clinic: handle(clinic, task, delivery))
        except Problem:
            return Response(status=503)
        return Response(status=204)

    return main


def on_schedule(handle: Callable[[str], None]) -> Callable[[Request], Response]:
    """A function for a schedule; `handle` gets an id of the tick, made of the job's name and its due time."""
    _prepare()

    def main(request: Request) -> Response:
        if refusal := _refusal(request):
            return refusal
        logs.configure()
        job = request.headers.get("X-CloudScheduler-JobName", "")
        due = request.headers.get("X-CloudScheduler-ScheduleTime", "")
        try:
            handle(f"{job} {due}".strip())
        except Unavailable:
            return Response(status=503)
        return Response(status=204)

    return main


def _prepare() -> None:
    settings.refuse_local_endpoints_in_the_cloud()
    health.install()


def _refusal(request: Request) -> Response | None:
    """The response to anything but a delivery, which is a POST to `/` with the identity token of the invoker."""
    if (request.method, request.path) == ("POST", "/"):
        return _refusal_of_invoker(request)
    problem = NotFound() if request.path != "/" else MethodNotAllowed(["POST"])
    return _refuse(request, problem)


def _refusal_of_invoker(request: Request) -> Response | None:
    logs.configure()
    try:
        invoker.admit(request.headers.get("Authorization"))
    except Problem as problem:
        return _refuse(request, problem)
    return None


def _admit_event() -> None:
    """Refuse an event whose request has no identity token of the invoker; the framework passes only the event."""
    if refusal := _refusal_of_invoker(current_request):
        abort(refusal)


def _refuse(request: Request, problem: Problem) -> Response:
    trace = logs.trace_of(request)
    return with_common_headers(problem_response(problem, trace), trace)


def _clinic_of(path: str) -> str | None:
    """The clinic in a path `clinics/{clinic}/…`; None if the path has another form."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "clinics" and is_id(parts[1]) else None


def _run(delivery: str, path: str, handle: Callable[[Clinic], None]) -> None:
    """Handle one delivery in the clinic of its path."""
    logs.configure()
    parts = path.split("/")
    if len(parts) < 2 or parts[0] != "clinics":
        _log.error("an event outside any clinic", extra={"delivery": delivery})
        return
    try:
        handle(system_clinic(parts[1], delivery))
    except Problem as problem:
        if problem.status >= 500:
            raise
        _log.warning("nothing to do", extra={"delivery": delivery, "reason": problem.name})
