"""Rules that compare the planned IAM grants with the calls of the code: no role is missing, none is in excess."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from infra.catalogue import EventFunction, Function, HttpFunction, ScheduleFunction
from infra.check.deployment import Deployment
from infra.check.permissions import (
    ADAPTERS,
    DATABASE,
    OPENERS,
    OWN_ACCOUNT,
    PROJECT,
    QUEUE,
    REQUIRED_ROLES,
    RequiredRole,
)
from infra.check.plan import Plan, Resource
from infra.check.reachability import Program, Reachable

ON = {
    "google_artifact_registry_repository": "repository",
    "google_cloud_run_v2_service": "name",
    "google_cloud_tasks_queue": "name",
    "google_kms_crypto_key": "crypto_key_id",
    "google_project": "project",
    "google_secret_manager_secret": "secret_id",
    "google_service_account": "service_account_id",
    "google_storage_bucket": "bucket",
}
"""By resource type: the argument of its IAM members that names the resource."""
SERVICES = ("google_cloud_run_v2_service", "google_cloud_run_service", "google_cloudfunctions2_function")
"""The resource types that an invoker may be granted on; all of them are the same Cloud Run service."""
EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
_CLIENT_PACKAGES = (
    "google.cloud",
    "google import genai",
    "firebase_admin",
    "google.auth.credentials import TokenState",
)
"""Parts of an import statement of a client, or of what authorises calls. Google's other packages are libraries."""
_REST = "shared.rest"


@dataclass(frozen=True)
class Grant:
    """A role that a member has on a resource."""

    member: str
    role: str
    on: str
    """The resource: its type and its name."""

    def __str__(self) -> str:
        return f"{self.role} on {self.on.removeprefix('google_')}"


def roles(deployment: Deployment) -> Iterator[str]:
    """The account of each function has exactly the roles that its code requires."""
    granted = grants(deployment.plan)
    for name in deployment.deployed:
        member = f"serviceAccount:{deployment.account(name)}"
        required = dict(_required(deployment, name, member))
        present = {grant for grant in granted if grant.member == member}
        for grant in sorted(set(required) - present, key=str):
            yield f"missing role: {name} needs {grant} for {required[grant]}"
        yield from (f"excess role: {name} has {grant}" for grant in sorted(present - set(required), key=str))


def adapters(deployment: Deployment) -> Iterator[str]:
    """Every definition that calls one of Google's clients is in the table of required roles."""
    for name, code in deployment.reachable.items():
        calling = {d for d in code.definitions if _is_adapter(d) and not d.rpartition(".")[2].startswith("_")}
        yield from (
            f"unlisted adapter: {name} reaches {definition}"
            for definition in sorted(calling - set(REQUIRED_ROLES))
            if _calls_google(deployment.program, definition)
        )
        for module, clients in sorted(code.clients.items()):
            if not module.startswith((*ADAPTERS, _REST)) and any(_is_client(client) for client in clients):
                yield f"unlisted adapter: {name} reaches {module}, which imports a client of Google"
    for definition in sorted(deployment.program.users_of(f"{_REST}.opening.open_api")):
        if not definition.startswith(OPENERS):
            yield f"unlisted adapter: {definition} opens an API of Google"


def ingress(deployment: Deployment) -> Iterator[str]:
    """HTTP functions accept requests from the load balancer, all others from inside the project only."""
    for name, resource in deployment.deployed.items():
        is_http = isinstance(deployment.catalogue.functions[name], HttpFunction)
        planned = resource.text("service_config", "ingress_settings")
        if planned != ("ALLOW_INTERNAL_AND_GCLB" if is_http else "ALLOW_INTERNAL_ONLY"):
            yield f"function without ingress restriction: {name} takes {planned or 'ALLOW_ALL'}"


def invokers(deployment: Deployment) -> Iterator[str]:
    """Everybody may invoke an HTTP function, whose code verifies the token; only the trigger's account any other."""
    granted = [grant for grant in grants(deployment.plan) if grant.on.split()[0] in SERVICES]
    for name in deployment.deployed:
        function = deployment.catalogue.functions[name]
        own = [grant for grant in granted if grant.on.partition(" ")[2] == function.service]
        is_http, members = isinstance(function, HttpFunction), {grant.member for grant in own}
        expected = {"allUsers"} if is_http else {f"serviceAccount:{_caller(deployment, function)}"}
        if not is_http and members & EVERYBODY:
            yield f"event function that anyone may invoke: {name}"
        elif members != expected:
            yield f"wrong invoker: {name} is for {', '.join(sorted(expected))}, granted to {', '.join(sorted(members))}"
        for role in sorted({grant.role for grant in own} - {"roles/run.invoker"}):
            yield f"wrong invoker: {name}: {role} is more than to invoke"


def callers(deployment: Deployment) -> Iterator[str]:
    """Each kind of trigger calls functions as its own planned account, which no function runs as."""
    accounts = deployment.plan.named("google_service_account", "email")
    functions = [
        function for function in deployment.catalogue.functions.values() if function.name in deployment.deployed
    ]
    running = {deployment.account(function.name) for function in functions}
    kinds: dict[str, set[str]] = {}
    for function in functions:
        if not isinstance(function, HttpFunction):
            kinds.setdefault(_caller(deployment, function), set()).add(function.kind)
    for account, calls in kinds.items():
        if account not in accounts or account in running or len(calls) > 1:
            yield f"wrong caller: {' and '.join(sorted(calls))} functions are called as {account or 'nobody'}"


