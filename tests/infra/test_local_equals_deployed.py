"""The local stack equals the deployment: its running parts are compared with the plan."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from infra import catalogue as catalogue_file
from infra.catalogue import Catalogue, EventFunction
from infra.check.deployment import Deployment
from infra.check.triggers import filters, planned_routes
from local.services.eventarc.triggers import Triggers
from local.services.functions.processes import Functions
from local.services.kit.recorder import Recorder
from local.services.kit.servers import GrpcServer, certificate
from local.services.scheduler.clock import BODY, Schedules
from local.services.tasks.endpoint import TasksEndpoint
from local.stack.environment import AUDIO_BUCKET, DERIVED, NAMES, RESULTS_BUCKET
from local.stack.gateway import Gateway
from local.stack.provisioning import make_queues

Listeners = dict[str, tuple[str, str]]
"""By function: the type of its events, and the bucket or the document pattern."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_file.load()


@pytest.fixture(scope="module")
def functions(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    """The functions' processes; none is started."""
    folder = tmp_path_factory.mktemp("functions")
    running = Functions(catalogue, lambda name: folder / name, lambda _name: {}, folder / "logs")
    yield running
    running.stop()


def test_the_gateway_sends_each_path_where_the_load_balancer_does(catalogue: Catalogue, planned: Deployment) -> None:
    gateway = Gateway(catalogue)
    try:
        local = {path: name for prefix, name in gateway.routes.items() for path in (prefix, f"{prefix}/*")}
        local |= {path: name for above, name in gateway.templates.items() for path in (above, f"{above}/**")}
        local["*"] = gateway.fallback
    finally:
        gateway.stop()

    services = {catalogue.functions[name].service: name for name in catalogue.functions}
    assert local == {path: services.get(service, service) for path, service in planned_routes(planned).items()}


def test_the_triggers_listen_for_what_eventarc_does(
    catalogue: Catalogue, functions: Functions, planned: Deployment, tmp_path: Path
) -> None:
    triggers = Triggers(catalogue, functions, NAMES, tmp_path)

    local = {listener.name: (listener.event, source_of(listener)) for listener in triggers.listeners}

    deployed = {
        name: (resource.text("event_trigger", "event_type"), planned_source(planned, name))
        for name, resource in planned.deployed.items()
        if resource.blocks("event_trigger")
    }
    assert local == deployed


def source_of(listener: EventFunction) -> str:
    """Local buckets are compared by purpose, because the name of a bucket differs between projects."""
    buckets = {AUDIO_BUCKET: "audio", RESULTS_BUCKET: "results"}
    return buckets[NAMES[listener.bucket]] if listener.bucket else str(listener.document)


def planned_source(planned: Deployment, function: str) -> str:
    buckets = {planned.value("AUDIO_BUCKET"): "audio", planned.value("RESULTS_BUCKET"): "results"}
    found = {attribute: value for attribute, _, value in filters(planned.deployed[function])}
    return buckets[found["bucket"]] if "bucket" in found else found["document"]


def test_the_queues_are_the_same_with_their_rates_and_retries(
    catalogue: Catalogue, planned: Deployment, certificate_folder: Path, tmp_path: Path
) -> None:
    endpoint = TasksEndpoint(tmp_path, Recorder())
    server = GrpcServer(endpoint.handlers(), certificate(certificate_folder))
    trusted = grpc.ssl_channel_credentials((certificate_folder / "tls.crt").read_bytes())
    try:
        with grpc.secure_channel(server.address, trusted) as channel:
            make_queues(channel, list(catalogue.queues.values()))
        queues = endpoint.queues()
    finally:
        server.stop()
        endpoint.stop()

    local = {
        queue.name.rpartition("/")[2]: (
            queue.retry_config.max_attempts,
            queue.retry_config.max_doublings,
            queue.retry_config.min_backoff.total_seconds(),
            queue.retry_config.max_backoff.total_seconds(),
            queue.rate_limits.max_dispatches_per_second,
            queue.rate_limits.max_concurrent_dispatches,
        )
        for queue in queues
    }
    deployed = {
        queue.text("name"): (
            queue.get("retry_config", "max_attempts"),
            queue.get("retry_config", "max_doublings"),
            float(queue.text("retry_config", "min_backoff").removesuffix("s")),
            float(queue.text("retry_config", "max_backoff").removesuffix("s")),
            queue.get("rate_limits", "max_dispatches_per_second"),
            queue.get("rate_limits", "max_concurrent_dispatches"),
        )
        for queue in planned.plan.of("google_cloud_tasks_queue")
    }
    assert local == deployed


def test_the_clock_calls_the_same_functions_at_the_same_times(
    catalogue: Catalogue, functions: Functions, planned: Deployment
) -> None:
    schedules = Schedules(catalogue, functions)

    local = {name: (entry.schedule, entry.zone) for name, entry in schedules.all.items()}

    jobs = planned.plan.of("google_cloud_scheduler_job")
    assert local == {job.key: (job.text("schedule"), job.text("time_zone")) for job in jobs}
    assert {b64decode(job.text("http_target", "body")) for job in jobs} == {BODY}


def test_the_local_environment_has_a_value_for_every_variable_of_a_deployment(planned: Deployment) -> None:
    deployed = {variable for name in planned.deployed for variable in planned.environment(name)}

    assert deployed <= {*NAMES, *DERIVED}


@pytest.mark.parametrize("drift", ["route", "listener", "schedule"])
def test_a_difference_is_detected(
    drift: str, catalogue: Catalogue, functions: Functions, planned: Deployment, tmp_path: Path
) -> None:
    """The comparisons above detect the effect of a changed catalogue on the local stack."""
    name = {"route": "bills", "listener": "on_session_completed", "schedule": "sweep_stalled"}[drift]
    changes = {
        "route": {"path": "/invoices"},
        "listener": {"document": "clinics/{clinic}"},
        "schedule": {"zone": "Asia/Kolkata"},
    }
    changed = catalogue.functions[name].model_copy(update=changes[drift])
    other = catalogue.model_copy(update={"functions": {**catalogue.functions, name: changed}})

    with pytest.raises(AssertionError):
        if drift == "route":
            test_the_gateway_sends_each_path_where_the_load_balancer_does(other, planned)
        elif drift == "listener":
            test_the_triggers_listen_for_what_eventarc_does(other, functions, planned, tmp_path)
        else:
            test_the_clock_calls_the_same_functions_at_the_same_times(other, functions, planned)
