"""All rules that compare the plan with the code. Each tells its faults as texts that begin with the fault's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from infra.check import functions, hardening, indexes, roles, triggers
from infra.check.deployment import Deployment
from infra.check.reachability import Unclear

Rule = Callable[[Deployment], Iterable[str]]

RULES: tuple[Rule, ...] = (
    functions.as_in_the_catalogue,
    functions.one_account_each,
    functions.groups,
    functions.environment,
    functions.values,
    functions.secrets,
    functions.named_resources,
    functions.tasks,
    roles.roles,
    roles.adapters,
    roles.ingress,
    roles.invokers,
    roles.callers,
    roles.public,
    roles.basic_roles,
    triggers.events,
    triggers.routes,
    triggers.queues,
    triggers.schedules,
    indexes.composite,
    indexes.across_collections,
    indexes.exemptions,
    indexes.expiry,
    indexes.databases,
    hardening.keys,
    hardening.key_purposes,
    hardening.buckets,
    hardening.erasure,
    hardening.encryption_agents,
    hardening.event_agents,
)


def faults(deployment: Deployment) -> list[str]:
    """Everything that is wrong; empty when the plan and the code agree."""
    try:
        _ = deployment.reaches
    except Unclear as unclear:
        return [f"unclear code: {unclear}"]
    return [fault for rule in RULES for fault in rule(deployment)]
