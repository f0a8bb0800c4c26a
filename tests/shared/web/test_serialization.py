"""The response of a result, and whether it differs for who may not see clinical fields."""

from __future__ import annotations

from typing import Any

import pytest

from bench.sealing import full_patient
from shared.records.created import Created
from shared.records.page import Page
from shared.records.parties import Named, PatientName
from shared.records.record import Detailed
from shared.web.serialization import Renderer, has_clinical, serialize
from tests.support.factories import bill, report

NAMES = Named(patient=PatientName.of(full_patient()), doctor=None)
RESULTS = [
    *(None, {"deleted": 1}, [], [bill()], [bill(), full_patient()], full_patient(), report(), bill(), NAMES),
    *(Page([], None), Page([full_patient()], "next"), Page([Detailed(bill(), NAMES)], None)),
    *(Detailed(full_patient(), NAMES), Detailed(bill(), NAMES), Created(full_patient(), first=False)),
]


@pytest.mark.parametrize("result", RESULTS, ids=range(len(RESULTS)))
def test_what_has_clinical_fields_is_answered_otherwise_without_them(result: Any) -> None:
    differs = serialize(result, True, 200) != serialize(result, False, 200)

    assert has_clinical(result) is differs


def test_a_result_is_rendered_once_for_each_reader() -> None:
    render, patient = Renderer(201), full_patient()

    first = render(patient, True)

    assert render(patient, True) is first
    assert render(patient, False) == serialize(patient, False, 201) != first
    assert render(full_patient(), True) == first, "another one that is equal"
