"""Rules on the order of an apply: what needs a grant waits until it is in effect, and not only until it is made."""

from __future__ import annotations

from collections.abc import Iterator

from infra.check.deployment import Deployment
from infra.check.hardening import keys_of
from infra.check.permissions import EVENTARC_AGENT, SERVICE_AGENTS, STORAGE_AGENT
from infra.check.plan import Plan, Resource


def encryption(deployment: Deployment) -> Iterator[str]:
    """Each resource with a key of ours waits for the grant of its service's agent on that key."""
    plan = deployment.plan
    for resource in plan.of(*SERVICE_AGENTS):
        for key in sorted(keys_of(resource)):
            yield from _missing(plan, resource, [
                grant
                for grant in plan.of("google_kms_crypto_key_iam_member")
                if grant.text("crypto_key_id") == key and grant.text("member").endswith(SERVICE_AGENTS[resource.kind])
            ])  # fmt: skip


def functions(deployment: Deployment) -> Iterator[str]:
    """Each function waits for the grants of its build, its trigger and its secrets: its creation fails without them."""
    plan = deployment.plan
    for resource in deployment.deployed.values():
        build = resource.text("build_config", "service_account").rpartition("/")[2]
        callers = {build, resource.text("event_trigger", "service_account_email")} - {""}
        agents = (EVENTARC_AGENT, STORAGE_AGENT) if resource.blocks("event_trigger") else ()
        own = f"serviceAccount:{resource.text('service_config', 'service_account_email')}"
        yield from _missing(plan, resource, [
            grant
            for grant in plan.with_suffix("_iam_member")
            if grant.kind != "google_cloud_run_v2_service_iam_member"  # on the function itself
            if grant.text("member").removeprefix("serviceAccount:") in callers
            or (grant.kind == "google_project_iam_member" and grant.text("member").endswith(agents))
            or (grant.kind == "google_secret_manager_secret_iam_member" and grant.text("member") == own)
        ])  # fmt: skip


def _missing(plan: Plan, resource: Resource, grants: list[Resource]) -> Iterator[str]:
    """A fault for each grant that no wait separates from the resource."""
    waits = [wait for wait in plan.before(resource.address) if wait in plan.waits]
    waited = set().union(*(plan.before(wait) for wait in waits))
    for grant in sorted({grant.block for grant in grants} - waited):
        yield f"no wait for a grant: {resource.block} may come before {grant} is in effect"
