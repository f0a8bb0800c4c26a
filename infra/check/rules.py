"""All rules that compare the plan with the code. Each yields its faults as strings that begin with the fault's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from infra.check import functions, hardening, indexes, limits, roles, triggers, waits
from infra.check.deployment import Deployment
from infra.check.reachability import Unresolved

Rule = Callable[[Deployment], Iterable[str]]

RULES: tuple[Rule, ...] = (
    functions.matches_catalogue,
    functions.own_accounts,
    functions.settings_groups,
    functions.environment,
    functions.fonts,
    functions.values,
    functions.secrets,
    functions.referenced_resources,
    functions.tasks,
    roles.roles,
    roles.adapters,
    roles.ingress,
    roles.invokers,
    roles.callers,
    roles.identity_tokens,
    roles.public,
    roles.basic_roles,
    triggers.events,
    triggers.routes,
    triggers.queues,
    triggers.schedules,
    indexes.composite,
    indexes.collection_groups,
    indexes.exemptions,
    indexes.expiry,
    indexes.databases,
    hardening.keys,
    hardening.key_purposes,
    hardening.buckets,
    hardening.erasure,
    hardening.encryption_agents,
    hardening.event_agents,
    waits.encryption,
    waits.functions,
    limits.apis,
    limits.instances,
    limits.rates,
    limits.metrics,
)


def faults(deployment: Deployment) -> list[str]:
    """The faults of all rules; empty if the plan and the code agree."""
    try:
        _ = deployment.reachable
    except Unresolved as error:
        return [f"unclear code: {error}"]
    return [fault for rule in RULES for fault in rule(deployment)]
