"""Every combination of the filters of a list is answered: none lacks its index.

The fuzzing finds combinations by chance; infra/queries.json must be the same after every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from urllib.parse import urlencode

import pytest

from tests.support.clinics import TestClinic

DAY = "2026-11-27"
CREATED = "created_from=2026-01-01T00:00:00Z"
FILTERS: Mapping[str, Sequence[Sequence[str]]] = {
    "/patients": [("", "doctor"), ("", CREATED), ("", "sort=name"), ("", "deleted=true")],
    "/sessions": [("", "doctor"), ("", f"day={DAY}"), ("", "status=completed")],
    "/reports": [("", "doctor"), ("", "status=signed", "status=to_sign"), ("", f"day={DAY}"), ("", "patient")],
    "/appointments": [("", "doctor"), ("", f"day={DAY}"), ("", "patient"), ("", "status=scheduled")],
    "/bills": [("", "doctor"), ("", f"day={DAY}"), ("", "patient"), ("", "status=paid")],
    "/versions": [("", "changed_by"), ("", f"day={DAY}")],
}
"""For each list, the choices of each filter. `doctor` and `changed_by` stand for the id of the clinic's doctor,
`patient` for that of a patient."""


def combinations(clinic: TestClinic, path: str) -> Iterator[str]:
    doctor_id = clinic.doctor.user_id
    people = {"doctor": urlencode({"doctor_id": doctor_id}), "changed_by": urlencode({"changed_by": doctor_id})}
    if "patient" in {one for choices in FILTERS[path] for one in choices}:
        people["patient"] = urlencode({"patient_id": clinic.silent_patient().body["id"]})
    for chosen in product(*FILTERS[path]):
        query = "&".join(people.get(one, one) for one in chosen if one)
        yield f"{path}?{query}" if query else path


@pytest.mark.parametrize("caller", ["admin", "doctor"])
@pytest.mark.parametrize("path", FILTERS)
def test_every_combination_of_filters_is_answered(path: str, caller: str, clinic: TestClinic) -> None:
    client = getattr(clinic, caller)
    answers = {asked: client.get(asked) for asked in combinations(clinic, path)}

    assert {asked: reply.status for asked, reply in answers.items() if reply.status not in (200, 403)} == {}
    assert any(reply.status == 200 for reply in answers.values())