def identity_tokens(deployment: Deployment) -> Iterator[str]:
    """The code of a function that a trigger calls expects the trigger's account, and tokens for its own address."""
    for name, resource in deployment.deployed.items():
        function, environment = deployment.catalogue.functions[name], deployment.environment(name)
        if isinstance(function, HttpFunction):
            continue
        account, audience = environment.get("INVOKER_ACCOUNT", ""), environment.get("INVOKER_AUDIENCE", "")
        if account != _caller(deployment, function):
            yield f"wrong identity: {name} expects {account or 'nobody'}, its trigger calls as another account"
        if audience != resource.text("service_config", "uri"):
            yield f"wrong identity: {name} expects tokens for {audience or 'no address'}"


def public(deployment: Deployment) -> Iterator[str]:
    """Only functions are open to everybody, and no policy replaces other grants."""
    functions = {function.service for function in deployment.catalogue.functions.values()}
    for grant in grants(deployment.plan):
        kind, _, name = grant.on.partition(" ")
        if grant.member in EVERYBODY and not (kind in SERVICES and name in functions):  # `invokers` reports those
            what = "bucket" if kind == "google_storage_bucket" else "resource"
            yield f"public {what}: {grant.member} has {grant}"
    yield from (f"policy that replaces all grants: {r.address}" for r in deployment.plan.with_suffix("_iam_policy"))


def basic_roles(deployment: Deployment) -> Iterator[str]:
    """Nobody has a basic role, which covers the whole project."""
    for grant in grants(deployment.plan):
        if grant.role in ("roles/owner", "roles/editor", "roles/viewer"):
            yield f"basic role: {grant.member} has {grant}"


def grants(plan: Plan) -> list[Grant]:
    """All planned grants, one for each member."""
    custom = {role.text("id"): _permissions(role) for role in plan.of("google_project_iam_custom_role")}
    return [
        Grant(member, custom.get(resource.text("role"), resource.text("role")), _on(resource))
        for resource in plan.with_suffix("_iam_member", "_iam_binding")
        for member in resource.get("members") or [resource.text("member")]
    ]


def _permissions(role: Resource) -> str:
    return f"custom: {', '.join(sorted(role.get('permissions') or []))}"


def _on(resource: Resource) -> str:
    kind = re.sub("_iam_(member|binding)$", "", resource.kind)
    name = resource.text(ON.get(kind, "name")) or resource.address
    condition = resource.text("condition", "expression")
    if kind == "google_project":
        database = re.fullmatch(r'resource\.name == "(projects/[^/"]+/databases/[^/"]+)"', condition)
        if database:
            return f"google_firestore_database {database[1]}"
    elif kind not in ("google_kms_crypto_key", "google_service_account"):
        name = name.rpartition("/")[2]
    return f"{kind} {name}{f' if {condition}' if condition else ''}"


def _required(deployment: Deployment, name: str, member: str) -> Iterator[tuple[Grant, str]]:
    """The grants that the code of a function requires, each with its reason."""
    code = deployment.reachable[name]
    for adapter in sorted(code.definitions & set(REQUIRED_ROLES)):
        for required in REQUIRED_ROLES[adapter]:
            for on in _resources(deployment, name, required, code):
                yield Grant(member, required.role, on), f"{adapter}: {required.reason}"
    for secret in deployment.deployed[name].blocks("service_config", "secret_environment_variables"):
        on = f"google_secret_manager_secret {secret['secret'].rpartition('/')[2]}"
        yield Grant(member, "roles/secretmanager.secretAccessor", on), f"its variable {secret['key']}"


def _resources(deployment: Deployment, name: str, required: RequiredRole, code: Reachable) -> list[str]:
    """The resources that the role must be granted on, as the environment of the function names them."""
    environment = deployment.environment(name)
    project, value = environment.get(PROJECT, ""), environment.get(required.on, "")
    if required.on == QUEUE:
        return sorted({f"google_cloud_tasks_queue {task.queue}" for task in code.tasks})
    if required.on == OWN_ACCOUNT:
        return [f"google_service_account projects/{project}/serviceAccounts/{deployment.account(name)}"]
    if required.on == PROJECT:
        return [f"google_project {project}"]
    if required.on == DATABASE:
        return [f"google_firestore_database projects/{project}/databases/{value}"]
    if required.on.endswith("_ACCOUNT"):
        return [f"google_service_account projects/{project}/serviceAccounts/{value}"]
    kind = "google_storage_bucket" if required.on.endswith("_BUCKET") else "google_kms_crypto_key"
    return [f"{kind} {value}"]


def _caller(deployment: Deployment, function: Function) -> str:
    """The account whose token the trigger of a function sends."""
    resource = deployment.deployed[function.name]
    if isinstance(function, EventFunction):
        return resource.text("event_trigger", "service_account_email")
    if isinstance(function, ScheduleFunction):
        jobs = deployment.plan.of("google_cloud_scheduler_job")
        own = [job for job in jobs if job.key == function.name]
        return own[0].text("http_target", "oidc_token", "service_account_email") if own else ""
    accounts = {
        deployment.environment(name).get("TASKS_ACCOUNT", "")
        for name in deployment.deployed
        if any(task.function == function.name for task in deployment.reachable[name].tasks)
    }
    return " and ".join(sorted(accounts))


def _is_adapter(definition: str) -> bool:
    return definition.startswith(tuple(f"{module}." for module in ADAPTERS))


@cache
def _calls_google(program: Program, definition: str) -> bool:
    return any(_is_client(client) for client in program.clients_of(definition))


def _is_client(statement: str) -> bool:
    """True if an import is of a client, and not of exceptions, types or checksums."""
    return any(part in statement for part in _CLIENT_PACKAGES) and not any(
        part in statement for part in ("exceptions", ".types", "import errors, types")
    )
