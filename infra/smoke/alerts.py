"""The alerts: that they exist, and that Cloud Monitoring understands their queries."""

from __future__ import annotations

from collections.abc import Iterator

from infra.google_apis import GoogleApis, Json, Refused
from infra.verdicts import Check


def checks(apis: GoogleApis) -> list[Check]:
    """The checks of this module."""
    return [
        Check("every alert is on, and somebody is told", lambda: _silent(_policies(apis)), "plan and apply again"),
        Check(
            "every alert's query is understood",
            lambda: _not_understood(apis),
            "change the query in infra/alerts.tf: the alert would never open",
        ),
    ]


def _policies(apis: GoogleApis) -> list[Json]:
    return list(apis.all(f"monitoring.googleapis.com/v3/projects/{apis.project}/alertPolicies", "alertPolicies"))


def _silent(policies: list[Json]) -> Iterator[str]:
    if not policies:
        yield "there is none"
    for policy in policies:
        if not policy.get("enabled"):
            yield f"{policy['displayName']} is off"
        if not policy.get("notificationChannels"):
            yield f"{policy['displayName']} tells nobody"
        if policy.get("validity", {}).get("code"):
            yield f"{policy['displayName']} is not valid: {policy['validity'].get('message', '')}"


def _not_understood(apis: GoogleApis) -> Iterator[str]:
    """An empty answer is fine: a new deployment has no data yet."""
    address = f"monitoring.googleapis.com/v1/projects/{apis.project}/location/global/prometheus/api/v1/query"
    for policy in _policies(apis):
        for condition in policy.get("conditions", []):
            query = condition.get("conditionPrometheusQueryLanguage", {}).get("query")
            if query is None:
                continue
            try:
                answer = apis.get(address, query=query)
            except Refused as error:
                yield f"{policy['displayName']}: {error}"
                continue
            if answer["status"] != "success":
                yield f"{policy['displayName']}: {answer.get('error', answer['status'])}"
