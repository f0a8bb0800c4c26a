"""Every combination of the filters of a list is answered: none lacks its index.

The fuzzing finds combinations by chance; infra/queries.json must be the same after every run.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from urllib.parse import urlencode

import pytest

from infra.catalogue import ROOT
from tests.support.clinics import TestClinic

DAY = "2026-11-27"
CREATED = "created_from=2026-01-01T00:00:00Z"
FILTERS: Mapping[str, Sequence[Sequence[str]]] = {
    "/patients": [
        ("", "doctor_id"),
        ("", CREATED),
        ("", "created_before=2027-01-01T00:00:00Z"),
        ("", "sort=name"),
        ("", "deleted=true"),
    ],
    "/sessions": [("", "doctor_id"), ("", f"day={DAY}"), ("", "status=completed")],
    "/reports": [
        ("", "doctor_id"),
        ("", "status=signed", "status=to_sign", "status=to_cosign"),
        ("", f"day={DAY}"),
        ("", "patient_id"),
        ("", "with_superseded=true"),
    ],
    "/appointments": [
        ("", "doctor_id", "unassigned=true"),
        ("", f"day={DAY}", f"day={DAY}&days=7"),
        ("", "patient_id"),
        ("", "status=scheduled"),
        ("", "unsettled=true"),
    ],
    "/appointments?asks_other_time=true": [
        ("", "doctor_id", "unassigned=true"),
        ("", f"day={DAY}"),
        ("", "unsettled=true"),
    ],
    "/appointments?series_id=any": [("", f"day={DAY}")],
    "/bills": [("", "doctor_id"), ("", f"day={DAY}"), ("", "patient_id"), ("", "status=paid", "overdue=true")],
    "/bills?collection_status=disputed": [("", "doctor_id")],
    "/bills/online-payments": [("", "needs_person=true")],
    "/messages": [("", "patient_id"), ("", "status=sent")],
    "/templates": [("", "shelf=own", "shelf=public", "shelf=shipped"), ("", "active=true")],
    "/versions": [("", "changed_by"), ("", f"day={DAY}")],
}
"""For each list, or list with a filter that goes with few others, the choices of each filter. `doctor_id` and
`changed_by` stand for the id of the clinic's doctor, `patient_id` for that of a patient."""

OPENAPI = ROOT / "functions" / "api_docs" / "openapi.json"
OF_PAGES = {"page_size", "page_token", "traceparent"}


def combinations(clinic: TestClinic, path: str) -> Iterator[str]:
    doctor_id = clinic.doctor.user_id
    people = {"doctor_id": urlencode({"doctor_id": doctor_id}), "changed_by": urlencode({"changed_by": doctor_id})}
    if "patient_id" in {one for choices in FILTERS[path] for one in choices}:
        people["patient_id"] = urlencode({"patient_id": clinic.silent_patient().body["id"]})
    for chosen in product(*FILTERS[path]):
        query = "&".join(people.get(one, one) for one in chosen if one)
        yield "".join((path, ("&" if "?" in path else "?") if query else "", query))


@pytest.mark.parametrize("caller", ["admin", "doctor"])
@pytest.mark.parametrize("path", FILTERS)
def test_every_combination_of_filters_is_answered(path: str, caller: str, clinic: TestClinic) -> None:
    client = getattr(clinic, caller)
    answers = {asked: client.get(asked) for asked in combinations(clinic, path)}

    assert {asked: reply.status for asked, reply in answers.items() if reply.status not in (200, 403)} == {}
    assert any(reply.status == 200 for reply in answers.values())


def filters_of_lists() -> dict[str, set[str]]:
    """The names of the filters of each list of a clinic."""
    filters = {}
    for path, operations in json.loads(OPENAPI.read_text())["paths"].items():
        parameters = operations.get("get", {}).get("parameters", [])
        names = {one["name"] for one in parameters if one["in"] != "path"}
        if "page_token" in names and "{" not in path and names > OF_PAGES:
            filters[path.removeprefix("/api/v1")] = names - OF_PAGES
    return filters


def test_every_filter_of_every_list_is_tried() -> None:
    tried = defaultdict[str, set[str]](set)
    for asked, filters in FILTERS.items():
        path, _, always = asked.partition("?")
        choices = [always, *(choice for one in filters for choice in one)]
        tried[path] |= {part.partition("=")[0] for choice in choices for part in choice.split("&") if part}

    assert tried == filters_of_lists()
