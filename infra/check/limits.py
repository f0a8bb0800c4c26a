"""Rules on what Google refuses by its size or its order, or cannot tell apart, and Terraform does not know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from infra.check.deployment import Deployment

NEW_PROJECT_CPUS = 10
"""Cloud Run's CpuAllocPerProjectRegion of the smallest projects seen: "maxScale may not exceed 10"."""
MOST_COUNTED = 10_000
"""The largest count of a rate-based ban (cloud.google.com/armor/docs/rate-limiting-overview)."""
LONGEST_DESCRIPTION = 64
"""Characters of a Cloud Armor rule's description."""
APIS = {
    "google_apikeys": ("apikeys",),
    "google_artifact": ("artifactregistry",),
    "google_billing": ("billingbudgets",),
    "google_cloud_run": ("run",),
    "google_cloud_scheduler": ("cloudscheduler",),
    "google_cloud_tasks": ("cloudtasks",),
    "google_cloudbuild": ("cloudbuild",),
    "google_cloudfunctions2": ("cloudfunctions", "cloudbuild", "run", "artifactregistry"),
    "google_compute": ("compute",),
    "google_firebaserules": ("firebaserules",),
    "google_firestore": ("firestore",),
    "google_identity": ("identitytoolkit", "securetoken"),
    "google_kms": ("cloudkms",),
    "google_logging": ("logging",),
    "google_monitoring": ("monitoring",),
    "google_project": ("cloudresourcemanager", "iam", "serviceusage"),
    "google_pubsub": ("pubsub",),
    "google_secret": ("secretmanager",),
    "google_service": ("iam",),
    "google_storage": ("storage",),
    "terraform_data": (),
}
"""By the first words of a resource type: the APIs that its creation calls."""
EVENT_APIS = ("eventarc", "eventarcpublishing", "pubsub")
"""What a trigger by events takes (cloud.google.com/eventarc/docs/run/route-trigger-cloud-firestore)."""
_METRIC = re.compile(r"\w+_googleapis_com:\w+(?:\{[^}]*\})?")


def apis(deployment: Deployment) -> Iterator[str]:
    """The APIs that the planned resources call are enabled before they are made."""
    enabled = {api.text("service").partition(".")[0] for api in deployment.plan.of("google_project_service")}
    for kind in deployment.plan.kinds:
        needed = next((apis for words, apis in APIS.items() if kind.startswith(words)), None)
        if needed is None:
            yield f"unlisted API: infra/check/limits.py does not say which API makes {kind}"
        yield from (f"API not enabled: {kind} needs {api}" for api in sorted(set(needed or ()) - enabled))
    if any(function.blocks("event_trigger") for function in deployment.deployed.values()):
        yield from (f"API not enabled: events need {api}" for api in sorted(set(EVENT_APIS) - enabled))


def instances(deployment: Deployment) -> Iterator[str]:
    """No function may take more vCPU than a new project has in a region: Cloud Run refuses such a function."""
    for name, resource in deployment.deployed.items():
        most, cpu = (
            resource.get("service_config", "max_instance_count"),
            resource.text("service_config", "available_cpu"),
        )
        if most is None or most * float(cpu or 1) > NEW_PROJECT_CPUS:
            yield f"function beyond the quota: {name} may take {most or 'any number of'} instances of {cpu or 1} vCPU"


def rates(deployment: Deployment) -> Iterator[str]:
    """Cloud Armor counts as far as each threshold, and takes each description."""
    for policy in deployment.plan.of("google_compute_security_policy"):
        for rule in policy.blocks("rule"):
            for options in rule.get("rate_limit_options") or []:
                for threshold in (options.get("rate_limit_threshold") or []) + (options.get("ban_threshold") or []):
                    if threshold["count"] > MOST_COUNTED:
                        yield f"rate beyond the limit: rule {rule['priority']} counts to {threshold['count']}"
            if len(rule.get("description") or "") > LONGEST_DESCRIPTION:
                yield f"description beyond the limit: rule {rule['priority']} of {policy.address}"


def metrics(deployment: Deployment) -> Iterator[str]:
    """Each query names the resource of each metric: where a metric has several, a query without it answers nothing."""
    for address, query in _queries(deployment):
        for metric in _METRIC.findall(query):
            if "monitored_resource=" not in metric:
                yield f"metric of an unnamed resource: {address} reads {metric.partition('{')[0]}"


def _queries(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """The PromQL of alerts and dashboards, each with the address of its resource."""
    for alert in deployment.plan.of("google_monitoring_alert_policy"):
        for condition in alert.blocks("conditions"):
            for block in condition.get("condition_prometheus_query_language") or []:
                yield alert.address, block["query"]
    for dashboard in deployment.plan.of("google_monitoring_dashboard"):
        for tile in json.loads(dashboard.text("dashboard_json"))["mosaicLayout"]["tiles"]:
            for data in tile["widget"].get("xyChart", {}).get("dataSets", []):
                yield dashboard.address, data["timeSeriesQuery"]["prometheusQuery"]
