"""What an admin may set: every problem is named, and no series of numbers takes what another one has had."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.clinic.settings import ClinicSettings
from shared.records.clinic.settings_change import SettingsChange
from shared.records.clinic.settings_rules import errors_of
from shared.records.numbering import DocumentSeries
from shared.records.record import Record, Stamp
from tests.support.factories import DOCTOR, NOON, settings

TYPES = ("followup", "consultation")
BY_ADMIN = Stamp("admin", NOON)
FEE = {"session_type": "followup", "amount": 1, "description": "Follow-up"}
NOT_BY_PATCH = {
    "signing_requires_second_factor": "the operator's",
    "trainees_need_cosignature": "the operator's",
    "default_template_id": "POST /templates/{id}/default",
    "logo_sha256": "PUT /clinic/logo",
    "reminder_minutes": "follows PUT /clinic/reminders",
    "payment_reminder_days": "follows PUT /clinic/payment-reminders",
    "series_of_prefixes": "follows number_prefixes",
}
"""The settings that have another way."""
FIELDS = ("invoice", "bill_of_supply", "credit_note", "receipt")

times = st.integers(0, 24).map(lambda hour: f"{hour:02d}:00")
hours = st.tuples(st.sampled_from(["monday", "tuesday"]), times, times).filter(lambda one: one[1] < one[2])


def change(**changes: Any) -> SettingsChange:
    return SettingsChange.model_validate(changes)


def problems(before: ClinicSettings, asked: SettingsChange) -> list[tuple[str, str]]:
    after = asked.applied_to(before, BY_ADMIN)
    return [(one.pointer, one.detail) for one in errors_of(before, after, asked.model_fields_set, TYPES)]


def pointers(before: ClinicSettings, **changes: Any) -> list[str]:
    return [pointer for pointer, _ in problems(before, change(**changes))]


@given(st.lists(hours, max_size=6))
def test_hours_that_overlap_are_named_and_those_that_touch_are_not(given_hours: list[tuple[str, str, str]]) -> None:
    sent = [{"day": day, "opens": opens, "closes": closes} for day, opens, closes in given_hours]

    overlap = any(
        one[0] == other[0] and one[1] < other[2] and other[1] < one[2] for one, other in combinations(given_hours, 2)
    )
    assert bool(pointers(settings(), hours=sent)) == overlap


def test_an_admin_can_change_every_setting_that_has_no_other_way() -> None:
    own = ClinicSettings.model_fields.keys() - Record.model_fields.keys()

    assert own - SettingsChange.model_fields.keys() == NOT_BY_PATCH.keys()


def test_the_settings_as_they_are_change_nothing() -> None:
    clinic = settings(fees=[FEE], gst_number="29ABCDE1234F1ZW")
    same = clinic.model_dump(mode="json", include={*SettingsChange.model_fields})

    assert SettingsChange.model_validate_json(json.dumps(same)).applied_to(clinic, BY_ADMIN) is clinic


def test_everything_is_named_at_once() -> None:
    found = pointers(
        settings(),
        hours=[
            {"day": "monday", "opens": "09:00", "closes": "13:00"},
            {"day": "monday", "opens": "12:30", "closes": "14:00"},
        ],
        closures=[{"day": "2026-10-02"}, {"day": "2026-10-02", "name": "Gandhi Jayanti"}],
        rooms=[{"id": "one", "name": "Blue"}, {"id": "one", "name": "blue"}],
        fees=[FEE, {**FEE, "up_to_minutes": 30}, FEE, {**FEE, "session_type": "massage"}],
        recording_purposes=["telehealth", "recording", "telehealth"],
        gst_number="29ABCDE1234F1Z5",
        address="12 Marine Drive, Kochi\nKerala 682001",
        time_zone="America/New_York",
        number_prefixes={"invoice": "PAT", "bill_of_supply": "BOS", "credit_note": "BOS", "receipt": "INV"},
    )

    assert found == [
        *("/hours/1", "/closures/1", "/rooms/1", "/rooms/1", "/fees/2", "/fees/3/session_type"),
        *("/recording_purposes/2", "/recording_purposes/1", "/gst_number", "/gst_number"),
        *("/number_prefixes/invoice", "/number_prefixes/credit_note", "/number_prefixes/receipt"),
    ]


def test_what_a_request_leaves_alone_does_not_hold_it_up() -> None:
    odd = settings(fees=[FEE, FEE], rooms=[{"id": "one", "name": "A"}, {"id": "one", "name": "B"}])

    assert pointers(odd, payment_days=30) == []
    assert pointers(odd, currency="USD") == ["/fees"]
    assert pointers(odd, currency="USD", fees=[FEE]) == []
    assert pointers(settings(), currency="USD") == []


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        (None, True),
        ("12 Residency Road\nBengaluru 560025", True),
        ("Residency Road, Bengaluru, Karnataka - 560025", True),
        ("Kerala Ayurveda Lane, Bengaluru", True),
        ("Sector 17, Chandigarh, Karnataka.", True),
        ("MG Road, Kochi, Kerala 682 001", False),
        ("Connaught Place\nNew Delhi - 110001", False),
    ],
)
def test_a_registration_fits_the_state_of_the_address(address: str | None, fits: bool) -> None:
    found = pointers(settings(address=address), gst_number="29ABCDE1234F1Z5")

    assert found == ([] if fits else ["/gst_number"])


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"currency": "KWD"}, []),
        ({"currency": "INT"}, ["/currency"]),
        ({"upi_id": "banyan@okaxis"}, []),
        ({"upi_id": "banyan@okaxis", "currency": "USD"}, ["/upi_id"]),
    ],
)
def test_the_currency_exists_and_upi_pays_in_rupees(changes: dict[str, str], named: list[str]) -> None:
    assert pointers(settings(), **changes) == named


def test_null_clears_and_what_is_left_out_stays() -> None:
    before = settings(payment_terms="At once.", gst_number="29ABCDE1234F1Z5", phone="+918041234567")

    after = change(payment_terms=None, despite_appointments=True).applied_to(before, BY_ADMIN)

    assert (after.payment_terms, after.gst_number, after.phone) == (None, before.gst_number, before.phone)
    assert change(phone="+918041234567").applied_to(before, BY_ADMIN) is before


letters = st.permutations(["INV", "BOS", "CRN", "RCT", "AAA", "BBB", "CCC"]).map(lambda all_of_them: all_of_them[:4])
opening = st.tuples(*(st.sampled_from(pair) for pair in (["INV", "AAA"], ["BOS", "BBB"], ["CRN", "CCC"], ["RCT"])))


@given(opening, st.lists(letters))
def test_no_prefix_ever_belongs_to_two_series(opened_with: tuple[str, ...], choices: Iterable[list[str]]) -> None:
    given_out = {series.value: series for series in DocumentSeries}
    clinic = settings(number_prefixes=dict(zip(FIELDS, opened_with, strict=True)))
    for chosen in choices:
        asked = change(number_prefixes=dict(zip(FIELDS, chosen, strict=True)))
        if not problems(clinic, asked):
            clinic = asked.applied_to(clinic, BY_ADMIN)
        for series, prefix in clinic.number_prefixes.by_series():
            assert given_out.setdefault(prefix, series) == series


def test_a_series_takes_up_a_prefix_that_it_had() -> None:
    fields = {"bill_of_supply": "BOS", "credit_note": "CRN", "receipt": "RCT"}
    clinic = settings()
    for prefix in ("AAA", "BBB", "AAA", "INV"):
        asked = change(number_prefixes={"invoice": prefix, **fields})
        assert problems(clinic, asked) == []
        clinic = asked.applied_to(clinic, BY_ADMIN)

    refused = problems(clinic, change(number_prefixes={"invoice": "INV", **fields, "receipt": "AAA"}))
    assert refused == [("/number_prefixes/receipt", "AAA belongs to the series of invoice")]


def test_a_clinic_has_a_limited_number_of_prefixes() -> None:
    fields = {"bill_of_supply": "BOS", "credit_note": "CRN", "receipt": "RCT"}
    had = {f"A{chr(65 + n // 26)}{chr(65 + n % 26)}": "INV" for n in range(96)}
    clinic = settings(series_of_prefixes={**had, "INV": "INV", "BOS": "BOS", "CRN": "CRN", "RCT": "RCT"})

    assert pointers(clinic, number_prefixes={"invoice": "ZZZ", **fields}) == ["/number_prefixes"]
    assert pointers(clinic, number_prefixes={"invoice": "AAB", **fields}) == []


def test_fees_of_doctors_are_separate() -> None:
    assert pointers(settings(), fees=[FEE, {**FEE, "doctor_id": DOCTOR}, {**FEE, "doctor_id": "other"}]) == []
