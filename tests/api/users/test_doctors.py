"""The list of doctors, which every role may read."""

from __future__ import annotations

import pytest

from local.demo.people import PROFILE
from tests.api.users.helpers import (
    change,
)
from tests.support.clinics import TestClinic

pytestmark = pytest.mark.long


def test_every_role_lists_the_enabled_doctors(clinic: TestClinic) -> None:
    change(clinic, clinic.admin, "roles", "admin", "doctor").ok()
    change(clinic, clinic.other_doctor, "disable").ok()
    empty = {"first_name": None, "last_name": None, "specialization": None}
    named = {name: PROFILE[name] for name in empty}

    seen = [person.get("/users/doctors").ok().body for person in (clinic.receptionist, clinic.doctor, clinic.admin)]

    assert seen[0]["items"] == [
        {"id": clinic.doctor.user_id, **named},
        {"id": clinic.admin.user_id, **empty},
    ]
    assert seen[0]["next_page_token"] is None
    assert [page["items"] for page in seen] == [seen[0]["items"]] * 3


def test_doctors_are_paginated(own_clinic: TestClinic) -> None:
    first = own_clinic.receptionist.get("/users/doctors?page_size=1").ok().body
    token = first["next_page_token"]
    rest = own_clinic.receptionist.get(f"/users/doctors?page_size=1&page_token={token}").ok().body

    found = {page["items"][0]["id"] for page in (first, rest)}
    assert found == {own_clinic.doctor.user_id, own_clinic.other_doctor.user_id}
    own_clinic.admin.get(f"/users?page_token={token}").refused(422, "invalid")
