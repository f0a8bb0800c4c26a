"""Rules for the planned functions: they match the catalogue, and have exactly the environment that their code reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.catalogue import OF_EVERY_FUNCTION, Function, TaskFunction
from infra.check.deployment import FUNCTION, Deployment
from shared import settings
from shared.variables import Secret, Settings, variables_of

LOAD_FONT = "shared.render.font.load_font"
KINDS = {
    "_BUCKET": ("bucket", "google_storage_bucket", "name"),
    "_KEY": ("key", "google_kms_crypto_key", "id"),
    "_ACCOUNT": ("account", "google_service_account", "email"),
    "_DATABASE": ("database", "google_firestore_database", "name"),
    "_TOPIC": ("topic", "google_pubsub_topic", "id"),
}
"""By the suffix of a variable: what it names in words, the resource type, and the argument that is its value."""


def matches_catalogue(deployment: Deployment) -> Iterator[str]:
    """The planned functions are those of the catalogue, with its parameters."""
    listed = {function.service for function in deployment.catalogue.functions.values()}
    deployed = set(deployment.plan.named(FUNCTION))
    yield from (f"missing function: {name}" for name in sorted(listed - deployed))
    yield from (f"excess function: {name}" for name in sorted(deployed - listed))
    yield from (f"function without code: {n}" for n, code in deployment.reachable.items() if not code.definitions)
    for name, resource in deployment.deployed.items():
        for what, planned, expected in _parameters(deployment.catalogue.functions[name], resource.get):
            if str(planned) != str(expected):
                yield f"wrong function: {name} is planned with {what} {planned}, the catalogue says {expected}"


def own_accounts(deployment: Deployment) -> Iterator[str]:
    """Every function has its own service account."""
    users: dict[str, list[str]] = {}
    for name in deployment.deployed:
        users.setdefault(deployment.account(name), []).append(name)
    for account, names in users.items():
        if not account:
            yield f"function without account: {', '.join(names)}"
        elif len(names) > 1:
            yield f"shared account: {', '.join(names)} run as {account}"


def settings_groups(deployment: Deployment) -> Iterator[str]:
    """The catalogue lists for each function exactly the groups of settings that its code loads."""
    for name in deployment.deployed:
        listed = set(deployment.catalogue.functions[name].settings)
        loaded = {group for group, model in _models(deployment, name).items() if _variables(model)}
        for group in sorted(loaded - listed):
            yield f"unset variable: {name} loads {group}, which the catalogue does not list"
        for group in sorted(listed - loaded):
            yield f"excess variable: {name} lists {group}, which its code never loads"


def fonts(deployment: Deployment) -> Iterator[str]:
    """The catalogue says exactly of the functions whose code loads a font that they print."""
    for name, code in deployment.reachable.items():
        prints = LOAD_FONT in code.definitions
        if prints and not deployment.catalogue.functions[name].prints:
            yield f"missing fonts: {name} prints, which the catalogue does not say"
        if deployment.catalogue.functions[name].prints and not prints:
            yield f"excess fonts: {name} prints nothing"


def environment(deployment: Deployment) -> Iterator[str]:
    """A function gets every variable that its code requires, and the optional variables that the catalogue lists."""
    for name in deployment.deployed:
        models, planned = _models(deployment, name), deployment.environment(name)
        read = {variable for model in models.values() for variable in _variables(model) - _secrets(model)}
        required = {variable for model in models.values() for variable in _required(model) - _secrets(model)}
        listed = read & {v for group in models for v in deployment.catalogue.settings.get(group, ())}
        yield from (f"unset variable: {name} needs {v}" for v in sorted((required | listed) - planned.keys()))
        excess = planned.keys() - listed - OF_EVERY_FUNCTION
        yield from (f"excess variable: {name} gets {v}, which it never reads" for v in sorted(excess))


def values(deployment: Deployment) -> Iterator[str]:
    """The settings accept the planned values."""
    for name in deployment.deployed:
        for group, model in _models(deployment, name).items():
            for variable in _rejected(model, deployment.environment(name)):
                yield f"wrong value: {name}: {variable} is not what {group} takes"


def secrets(deployment: Deployment) -> Iterator[str]:
    """Secret settings come from Secret Manager, and no other settings do."""
    known = deployment.plan.named("google_secret_manager_secret", "secret_id")
    for name, resource in deployment.deployed.items():
        read = {variable for model in _models(deployment, name).values() for variable in _secrets(model)}
        listed = set(deployment.catalogue.functions[name].secrets)
        mounts = {b["key"]: b["secret"] for b in resource.blocks("service_config", "secret_environment_variables")}
        yield from (f"unlisted secret: {name} reads {v}" for v in sorted(read - (listed & set(mounts))))
        yield from (
            f"excess secret: {name} gets {v}, which it never reads" for v in sorted((listed | set(mounts)) - read)
        )
        yield from (f"secret in the clear: {name}: {v}" for v in sorted(read & set(deployment.environment(name))))
        yield from (f"unknown secret: {name}: {s}" for s in mounts.values() if s.rpartition("/")[2] not in known)


def referenced_resources(deployment: Deployment) -> Iterator[str]:
    """Every resource that a variable refers to is planned."""
    for name in deployment.deployed:
        for variable, value in deployment.environment(name).items():
            for suffix, (what, kind, argument) in KINDS.items():
                if variable.endswith(suffix) and value not in deployment.plan.named(kind, argument):
                    yield f"unknown {what}: {name}: {variable} is {value}"


def tasks(deployment: Deployment) -> Iterator[str]:
    """Every task goes to a planned queue in its client's location, and to the address of a function of that queue."""
    queues = deployment.plan.named("google_cloud_tasks_queue")
    for name in deployment.deployed:
        for task in sorted(deployment.reachable[name].tasks, key=str):
            queue, function = queues.get(task.queue), deployment.catalogue.functions.get(task.function)
            if queue is None:
                yield f"unknown queue: {name} enqueues to {task.queue}"
            elif queue.text("location") != deployment.environment(name).get("TASKS_LOCATION"):
                yield f"wrong location: {name} looks for {task.queue} elsewhere than in {queue.text('location')}"
            if not isinstance(function, TaskFunction) or function.queue != task.queue:
                yield f"wrong queue: {name} sends {task.function} through {task.queue}"
            elif function.name in deployment.deployed:
                address = deployment.environment(name).get("FUNCTION_URL", "").replace("{function}", function.service)
                if address != deployment.deployed[function.name].text("service_config", "uri"):
                    yield f"wrong task target: {name} sends {task.function} to {address or 'nowhere'}"


