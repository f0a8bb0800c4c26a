"""Policies of the organisation that stop parts of the deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from infra.google_apis import GoogleApis, Json, Missing
from infra.verdicts import Check, Unknown

_EXCEPTION = "have an organisation policy administrator make an exception for this project"
_LISTS: Mapping[str, tuple[str, Sequence[str]]] = {
    "compute.restrictLoadBalancerCreationForTypes": (
        "an external load balancer may be created",
        ["GLOBAL_EXTERNAL_MANAGED_HTTP_HTTPS"],
    ),
    "run.allowedIngress": ("ingress of Cloud Run", ["internal", "internal-and-cloud-load-balancing"]),
    "cloudfunctions.allowedIngressSettings": (
        "ingress of functions",
        ["ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB"],
    ),
}
"""Constraints with lists: what they decide on, and the values that the deployment needs."""
_SWITCHES = {"iam.disableServiceAccountCreation": "accounts of functions may be created"}
_WHOLE = {
    "cloudbuild.allowedWorkerPools": "builds may use Google's default pool",
}
"""Constraints whose lists name resources that this deployment does not have."""


def checks(apis: GoogleApis, wanted: Mapping[str, Any]) -> list[Check]:
    """The checks of this module."""
    return [
        *(
            Check(
                f"everybody may call the HTTP functions ({name})",
                partial(_members, apis, name, wanted),
                'public_invoker = "unchecked" (docs/deploy.md), or every function answers 403 to the load balancer',
            )
            for name in ("iam.allowedPolicyMemberDomains", "iam.managed.allowedPolicyMembers")
        ),
        Check(
            f"resources may be in {wanted['region']} (gcp.resourceLocations)",
            partial(_locations, apis, str(wanted["region"])),
            _EXCEPTION,
        ),
        *(
            Check(f"{title} ({name})", partial(_listed, apis, name, values), _EXCEPTION)
            for name, (title, values) in _LISTS.items()
        ),
        *(Check(f"{title} ({name})", partial(_whole, apis, name), _EXCEPTION) for name, title in _WHOLE.items()),
        *(Check(f"{title} ({name})", partial(_switch, apis, name), _EXCEPTION) for name, title in _SWITCHES.items()),
    ]


def _rules(apis: GoogleApis, constraint: str) -> Sequence[Json]:
    """The rules of the effective policy; none if nobody made one."""
    try:
        policy = apis.get(
            f"orgpolicy.googleapis.com/v2/projects/{apis.project}/policies/{constraint}:getEffectivePolicy"
        )
    except Missing:
        return []
    rules: Sequence[Json] = policy.get("spec", {}).get("rules", [])
    return rules


def _allowed(rules: Sequence[Json]) -> frozenset[str] | None:
    """The values that a list allows; None if it allows all."""
    if any(rule.get("denyAll") for rule in rules):
        return frozenset()
    allowed = [rule["values"]["allowedValues"] for rule in rules if "allowedValues" in rule.get("values", {})]
    return frozenset().union(*allowed) if allowed else None


def _denied(rules: Sequence[Json]) -> frozenset[str]:
    return frozenset().union(*(rule.get("values", {}).get("deniedValues", []) for rule in rules))


def _members(apis: GoogleApis, constraint: str, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Only a grant to allUsers is refused; functions without a check of the caller need none."""
    if wanted.get("public_invoker") == "unchecked":
        return
    rules = _rules(apis, constraint)
    if any(rule.get("enforce") for rule in rules):
        yield "only members that the policy lists"
    elif (allowed := _allowed(rules)) is not None:
        yield f"only {', '.join(sorted(allowed)) or 'nobody'}"


def _listed(apis: GoogleApis, constraint: str, needed: Sequence[str]) -> Iterator[str]:
    rules = _rules(apis, constraint)
    allowed, denied = _allowed(rules), _denied(rules)
    groups = sorted(value for value in (allowed or frozenset()) | denied if value.startswith("in:"))
    for value in needed:
        if value in denied or (allowed is not None and value not in allowed and not groups):
            yield f"not {value}"
    if groups:
        raise Unknown(f"the policy names groups of values: {', '.join(groups)}")


def _whole(apis: GoogleApis, constraint: str) -> Iterator[str]:
    allowed = _allowed(_rules(apis, constraint))
    if allowed is not None:
        yield f"only {', '.join(sorted(allowed)) or 'none'}"


def _switch(apis: GoogleApis, constraint: str) -> Iterator[str]:
    if any(rule.get("enforce") for rule in _rules(apis, constraint)):
        yield "the policy is enforced"


def _locations(apis: GoogleApis, region: str) -> Iterator[str]:
    """Values are regions, or groups such as `in:asia-locations` and `in:asia-south1-locations`."""
    rules = _rules(apis, "gcp.resourceLocations")
    allowed, denied = _allowed(rules), _denied(rules)
    own = {region, f"is:{region}", f"in:{region}-locations", f"in:{region.partition('-')[0]}-locations"}
    if own & denied:
        yield f"{region} is denied"
    elif allowed is not None and not own & allowed:
        groups = sorted(value for value in allowed if value.startswith("in:"))
        if not groups:
            yield f"only {', '.join(sorted(allowed)) or 'nowhere'}"
        else:
            raise Unknown(f"the policy allows the groups {', '.join(groups)}: does one of them contain {region}?")
