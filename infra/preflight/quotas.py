"""Quotas of the load balancer and of Cloud Run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra import catalogue
from infra.catalogue import HttpFunction
from infra.google_apis import GoogleApis, Json
from infra.verdicts import Check, Unknown

_MORE = "ask for more: console.cloud.google.com/iam-admin/quotas"
LOAD_BALANCER = {
    "SECURITY_POLICIES": 1,
    "SECURITY_POLICY_CEVAL_RULES": 8,
    "SECURITY_POLICY_RULES": 10,
    "SSL_CERTIFICATES": 1,
    "STATIC_ADDRESSES": 1,
    "TARGET_HTTPS_PROXIES": 1,
    "TARGET_HTTP_PROXIES": 1,
    "URL_MAPS": 2,
}
"""How many of each the deployment has; a test compares them with the plan."""
_UNITS = {"Mi": 2**20, "Gi": 2**30}


def checks(apis: GoogleApis, wanted: Mapping[str, Any]) -> list[Check]:
    """The checks of this module."""
    return [
        Check("the load balancer is within the quotas", lambda: _load_balancer(apis), _MORE),
        Check(
            f"one function alone is within Cloud Run's quotas of {wanted['region']}",
            lambda: _cloud_run(apis, wanted),
            f"set max_instances in infra/terraform.tfvars, or {_MORE}",
        ),
    ]


def needed() -> Mapping[str, int]:
    """What the load balancer needs: a backend service for each HTTP function."""
    return {"BACKEND_SERVICES": len(catalogue.load().of_kind(HttpFunction)), **LOAD_BALANCER}


def largest(most: int) -> Mapping[str, int]:
    """What Cloud Run compares with its quotas when it creates a function: vCPU in thousandths and memory in bytes of
    all instances that the function may have, which are `most` unless the catalogue says otherwise."""
    functions = catalogue.load().functions.values()
    instances = [(function, function.max_instances or most) for function in functions]
    return {
        "CpuAlloc": max(round(1000 * function.cpu * count) for function, count in instances),
        "MemAlloc": max(_bytes(function.memory) * count for function, count in instances),
    }


def _bytes(memory: str) -> int:
    return int(memory[:-2]) * _UNITS[memory[-2:]]


def most_instances(wanted: Mapping[str, Any]) -> int:
    """Of a function that has no number of its own, as infra/catalogue.tf decides it."""
    return int(wanted["max_instances"]) or (10 if wanted["environment"] == "production" else 3)


def _load_balancer(apis: GoogleApis) -> Iterator[str]:
    project = apis.get(f"compute.googleapis.com/compute/v1/projects/{apis.project}", fields="quotas")
    limits = {quota["metric"]: quota["limit"] for quota in project["quotas"]}
    for metric, count in needed().items():
        if metric in limits and limits[metric] < count:
            yield f"{metric} {limits[metric]:g}, and {count} are needed"
    if unnamed := sorted(needed().keys() - limits.keys()):
        raise Unknown(f"the project's quotas do not name {', '.join(unnamed)}")


def _cloud_run(apis: GoogleApis, wanted: Mapping[str, Any]) -> Iterator[str]:
    infos = list(
        apis.all(
            f"cloudquotas.googleapis.com/v1/projects/{apis.project}/locations/global/services/run.googleapis.com/quotaInfos",
            "quotaInfos",
            pageSize=500,
        )
    )
    unknown = []
    for kind, amount in largest(most_instances(wanted)).items():
        limits = [_limit(info, wanted["region"]) for info in infos if info["quotaId"].startswith(kind)]
        if known := [limit for limit in limits if limit is not None]:
            if 0 <= min(known) < amount:  # -1: no limit
                yield f"{kind} {min(known)}, and {amount} are needed"
        else:
            unknown.append(kind)
    if unknown:
        raise Unknown(f"no quota {', '.join(unknown)} for {wanted['region']}")


def _limit(info: Json, region: str) -> int | None:
    """The limit in a region: of the entry that names it, or else of the entry for all others."""
    entries = info.get("dimensionsInfos", [])
    own = [entry for entry in entries if entry.get("dimensions", {}).get("region") == region]
    applying = [entry for entry in entries if region in entry.get("applicableLocations", [])]
    for entry in own or applying:
        return int(entry["details"].get("value", 0))
    return None