def _models(deployment: Deployment, function: str) -> dict[str, type[Settings]]:
    """The groups of settings that a function loads, by name."""
    return {group: getattr(settings, group) for group in sorted(deployment.reachable[function].groups)}


def _parameters(function: Function, planned: Any) -> list[tuple[str, Any, Any]]:
    """Each parameter with its planned value and its value in the catalogue."""
    service, most = "service_config", function.max_instances
    return [
        ("entry point", planned("build_config", "entry_point"), function.target),
        ("memory", planned(service, "available_memory"), function.memory),
        ("CPU", float(planned(service, "available_cpu") or 0), function.cpu),
        ("timeout", planned(service, "timeout_seconds"), function.timeout),
        ("concurrency", planned(service, "max_instance_request_concurrency"), function.concurrency),
        ("threads", (planned(service, "environment_variables") or {}).get("THREADS"), function.concurrency),
        ("least instances", planned(service, "min_instance_count"), function.min_instances),
        *(
            [("most instances", planned(service, "max_instance_count"), most)]
            if (most := function.max_instances)
            else []
        ),
    ]


def _variables(group: type[Settings]) -> set[str]:
    """The variables that a deployment may set, without the endpoints of the local stack."""
    return variables_of(group).keys() - set(settings.LOCAL_ENDPOINTS)


def _required(group: type[Settings]) -> set[str]:
    return {name for name, variable in variables_of(group).items() if variable.is_required}


def _secrets(group: type[Settings]) -> set[str]:
    return {name for name, variable in variables_of(group).items() if variable.kind is Secret}


def _rejected(group: type[Settings], environment: Mapping[str, str]) -> list[str]:
    """The variables whose value the settings reject."""
    known = variables_of(group)
    planned = {name: environment[name] for name in environment.keys() & _variables(group)}
    return sorted(name for name, value in planned.items() if not known[name].takes(value))
