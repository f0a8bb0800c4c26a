"""The other way in: events, tasks and schedules. Delivered at least once, so a handler decides from the stored state.

An answer other than success makes Google deliver again; so only what may pass by itself fails.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from shared import settings
from shared.records.problems import MethodNotAllowed, NotFound, Problem, Unavailable
from shared.records.types import Id
from shared.store.clinic import Clinic, system_clinic
from shared.web import health, logs
from shared.web.response import problem_response, secured

_log = logging.getLogger("synapse.jobs")


class TaskBody(BaseModel):
    """What every task's body names."""

    model_config = ConfigDict(extra="forbid")

    clinic_id: Id


@dataclass(frozen=True)
class Delivery:
    """One delivery of a task."""

    id: str
    retries: int
    """How often it was delivered before."""


def on_object_finalized(handle: Callable[[Clinic, str], None]) -> Callable[[Any], None]:
    """A handler for finalized objects named `clinics/{clinic}/…`; it gets the clinic and the whole name."""
    _prepare()

    def main(event: Any) -> None:
        name = str(event.data["name"])
        _run(str(event["id"]), name, lambda clinic: handle(clinic, name))

    return main


def on_document_written(handle: Callable[[Clinic, str], None]) -> Callable[[Any], None]:
    """A handler for written documents `clinics/{clinic}/…/{id}`; it gets the clinic and the document's id.

    The event's payload may be old: only the path is taken from it.
    """
    _prepare()

    def main(event: Any) -> None:
        path = str(event["subject"]).removeprefix("documents/")
        _run(str(event["id"]), path, lambda clinic: handle(clinic, path.rpartition("/")[2]))

    return main


def on_task_dispatched(
    body: type[TaskBody], handle: Callable[[Clinic, Any, Delivery], None]
) -> Callable[[Request], Response]:
    """A handler for tasks with this body."""
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
            return Response(status=200)  # it will not get better
        try:
            _run(name, f"clinics/{task.clinic_id}", lambda clinic: handle(clinic, task, delivery))
        except Problem:
            return Response(status=503)
        return Response(status=204)

    return main


def on_schedule(handle: Callable[[str], None]) -> Callable[[Request], Response]:
    """A handler for the ticks of a schedule; it gets the tick's id, which says when it was due."""
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
    """What answers anything but a delivery, which is a POST to the function's own address."""
    if (request.method, request.path) == ("POST", "/"):
        return None
    trace = logs.trace_of(request)
    problem = NotFound() if request.path != "/" else MethodNotAllowed(["POST"])
    return secured(problem_response(problem, trace), trace)


def _run(delivery: str, path: str, handle: Callable[[Clinic], None]) -> None:
    """Handle one delivery in the clinic that its path names."""
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
