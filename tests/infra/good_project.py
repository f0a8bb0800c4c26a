"""Answers of Google's APIs for a deployment in which everything holds, in the forms that Google documents.

None was recorded from a project. The references of each form:

- functions: docs.cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions
- services: docs.cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
- triggers: docs.cloud.google.com/eventarc/docs/reference/rest/v1/projects.locations.triggers
- queues: docs.cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues
- jobs: docs.cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs
- indexes and fields: docs.cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.collectionGroups.indexes
- rules: firebase.google.com/docs/reference/rules/rest/v1/projects.releases, …/projects.rulesets
- sign-in: docs.cloud.google.com/identity-platform/docs/reference/rest/v2/Config
- alerts: docs.cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies
- queries: docs.cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.location.prometheus.api.v1/query, and
  prometheus.io/docs/prometheus/latest/querying/api
- documents: docs.cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.documents/list
- log entries: docs.cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra import catalogue
from infra.catalogue import ROOT, EventFunction, ScheduleFunction
from infra.firestore_indexes import declared
from tests.infra.replay import PROJECT

REGION = "asia-south1"
NUMBER = "123456789012"
FUNCTION_URL = f"https://{{function}}-{NUMBER}.{REGION}.run.app"
SCHEDULES = f"trigger-schedules@{PROJECT}.iam.gserviceaccount.com"
OUTPUTS = {
    "api_url": "https://api.example.org/api/v1",
    "function_url": FUNCTION_URL,
    "trigger_accounts": {"schedules": SCHEDULES},
    "load_balancer_ip": "203.0.113.10",
    "web_api_key": "any",
}
"""The outputs of Terraform that the smoke test reads."""
_HERE = f"projects/{PROJECT}/locations/{REGION}"
_DATABASE = f"projects/{PROJECT}/databases/(default)"
_RULESET = f"projects/{PROJECT}/rulesets/1f0e8a52-3c3a-4d6e-9d0f-5a1f5d2f8b11"
FUNCTIONS = f"GET cloudfunctions.googleapis.com/v2/{_HERE}/functions"
SERVICES = f"GET run.googleapis.com/v2/{_HERE}/services"
TRIGGERS = f"GET eventarc.googleapis.com/v1/{_HERE}/triggers"
QUEUES = f"GET cloudtasks.googleapis.com/v2/{_HERE}/queues"
JOBS = f"GET cloudscheduler.googleapis.com/v1/{_HERE}/jobs"
INDEXES = f"GET firestore.googleapis.com/v1/{_DATABASE}/collectionGroups/-/indexes"
FIELDS = f"GET firestore.googleapis.com/v1/{_DATABASE}/collectionGroups/-/fields"
RELEASE = f"GET firebaserules.googleapis.com/v1/projects/{PROJECT}/releases/cloud.firestore"
RULESET = f"GET firebaserules.googleapis.com/v1/{_RULESET}"
SIGN_IN = f"GET identitytoolkit.googleapis.com/admin/v2/projects/{PROJECT}/config"
ALERTS = f"GET monitoring.googleapis.com/v3/projects/{PROJECT}/alertPolicies"
QUERY = f"GET monitoring.googleapis.com/v1/projects/{PROJECT}/location/global/prometheus/api/v1/query"
CLINICS = f"GET firestore.googleapis.com/v1/{_DATABASE}/documents/clinics"
AUDIT = f"{CLINICS}/banyan/audit"
ENTRIES = "POST logging.googleapis.com/v2/entries:list"


def answers() -> dict[str, Any]:
    """By method, host and path."""
    bodies = {
        FUNCTIONS: {"functions": list(_functions())},
        SERVICES: {"services": list(_services())},
        TRIGGERS: {"triggers": list(_triggers())},
        QUEUES: {"queues": [{"name": f"{_HERE}/queues/{name}", "state": "RUNNING"} for name in _catalogue().queues]},
        JOBS: {"jobs": list(_jobs())},
        INDEXES: {"indexes": list(_indexes())},
        FIELDS: {
            "fields": [
                {"name": f"{_DATABASE}/collectionGroups/{one}/fields/expires_at", "ttlConfig": {"state": "ACTIVE"}}
                for one in ("notices", "quotas", "requests")
            ]
        },
        RELEASE: {"name": f"projects/{PROJECT}/releases/cloud.firestore", "rulesetName": _RULESET},
        RULESET: {
            "name": _RULESET,
            "source": {"files": [{"name": "firestore.rules", "content": (ROOT / "firestore.rules").read_text()}]},
        },
        SIGN_IN: {
            "name": f"projects/{NUMBER}/config",
            "mfa": {"state": "ENABLED"},
            "client": {"permissions": {"disabledUserSignup": True, "disabledUserDeletion": True}},
            "emailPrivacyConfig": {"enableImprovedEmailPrivacy": True},
            "smsRegionConfig": {},
            "passwordPolicyConfig": {
                "passwordPolicyEnforcementState": "ENFORCE",
                "passwordPolicyVersions": [{"customStrengthOptions": {"minPasswordLength": 12}}],
            },
        },
        ALERTS: {"alertPolicies": list(_alerts())},
        QUERY: {"status": "success", "data": {"resultType": "vector", "result": []}},
        ENTRIES: {},
        CLINICS: {"documents": [{"name": f"{_DATABASE}/documents/clinics/banyan"}]},
        AUDIT: {"documents": [_audited(1, ""), _audited(2, "198.51.100.7")]},
    }
    return {key: {"status": 200, "body": body} for key, body in bodies.items()}


def _audited(number: int, address: str) -> Mapping[str, Any]:
    origin = {"mapValue": {"fields": {"address": {"stringValue": address}}}}
    return {"name": f"{_DATABASE}/documents/clinics/banyan/audit/{number}", "fields": {"origin": origin}}


def _catalogue() -> catalogue.Catalogue:
    return catalogue.load()


def _functions() -> Iterator[Mapping[str, Any]]:
    for function in _catalogue().functions.values():
        trigger = {
            "trigger": f"{_HERE}/triggers/{function.service}-104729",
            "retryPolicy": "RETRY_POLICY_RETRY",
        }
        yield {
            "name": f"{_HERE}/functions/{function.service}",
            "environment": "GEN_2",
            "state": "ACTIVE",
            "serviceConfig": {"service": f"{_HERE}/services/{function.service}"},
            **({"eventTrigger": trigger} if isinstance(function, EventFunction) else {}),
        }


def _services() -> Iterator[Mapping[str, Any]]:
    for function in _catalogue().functions.values():
        other = f"https://{function.service}-abcdefghij-el.a.run.app"
        yield {
            "name": f"{_HERE}/services/{function.service}",
            "uri": other,
            "urls": [FUNCTION_URL.replace("{function}", function.service), other],
        }


def _triggers() -> Iterator[Mapping[str, Any]]:
    for function in _catalogue().of_kind(EventFunction):
        yield {
            "name": f"{_HERE}/triggers/{function.service}-104729",
            "destination": {"cloudFunction": f"{_HERE}/functions/{function.service}"},
            "conditions": {},
        }


def _jobs() -> Iterator[Mapping[str, Any]]:
    for function in _catalogue().of_kind(ScheduleFunction):
        url = FUNCTION_URL.replace("{function}", function.service)
        yield {
            "name": f"{_HERE}/jobs/{function.service}",
            "schedule": function.schedule,
            "timeZone": function.zone,
            "state": "ENABLED",
            "status": {},
            "lastAttemptTime": "2026-11-29T06:10:00.123456Z",
            "httpTarget": {
                "uri": f"{url}/",
                "httpMethod": "POST",
                "oidcToken": {"serviceAccountEmail": SCHEDULES, "audience": url},
            },
        }


def _indexes() -> Iterator[Mapping[str, Any]]:
    for number, index in enumerate(declared().composite):
        contains = [{"fieldPath": index.contains, "arrayConfig": "CONTAINS"}] if index.contains else []
        order = [(name, "DESCENDING" if down else "ASCENDING") for name, down in index.order]
        yield {
            "name": f"{_DATABASE}/collectionGroups/{index.collection}/indexes/CICAg{number:04}",
            "queryScope": "COLLECTION_GROUP" if index.group else "COLLECTION",
            "fields": [
                *({"fieldPath": name, "order": "ASCENDING"} for name in index.equal),
                *contains,
                *({"fieldPath": name, "order": direction} for name, direction in order),
                {"fieldPath": "__name__", "order": order[-1][1] if order else "ASCENDING"},
            ],
            "state": "READY",
        }


def _alerts() -> Iterator[Mapping[str, Any]]:
    for number, title in enumerate(("The API does not answer", "A key was changed")):
        query = {"conditionPrometheusQueryLanguage": {"query": "vector(1) < 0", "evaluationInterval": "60s"}}
        log = {"conditionMatchedLog": {"filter": 'protoPayload.methodName="SetIamPolicy"'}}
        yield {
            "name": f"projects/{PROJECT}/alertPolicies/{number}",
            "displayName": title,
            "enabled": True,
            "notificationChannels": [f"projects/{PROJECT}/notificationChannels/1"],
            "conditions": [query if number == 0 else log],
        }
