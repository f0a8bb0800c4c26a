"""Other prefixes begin the next numbers: no number is given twice, none is left out, none changes."""

from __future__ import annotations

from local.demo.seed import SETTINGS
from shared.workflows.billing import books
from tests.api.billing.helpers import act, draft, issued, pay
from tests.support.clinic_settings import OTHER_PREFIXES, change, refused
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once


def counts(numbers: list[str]) -> list[int]:
    return sorted(int(number[-6:]) for number in numbers)


def test_a_series_goes_on_with_another_prefix(own_clinic: TestClinic) -> None:
    first = issued(own_clinic, 50_000)
    change(own_clinic, number_prefixes=OTHER_PREFIXES).ok()
    second = issued(own_clinic, 50_000)
    change(own_clinic, number_prefixes={**OTHER_PREFIXES, "bill_of_supply": "BOS"}).ok()
    third = issued(own_clinic, 50_000)

    numbers = [bill.body["number"] for bill in (first, second, third)]
    assert [number[:3] for number in numbers] == ["BOS", "BSU", "BOS"]
    assert counts(numbers) == [1, 2, 3]
    for bill in (first, second, third):
        assert own_clinic.receptionist.get(f"/bills/{bill.body['number']}").ok().body["id"] == bill.body["id"]
    found = refused(own_clinic, 422, "invalid", number_prefixes={**OTHER_PREFIXES, "receipt": "BSU"})
    assert found == {
        "/number_prefixes/receipt": "BSU belongs to the series of bill_of_supply",
    }
    verified = books.verify(own_clinic.id)
    assert (verified.bills, verified.faults) == (3, [])


def test_receipts_with_another_prefix_are_found_and_counted(own_clinic: TestClinic) -> None:
    change(own_clinic, number_prefixes={**OTHER_PREFIXES, "receipt": "QUI"}).ok()
    paid = pay(own_clinic, issued(own_clinic, 50_000), 50_000).ok(201)

    (payment,) = paid.body["payment_history"]
    assert payment["receipt_number"].startswith("QUI-")
    own_clinic.receptionist.get(f"/bills/{paid.body['id']}/documents/e2").ok()
    assert books.verify(own_clinic.id).faults == []


def test_numbers_have_no_gap_while_the_prefix_changes(own_clinic: TestClinic) -> None:
    drafts = [draft(own_clinic).ok(201) for _ in range(6)]

    def one(n: int) -> str:
        if n == 3:
            change(own_clinic, number_prefixes=OTHER_PREFIXES).ok()
            return ""
        bill = drafts[n if n < 3 else n - 1]
        return str(act(own_clinic.receptionist, bill, "issue").ok().body["number"])

    numbers = [number for number in at_once(7, one) if number]

    assert counts(numbers) == [1, 2, 3, 4, 5, 6]
    assert {number[:3] for number in numbers} <= {"BOS", "BSU"}
    assert books.verify(own_clinic.id).faults == []


def test_the_financial_year_stays_once_there_are_numbers(own_clinic: TestClinic) -> None:
    change(own_clinic, financial_year_starts_in=1).ok()
    change(own_clinic, financial_year_starts_in=4, fees=SETTINGS["fees"]).ok()
    issued(own_clinic, 50_000)

    found = refused(own_clinic, 409, "conflict", financial_year_starts_in=1)

    assert found.keys() == {"/financial_year_starts_in"}
    assert books.verify(own_clinic.id).faults == []
