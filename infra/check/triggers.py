"""Rules that compare the planned triggers (events, routes, queues, schedules) with the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.catalogue import EventFunction, HttpFunction, Queue, ScheduleFunction
from infra.check.deployment import Deployment
from infra.check.plan import Resource

API = "/api/v1"


def events(deployment: Deployment) -> Iterator[str]:
    """Each event function has the trigger of the catalogue, with retries; no other function has a trigger."""
    for name, resource in deployment.deployed.items():
        function = deployment.catalogue.functions[name]
        if not isinstance(function, EventFunction):
            if resource.blocks("event_trigger"):
                yield f"wrong event type: {name} has a trigger, but it is no event function"
            continue
        if resource.text("event_trigger", "event_type") != function.event:
            yield f"wrong event type: {name} is planned for {resource.text('event_trigger', 'event_type') or 'none'}"
        if resource.text("event_trigger", "retry_policy") != "RETRY_POLICY_RETRY":
            yield f"trigger without retry: {name}"
        planned, expected = filters(resource), _expected_filters(deployment, function)
        for attribute in sorted({attribute for attribute, _, _ in planned ^ expected}):
            is_, should = _describe(planned, attribute), _describe(expected, attribute)
            yield f"wrong trigger path: {name}: {attribute} is {is_}, not {should}"
        region = resource.text("event_trigger", "trigger_region")
        if region.lower() not in _locations(deployment, function):
            yield f"wrong trigger region: {name} listens in {region}"


def routes(deployment: Deployment) -> Iterator[str]:
    """The load balancer routes each path to the function of the catalogue, and all others to the fallback."""
    functions = deployment.catalogue.of_kind(HttpFunction)
    expected = {f"{API}{path}{below}": f.service for f in functions for path in f.paths for below in ("", "/*")}
    expected |= {f"{API}{path}{below}": f.service for f in functions for path in f.sub_paths for below in ("", "/**")}
    expected["*"] = deployment.catalogue.functions[deployment.catalogue.fallback].service
    planned = planned_routes(deployment)
    for path in sorted(expected.keys() | planned.keys()):
        if planned.get(path) != expected.get(path):
            yield f"route drift: {path} goes to {planned.get(path, 'nothing')}, not to {expected.get(path, 'nothing')}"
    wider = [path.removesuffix("*") for path in planned]
    for at, path in enumerate(planned):
        if above := [prefix for prefix in wider[1:at] if prefix.endswith("/") and path.startswith(prefix)]:
            yield f"route never used: {path} comes after {above[0]}*"


def planned_routes(deployment: Deployment) -> dict[str, str]:
    """The service of each path of the load balancer, in the order in which they are tried; `*` stands for all other
    paths."""
    backends = _services_of_backends(deployment)
    services: dict[str, str] = {}
    for url_map in deployment.plan.of("google_compute_url_map"):
        if default := url_map.text("default_service"):
            services["*"] = backends.get(default, default)
        for matcher in url_map.blocks("path_matcher"):
            if matcher.get("default_service"):
                services["*"] = backends.get(matcher["default_service"], "")
            for rule in sorted(matcher.get("route_rules") or [], key=lambda rule: int(rule["priority"])):
                services.update(dict.fromkeys(map(_path_of, rule["match_rules"]), backends.get(rule["service"], "")))
    return services


def _path_of(match: Mapping[str, Any]) -> str:
    """The path or the template of a match; that of a prefix ends in `*`."""
    prefix = match.get("prefix_match")
    return f"{prefix}*" if prefix else str(match.get("full_path_match") or match.get("path_template_match"))


def queues(deployment: Deployment) -> Iterator[str]:
    """The planned queues are those of the catalogue, with its rates and retries."""
    planned = deployment.plan.named("google_cloud_tasks_queue")
    for name in sorted(planned.keys() ^ deployment.catalogue.queues.keys()):
        yield f"queue drift: {name} is {'planned' if name in planned else 'in the catalogue'} only"
    for name, queue in deployment.catalogue.queues.items():
        if name in planned:
            for what, is_, expected in _queue(planned[name], queue):
                if is_ != expected:
                    yield f"queue drift: {name} is planned with {what} {is_}, the catalogue says {expected}"


def schedules(deployment: Deployment) -> Iterator[str]:
    """Cloud Scheduler calls each schedule function at its times and address, with a token for that address."""
    jobs = {job.key: job for job in deployment.plan.of("google_cloud_scheduler_job")}
    functions = {function.name: function for function in deployment.catalogue.of_kind(ScheduleFunction)}
    for name in sorted(jobs.keys() ^ functions.keys()):
        yield f"schedule drift: {name} is {'planned' if name in jobs else 'in the catalogue'} only"
    for name in sorted(jobs.keys() & functions.keys()):
        job, function = jobs[name], functions[name]
        if (job.text("schedule"), job.text("time_zone")) != (function.schedule, function.zone):
            yield f"schedule drift: {name} is planned at {job.text('schedule')} {job.text('time_zone')}"
        uri = job.text("http_target", "uri")
        address = deployment.deployed[name].text("service_config", "uri") if name in deployment.deployed else ""
        if uri != address:
            yield f"wrong schedule target: {name} is called at {uri or 'nothing'}"
        if not job.text("http_target", "oidc_token", "service_account_email"):
            yield f"schedule without OIDC: {name}"
        elif job.text("http_target", "oidc_token", "audience") != address:
            yield f"schedule without OIDC: the token of {name} is for another audience than its function"


def filters(resource: Resource) -> set[tuple[str, str, str]]:
    """The filters of a trigger: attribute, operator (empty for equality) and value."""
    blocks = resource.blocks("event_trigger", "event_filters")
    return {(block["attribute"], block.get("operator") or "", block["value"]) for block in blocks}


def _expected_filters(deployment: Deployment, function: EventFunction) -> set[tuple[str, str, str]]:
    if function.bucket:
        return {("bucket", "", deployment.value(function.bucket))}
    return {
        ("database", "", deployment.value("FIRESTORE_DATABASE")),
        ("namespace", "", "(default)"),  # Firestore has no other namespace
        ("document", "match-path-pattern", str(function.document)),
    }


def _describe(filters: set[tuple[str, str, str]], attribute: str) -> str:
    return (
        " and ".join(f"{operator} {value}".strip() for a, operator, value in sorted(filters) if a == attribute)
        or "unset"
    )


def _locations(deployment: Deployment, function: EventFunction) -> set[str]:
    """The locations of the source of a function's events (Eventarc accepts no other region)."""
    if function.bucket:
        bucket = deployment.plan.named("google_storage_bucket").get(deployment.value(function.bucket))
        return {bucket.text("location").lower()} if bucket else set()
    return {database.text("location_id").lower() for database in deployment.plan.of("google_firestore_database")}


