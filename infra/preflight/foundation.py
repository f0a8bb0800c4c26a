"""The APIs of the deployment, and what cannot be undone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.catalogue import ROOT
from infra.google_apis import GoogleApis, Missing
from infra.verdicts import Check

_API = re.compile(r"^[a-z]+\.googleapis\.com", re.M)
ASKED = frozenset({"cloudquotas.googleapis.com", "orgpolicy.googleapis.com"})
"""APIs that only this check asks."""


def checks(apis: GoogleApis, wanted: Mapping[str, Any]) -> list[Check]:
    """The checks of this module."""
    return [
        Check("the APIs are enabled", lambda: _disabled(apis), f'infra/bootstrap.sh "{apis.project}" REGION'),
        Check(
            "the database does not exist elsewhere",
            lambda: _elsewhere(apis, wanted),
            "take another project: a database cannot be moved",
        ),
        Check(
            "the audit log is not locked before it was accepted",
            lambda: _locked_too_early(apis, wanted),
            "lock_audit_log = false until the deployment is accepted: a locked bucket stays for years",
        ),
    ]


def needed_apis() -> frozenset[str]:
    """The APIs of infra/apis.txt, and those that are asked here."""
    return ASKED.union(_API.findall((ROOT / "infra" / "apis.txt").read_text(encoding="utf-8")))


def _disabled(apis: GoogleApis) -> Iterator[str]:
    services = apis.all(
        f"serviceusage.googleapis.com/v1/projects/{apis.project}/services",
        "services",
        filter="state:ENABLED",
        pageSize=200,
    )
    enabled = {service["config"]["name"] for service in services}
    if missing := sorted(needed_apis() - enabled):
        yield f"not enabled: {', '.join(missing)}"


def _elsewhere(apis: GoogleApis, wanted: Mapping[str, Any]) -> Iterator[str]:
    try:
        found = apis.get(
            f"firestore.googleapis.com/v1/projects/{apis.project}/databases/{wanted['firestore_database']}"
        )
    except Missing:
        return
    if found["locationId"] != wanted["region"]:
        yield f"it is in {found['locationId']}, not in {wanted['region']}"
    if found.get("type") != "FIRESTORE_NATIVE":
        yield f"it is of the type {found.get('type')}"


def _locked_too_early(apis: GoogleApis, wanted: Mapping[str, Any]) -> Iterator[str]:
    if not wanted["lock_audit_log"]:
        return
    try:
        apis.get(f"logging.googleapis.com/v2/projects/{apis.project}/locations/{wanted['region']}/buckets/audit")
    except Missing:
        yield "the first apply would lock it"
