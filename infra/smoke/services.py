"""The functions, and what calls them: their states as Google reports them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from infra.catalogue import Catalogue, EventFunction, HttpFunction, ScheduleFunction
from infra.google_apis import GoogleApis, Json
from infra.verdicts import Check, Unknown

_FINE = {"OK", "CODE_UNSPECIFIED"}


@dataclass(frozen=True)
class Deployed:
    """A deployment as Terraform knows it."""

    region: str
    database: str
    function_url: str
    """The direct URL of the functions, with `{function}` for the name."""
    schedules_account: str
    """The account that Cloud Scheduler calls as."""
    load_balancer_ip: str
    unchecked: bool = False
    """True if Cloud Run does not check who calls the HTTP functions, instead of a grant to everybody."""

    def url(self, service: str) -> str:
        """The direct URL of a function."""
        return self.function_url.replace("{function}", service)


def checks(apis: GoogleApis, catalogue: Catalogue, deployed: Deployed) -> list[Check]:
    """The checks of this module."""

    def check(title: str, find: Callable[[GoogleApis, Catalogue, Deployed], Iterator[str]], remedy: str) -> Check:
        return Check(title, lambda: find(apis, catalogue, deployed), remedy)

    there = f'--location="{deployed.region}" --project="{apis.project}"'
    opening = check(
        "every HTTP function is open to the load balancer",
        _closed,
        "infra/open-functions.sh $(terraform -chdir=infra output -raw functions_to_open)",
    )
    return [
        check("every function is active", _inactive, "plan and apply again; its build is in the log of Cloud Build"),
        check(
            "every function has the address that its callers use",
            _elsewhere,
            "plan and apply again; tasks and schedules call the address of the output function_url",
        ),
        *([opening] if deployed.unchecked else []),
        check("every event has its trigger", _untriggered, "wait, then plan and apply again"),
        check("every queue runs", _stopped_queues, f"gcloud tasks queues resume NAME {there}"),
        check(
            "every schedule calls its function as its account, and was answered",
            _failing_schedules,
            f"gcloud scheduler jobs run NAME {there}, then look again",
        ),
        Check(
            "nothing failed in the last hour",
            lambda: _errors(apis),
            "read the entries in the console; PERMISSION_DENIED names a missing role",
        ),
    ]


def _path(apis: GoogleApis, deployed: Deployed) -> str:
    return f"projects/{apis.project}/locations/{deployed.region}"


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _functions(apis: GoogleApis, deployed: Deployed) -> dict[str, Json]:
    found = apis.all(f"cloudfunctions.googleapis.com/v2/{_path(apis, deployed)}/functions", "functions")
    return {_last(function["name"]): function for function in found}


def _inactive(apis: GoogleApis, catalogue: Catalogue, deployed: Deployed) -> Iterator[str]:
    found = _functions(apis, deployed)
    for function in catalogue.functions.values():
        if function.service not in found:
            yield f"{function.service} does not exist"
        elif (state := found[function.service]["state"]) != "ACTIVE":
            told = [message["message"] for message in found[function.service].get("stateMessages", [])]
            yield f"{function.service} is {state} {' '.join(told)}".strip()


def _elsewhere(apis: GoogleApis, catalogue: Catalogue, deployed: Deployed) -> Iterator[str]:
    found = apis.all(f"run.googleapis.com/v2/{_path(apis, deployed)}/services", "services")
    urls = {_last(service["name"]): {service.get("uri"), *service.get("urls", [])} for service in found}
    for function in catalogue.functions.values():
        if deployed.url(function.service) not in urls.get(function.service, ()):
            yield f"{function.service} is not at {deployed.url(function.service)}"


def _closed(apis: GoogleApis, catalogue: Catalogue, deployed: Deployed) -> Iterator[str]:
    """Of a grant to everybody Terraform knows; the absence of a check is beyond it, and a deployment may undo it."""
    found = apis.all(f"run.googleapis.com/v2/{_path(apis, deployed)}/services", "services")
    unchecked = {_last(service["name"]) for service in found if service.get("invokerIamDisabled")}
    for function in catalogue.of_kind(HttpFunction):
        if function.service not in unchecked:
            yield f"{function.service} checks its callers"


def _untriggered(apis: GoogleApis, catalogue: Catalogue, deployed: Deployed) -> Iterator[str]:
    functions = _functions(apis, deployed)
    found = apis.all(f"eventarc.googleapis.com/v1/{_path(apis, deployed)}/triggers", "triggers")
    conditions = {trigger["name"]: trigger.get("conditions", {}) for trigger in found}
    for function in catalogue.of_kind(EventFunction):
        name = functions.get(function.service, {}).get("eventTrigger", {}).get("trigger")
        if name not in conditions:
            yield f"{function.service} has none"
            continue
        for condition in conditions[name].values():
            if condition.get("code", "OK") not in _FINE:
                yield f"that of {function.service} is {condition['code']}: {condition.get('message', '')}"


def _stopped_queues(apis: GoogleApis, catalogue: Catalogue, deployed: Deployed) -> Iterator[str]:
    found = apis.all(f"cloudtasks.googleapis.com/v2/{_path(apis, deployed)}/queues", "queues")
    states = {_last(queue["name"]): queue["state"] for queue in found}
    for name in catalogue.queues:
        if states.get(name) != "RUNNING":
            yield f"{name} is {states.get(name, 'missing')}"


def _failing_schedules(apis: GoogleApis, catalogue: Catalogue, deployed: Deployed) -> Iterator[str]:
    found = apis.all(f"cloudscheduler.googleapis.com/v1/{_path(apis, deployed)}/jobs", "jobs")
    jobs = {_last(job["name"]): job for job in found}
    waiting = []
    for function in catalogue.of_kind(ScheduleFunction):
        if (job := jobs.get(function.service)) is None:
            yield f"{function.service} does not exist"
            continue
        yield from _wrong_call(job, function.service, deployed)
        if "lastAttemptTime" not in job:
            waiting.append(function.service)
        elif code := job.get("status", {}).get("code"):
            yield f"{function.service} was answered by code {code}"
    if waiting:
        raise Unknown(f"not called yet: {', '.join(waiting)}")


def _wrong_call(job: Json, service: str, deployed: Deployed) -> Iterator[str]:
    token, url = job["httpTarget"].get("oidcToken", {}), deployed.url(service)
    if job["state"] != "ENABLED":
        yield f"{service} is {job['state']}"
    if job["httpTarget"]["uri"].rstrip("/") != url:
        yield f"{service} calls {job['httpTarget']['uri']}"
    if token.get("audience") != url:
        yield f"the audience of {service} is {token.get('audience')}"
    if token.get("serviceAccountEmail") != deployed.schedules_account:
        yield f"{service} calls as {token.get('serviceAccountEmail')}"


def _errors(apis: GoogleApis) -> Iterator[str]:
    """Which logs have errors. Their texts stay in the log."""
    since = datetime.now(UTC) - timedelta(hours=1)
    question = {
        "resourceNames": [f"projects/{apis.project}"],
        "filter": f'severity>=ERROR AND timestamp>="{since.isoformat()}"',
        "orderBy": "timestamp desc",
        "pageSize": 100,
    }
    entries = apis.post("logging.googleapis.com/v2/entries:list", question).get("entries", [])
    kinds: dict[str, int] = {}
    for entry in entries:
        labels = entry["resource"].get("labels", {})
        origin = labels.get("service_name") or labels.get("service") or entry["resource"]["type"]
        kinds[origin] = kinds.get(origin, 0) + 1
    for origin, count in kinds.items():
        yield f"{origin}: {count} errors"