def _services_of_backends(deployment: Deployment) -> dict[str, str]:
    """The Cloud Run service behind each backend service, by the backend's id."""
    groups = {
        group.text("id"): group.text("cloud_run", "service") or group.text("cloud_function", "function")
        for group in deployment.plan.of("google_compute_region_network_endpoint_group")
    }
    backends = deployment.plan.of("google_compute_backend_service")
    return {backend.text("id"): groups.get(backend.text("backend", "group"), "") for backend in backends}


def _queue(planned: Resource, queue: Queue) -> list[tuple[str, Any, Any]]:
    """Each parameter with its planned value and its value in the catalogue."""

    def seconds(argument: str) -> float:
        return float(planned.text("retry_config", argument).removesuffix("s") or 0)

    return [
        ("max_attempts", planned.get("retry_config", "max_attempts"), queue.max_attempts),
        ("max_doublings", planned.get("retry_config", "max_doublings"), queue.max_doublings),
        ("min_backoff", seconds("min_backoff"), queue.min_backoff),
        ("max_backoff", seconds("max_backoff"), queue.max_backoff),
        (
            "max_dispatches_per_second",
            planned.get("rate_limits", "max_dispatches_per_second"),
            queue.max_dispatches_per_second,
        ),
        (
            "max_concurrent_dispatches",
            planned.get("rate_limits", "max_concurrent_dispatches"),
            queue.max_concurrent_dispatches,
        ),
    ]
