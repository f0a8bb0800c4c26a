"""Receivables, day book, taxes and revenue over HTTP: what they sum up, for whom, and what they cost."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest

from shared.records.billing.sums.book_day import NO_ENTRIES, digest_of, digests_added
from shared.records.clinic.settings import ClinicSettings
from shared.store import queries
from tests.api.billing.helpers import act, altered, issued, pay
from tests.support.call_counts import CountedCall, calls_when_repeated, commit, query, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic, open_clinic
from tests.support.problems import pointers
from tools import google_firestore

GST = {"rate_percent": "18", "label": "GST", "code": "999312"}
EXEMPT = {"exemption_reason": "Notification 12/2017, entry 74", "code": "999312"}
REPORTS = ("receivables", "day-book", "tax-summary", "revenue")


@pytest.fixture(scope="module")
def practice(stack: Any) -> Iterator[TestClinic]:
    """A clinic with GST and three bills: of a doctor, paid in part by UPI; of nobody, credited; and cancelled."""
    own = open_clinic(stack)
    altered(own, ClinicSettings, own.id, gst_number="29AAGCB7383J1Z4", financial_year_starts_in=4)
    lines = [
        {"description": "Laser", "unit_price": 100_000, "tax": GST},
        {"description": "Visit", "unit_price": 50_000, "tax": EXEMPT},
    ]
    first = issue(own, lines, doctor_id=own.doctor.user_id)
    pay(own, first, 60_000, method="upi", reference="UPI 1").ok(201)
    second = issue(own, [{"description": "=Filler", "unit_price": 200_000, "tax": GST}])
    paid = pay(own, second, 236_000).ok(201)
    act(own.receptionist, paid, "refund", {"amount": 23_600, "method": "cash", "reason": "Less."}).ok(201)
    act(own.receptionist, issue(own, lines), "cancel", {"reason": "Twice."}).ok()
    yield own


def issue(own: TestClinic, lines: list[dict[str, Any]], **values: Any) -> Reply:
    body = {"patient_id": own.patient().body["id"], "line_items": lines, **values}
    return act(own.receptionist, own.receptionist.post("/bills", body).ok(201), "issue").ok()


def table(reply: Reply) -> list[dict[str, str]]:
    return [*csv.DictReader(StringIO(reply.ok().content.decode()))]


def test_receivables_are_what_the_bills_leave_to_be_paid(practice: TestClinic) -> None:
    found = practice.receptionist.get("/books/receivables").ok().body

    (row,) = [row for row in found["rows"] if row["outstanding"]]
    assert row["doctor"]["id"] == practice.doctor.user_id
    assert (row["bills"], row["outstanding"], row["not_due"], row["days_over_90"]) == (1, 108_000, 108_000, 0)
    assert found["totals"] == [{name: row[name] for name in found["totals"][0]}]
    assert found["complete"] is True


def test_receivables_grow_old_by_the_day_on_which_they_fell_due(own_clinic: TestClinic) -> None:
    today = date.fromisoformat(own_clinic.admin.get("/books/receivables").ok().body["day"])
    ages = {0: "days_0_to_30", 30: "days_0_to_30", 31: "days_31_to_60", 90: "days_61_to_90", 91: "days_over_90"}
    settings = google_firestore.client().document("clinics", own_clinic.id)
    for number, days in enumerate([*ages, -1]):
        settings.update({"payment_days": 0})
        due = (today - timedelta(days=days)).isoformat()
        issued(own_clinic, 10**number, due_date=due)

    (total,) = own_clinic.admin.get("/books/receivables").ok().body["totals"]

    assert (total["not_due"], total["bills"]) == (10 ** len(ages), len(ages) + 1)
    for age in set(ages.values()):
        assert total[age] == sum(10**at for at, days in enumerate(ages) if ages[days] == age)


def test_the_day_book_has_every_entry_number_and_payment(practice: TestClinic) -> None:
    found = practice.receptionist.get("/books/day-book").ok().body

    numbers = {one["series"]: (one["first"], one["last"], one["count"], one["missing"]) for one in found["series"]}
    assert numbers == {"INV": (1, 3, 3, 0), "CRN": (1, 1, 1, 0), "RCT": (1, 2, 2, 0)}
    money = {one["method"]: (one["received"], one["refunded"], one["net"]) for one in found["money"]}
    assert money == {"upi": (60_000, 0, 60_000), "cash": (236_000, 23_600, 212_400)}
    assert sum(one["entries"] for one in found["booked"]) == len(found["entries"]) == 8
    names = ("id", "entry_kind", "payer", "amount", "currency", "method")
    digests = [digest_of([*(one[name] for name in names), one["number"]]) for one in found["entries"]]
    assert found["digest"] == digests_added(digests) != NO_ENTRIES
    assert found["complete"] is True


def test_the_day_book_of_a_doctor_has_no_numbers(practice: TestClinic) -> None:
    own = practice.doctor.get("/books/day-book").ok().body
    asked = practice.admin.get(f"/books/day-book?doctor_id={practice.doctor.user_id}").ok().body

    assert (own["series"], own["digest"]) == (None, None)
    assert [one["entry_kind"] for one in own["entries"]] == ["payment", "charge"]
    assert own == asked
    practice.other_doctor.get(f"/books/day-book?doctor_id={practice.doctor.user_id}").refused(403, "forbidden")
    assert practice.other_doctor.get("/books/receivables").ok().body["rows"] == []


def test_taxes_are_summed_up_by_treatment_and_credits_subtracted(practice: TestClinic) -> None:
    (month,) = practice.admin.get("/books/tax-summary").ok().body["months"]

    (total,) = month["totals"]
    assert (total["taxable"], total["exempt"], total["untaxed"]) == (280_000, 50_000, 0)
    assert (total["cgst"], total["sgst"], total["igst"], total["plain"]) == (25_200, 25_200, 0, 0)
    of = {(row["nature"], row["document_type"], row["exempt"]): row["taxable"] for row in month["rows"]}
    assert of["issued", "invoice_cum_bill_of_supply", True] == 100_000
    assert of["cancellation", "invoice_cum_bill_of_supply", True] == 50_000
    assert of["credit_note", "invoice", False] == 20_000
    assert month["cancelled"] == 1
    rows = table(practice.admin.get("/books/tax-summary/csv"))
    assert sum(float(row["taxable"]) for row in rows) == (280_000 + 50_000) / 100
    assert {row["code"] for row in rows} == {"999312"}


def test_revenue_by_day_doctor_and_service_adds_up_to_the_same(practice: TestClinic) -> None:
    found = {by: practice.admin.get(f"/books/revenue?by={by}").ok().body for by in ("day", "doctor", "service")}

    (total,) = found["day"]["totals"]
    assert (total["charged"], total["credited"], total["net"]) == (500_000, 170_000, 330_000)
    assert (total["received"], total["refunded"]) == (296_000, 23_600)
    for by, report in found.items():
        assert report["totals"] == [total], by
        assert sum(row["net"] for row in report["rows"]) == total["net"], by
    given = {row["service"]: row["quantity"] for row in found["service"]["rows"]}
    assert given == {"Laser": 2, "Visit": 2, "=Filler": 1}
    own = practice.admin.get(f"/books/revenue?by=doctor&doctor_id={practice.doctor.user_id}").ok().body
    assert [(row["doctor"]["id"], row["charged"], row["received"]) for row in own["rows"]] == [
        (practice.doctor.user_id, 150_000, 60_000)
    ]


def test_no_cell_of_a_table_is_a_formula(practice: TestClinic) -> None:
    rows = table(practice.admin.get("/books/revenue/csv?by=service"))

    assert {row["service"] for row in rows} == {"'=Filler", "Laser", "Visit", ""}
    assert (rows[-1]["day"], rows[-1]["charged"]) == ("total", "5000.00")
    assert len(table(practice.receptionist.get("/books/day-book/csv"))) == 8
    assert table(practice.receptionist.get("/books/receivables/csv"))[-1]["outstanding"] == "1080.00"


@pytest.mark.parametrize("report", REPORTS)
def test_another_clinic_sees_nothing_of_it(practice: TestClinic, other_clinic: TestClinic, report: str) -> None:
    assert practice.id != other_clinic.id
    found = other_clinic.admin.get(f"/books/{report}").ok().body

    assert not any(found.get(name) for name in ("rows", "totals", "entries", "booked"))
    assert not any(month["rows"] for month in found.get("months", []))


@pytest.mark.parametrize("report", ["tax-summary", "revenue"])
def test_the_books_are_for_admins(practice: TestClinic, report: str) -> None:
    for client in (practice.receptionist, practice.doctor):
        client.get(f"/books/{report}").refused(403, "forbidden")
        client.get(f"/books/{report}/csv").refused(403, "forbidden")


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ("tax-summary?month=2026-13&months=4", {"month", "months"}),
        ("revenue?days=93&by=hour&day=tomorrow", {"days", "by", "day"}),
        ("day-book?day=2026-02-30", {"day"}),
        ("receivables?doctor_id=a%20b", {"doctor_id"}),
    ],
)
def test_every_wrong_parameter_is_named(practice: TestClinic, asked: str, wrong: set[str]) -> None:
    assert pointers(practice.admin.get(f"/books/{asked}").refused(422, "invalid")) == wrong


def test_a_day_without_bookings_is_empty(practice: TestClinic) -> None:
    found = practice.admin.get("/books/day-book?day=2020-01-01").ok().body

    assert (found["series"], found["booked"], found["digest"]) == ([], [], NO_ENTRIES)
    assert practice.admin.get("/books/revenue?day=2020-01-01&days=92").ok().body["rows"] == []


def test_a_payment_of_another_day_counts_on_that_day(own_clinic: TestClinic) -> None:
    bill = issued(own_clinic, 100_000)
    yesterday = (date.fromisoformat(bill.body["bill_date"]) - timedelta(days=1)).isoformat()
    pay(own_clinic, bill, 100_000, received_on=yesterday).ok(201)

    rows = own_clinic.admin.get(f"/books/revenue?day={yesterday}&days=2").ok().body["rows"]

    assert [(row["day"], row["charged"], row["received"]) for row in rows] == [
        (yesterday, 0, 100_000),
        (bill.body["bill_date"], 100_000, 0),
    ]
    assert own_clinic.admin.get("/books/receivables").ok().body["totals"] == []


def test_a_repeated_payment_is_summed_up_once(own_clinic: TestClinic) -> None:
    bill = issued(own_clinic, 100_000)
    payment = {"amount": 40_000, "method": "cash"}
    replies = [act(own_clinic.receptionist, bill, "payment", payment, key="same-key-1") for _ in range(3)]

    (total,) = own_clinic.admin.get("/books/revenue").ok().body["totals"]

    assert [reply.status for reply in replies] == [201, 201, 201]
    assert total["received"] == 40_000


def test_the_books_keep_what_a_deleted_patient_paid(own_clinic: TestClinic) -> None:
    patient = own_clinic.silent_patient()
    pay(own_clinic, issued(own_clinic, 100_000, patient=patient.body["id"]), 100_000).ok(201)
    path = f"/patients/{patient.body['id']}"
    own_clinic.admin.delete(path, etag=own_clinic.admin.get(path).etag).ok(204)

    found = own_clinic.admin.get("/books/day-book").ok().body

    assert found["complete"] is True
    assert sorted(one["entry_kind"] for one in found["entries"]) == ["charge", "payment"]
    assert [(one["entries"], one["amount"]) for one in found["booked"]] == [(1, 100_000), (1, 100_000)]


def test_a_report_costs_one_query_whatever_was_billed(practice: TestClinic) -> None:
    def calls(report: str) -> list[CountedCall]:
        return calls_when_repeated(practice, "books", lambda: practice.admin.get(f"/books/{report}").ok())

    shards = sum(1 for _ in queries.ids_of(practice.id, "book_days"))
    due = len(queries.first(practice.id, "receivables", [("open", "==", True)], None, 100))
    assert calls("receivables") == [reads(2), query(due), reads(1), commit(1)]
    assert calls("tax-summary") == [reads(2), query(shards), commit(1)]
    assert calls("revenue") == [reads(2), query(shards), reads(1), commit(1)]


def test_a_booking_reads_and_writes_two_documents_of_sums(own_clinic: TestClinic) -> None:
    bill = issued(own_clinic, 1_000)

    def booked(action: str, body: Any) -> None:
        path = f"/bills/{bill.body['id']}"
        act(own_clinic.receptionist, own_clinic.receptionist.get(path).ok(), action, body)

    def calls(action: str, body: Any) -> list[CountedCall]:
        """Without those that read the bill before."""
        return calls_when_repeated(own_clinic, "bills", lambda: booked(action, body))[2:]

    # Caller, bill, patient, keys, settings, stored response (and counter); then a day and what falls due.
    assert calls("write-off", {"amount": 1, "reason": "x"}) == [reads(5), reads(2), commit(6)]
    assert calls("payment", {"amount": 1, "method": "cash"}) == [reads(6), reads(2), commit(9)]
