"""Taxes of bills over HTTP: line, total, ledger and paper have the same, whatever is rounded."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from shared.records.taxes.gstin import check_digit
from tests.api.billing.helpers import act, entries
from tests.journeys.visit.pdf_text import printed_text
from tests.support.client import Reply
from tests.support.clinic_settings import change
from tests.support.clinics import NAMESAKE, TestClinic

KERALA, CHANDIGARH, DELHI = "32AAECP4521K1Z", "04AAECP4521K1Z", "07AAECP4521K1Z"
TAXED = {"rate_percent": "12", "label": "GST", "code": "999316"}
EXEMPT = {"exemption_reason": "Care by a clinical establishment, entry 74", "code": "999312"}
HALVES = [1_025, 3_375, 50_625]
"""At 12 % each half is a whole and a half paisa: 61.5, 202.5 and 3037.5."""


def patient_of(clinic: TestClinic, region: str | None, **address: Any) -> str:
    where = {"lines": ["8 Temple Road"], "city": "Somewhere", "region": region, "country": "IN", **address}
    body = {**NAMESAKE, **({"address": where} if region or address else {})}
    return str(clinic.doctor.post("/patients", body).ok(201).body["id"])


def registered(clinic: TestClinic, state: str, **values: Any) -> None:
    change(clinic, gst_number=state + check_digit(state), tax=TAXED, **values).ok()


def billed(clinic: TestClinic, patient: str, *lines: dict[str, Any], **values: Any) -> Reply:
    """An issued bill with these lines."""
    services = [{"description": f"Service {number}", **line} for number, line in enumerate(lines)]
    draft = clinic.receptionist.post("/bills", {"patient_id": patient, "line_items": services, **values}).ok(201)
    return act(clinic.receptionist, draft, "issue").ok()


def parts(of: dict[str, Any]) -> list[tuple[str, int]]:
    return [(part["label"], part["amount"]) for part in of["taxes"]]


def paper(clinic: TestClinic, bill: Reply) -> str:
    return printed_text(clinic.receptionist.get(f"/bills/{bill.body['id']}/pdf").ok())


@pytest.mark.parametrize(
    ("state", "region", "country", "labels", "place"),
    [
        (KERALA, "Kerala", "IN", ["CGST", "SGST"], "Kerala(32)"),
        (KERALA, None, "IN", ["CGST", "SGST"], "Kerala(32)"),
        (KERALA, "Tamil Nadu", "IN", ["IGST"], "TamilNadu(33)"),
        (KERALA, "Chandigarh", "IN", ["IGST"], "Chandigarh(04)"),
        (CHANDIGARH, "Chandigarh", "IN", ["CGST", "UTGST"], "Chandigarh(04)"),
        (DELHI, "Delhi", "IN", ["CGST", "SGST"], "Delhi(07)"),
        (DELHI, "Dubai", "AE", ["IGST"], "(96)"),
    ],
)
def test_each_line_with_half_paise_is_rounded_alike_in_line_total_ledger_and_paper(
    own_clinic: TestClinic, state: str, region: str | None, country: str, labels: list[str], place: str
) -> None:
    registered(own_clinic, state)
    address = {} if country == "IN" else {"country": country}
    patient = patient_of(own_clinic, region, **address)

    bill = billed(own_clinic, patient, *({"unit_price": price} for price in HALVES))

    expected = [62, 203, 3_038] if len(labels) == 2 else [123, 405, 6_075]
    lines, text = bill.body["line_items"], paper(own_clinic, bill)
    assert [parts(line) for line in lines] == [[(label, tax) for label in labels] for tax in expected]
    assert parts(bill.body) == [(label, sum(expected)) for label in labels]
    assert bill.body["total_amount"] == sum(HALVES) + len(labels) * sum(expected) == sum(one["total"] for one in lines)
    assert entries(own_clinic, bill) == [("charge", bill.body["total_amount"])]
    rupees = f"{sum(expected) // 100}.{sum(expected) % 100:02}"
    for label in labels:
        assert f"{label}({'6' if len(labels) == 2 else '12'}%)₹{rupees}" in text
    for part in ("TaxInvoice", f"GSTIN{state}", "SAC999316", f"Placeofsupply{place}"):
        assert part in text.replace("OutsideIndia", "")
    assert ("8TempleRoad" in text) == (region is not None)


@pytest.mark.parametrize(
    ("lines", "title", "document"),
    [
        ([EXEMPT], "BillofSupply", "bill_of_supply"),
        ([EXEMPT, {**EXEMPT, "exemption_reason": "Ambulance, entry 74"}], "BillofSupply", "bill_of_supply"),
        ([TAXED], "TaxInvoice", "invoice"),
        ([{}], "Invoice", "invoice"),
        ([TAXED, EXEMPT], "Invoice-cum-BillofSupply", "invoice_cum_bill_of_supply"),
        ([EXEMPT, TAXED, {**TAXED, "rate_percent": "5"}], "Invoice-cum-BillofSupply", "invoice_cum_bill_of_supply"),
    ],
)
def test_the_paper_is_what_the_law_calls_it_and_has_no_row_of_nought(
    own_clinic: TestClinic, lines: list[dict[str, Any]], title: str, document: str
) -> None:
    registered(own_clinic, KERALA)

    bill = billed(own_clinic, patient_of(own_clinic, "Kerala"), *({"unit_price": 40_000, "tax": one} for one in lines))

    text, rates = paper(own_clinic, bill), {one["rate_percent"] for one in lines if "rate_percent" in one}
    assert bill.body["document_type"] == document
    assert title + "Billedto" in text
    assert ("BOS" if document == "bill_of_supply" else "INV") == bill.body["number"][:3]
    assert len(bill.body["taxes"]) == 2 * len(rates)
    assert "0%" not in text
    assert "₹0.00" not in text.split("Accountsinceissue")[0]
    for one in lines:
        if reason := one.get("exemption_reason"):
            assert f"Exemptfromtax:{reason.replace(' ', '')}" in text


def test_a_discount_lowers_each_rates_tax_and_the_sums_stay_whole(own_clinic: TestClinic) -> None:
    registered(own_clinic, KERALA, round_total_to=100)
    lines = [{"unit_price": 33_333, "tax": {**TAXED, "rate_percent": rate}} for rate in ("5", "12", "18")]
    discount = {"amount": 10_001, "reason": "Camp."}

    bill = billed(own_clinic, patient_of(own_clinic, "Kerala"), *lines, discount=discount).body

    assert [line["discount_amount"] for line in bill["line_items"]] == [3_334, 3_334, 3_333]
    taxes = parts(bill)
    assert all(central[1] == state[1] for central, state in list(pairwise(taxes))[::2])
    assert bill["taxable_amount"] == 3 * 33_333 - 10_001
    assert bill["total_amount"] == bill["taxable_amount"] + bill["tax_amount"] + bill["round_off"]
    assert bill["total_amount"] % 100 == 0


@pytest.mark.parametrize(
    ("currency", "round_to", "prices", "total", "printed"),
    [
        ("INR", 100, [33_333, 33_333, 33_335], 105_000, "₹1,050.00"),
        ("USD", 5, [1_999, 1_999, 1_998], 6_295, "$62.95"),
        ("JPY", 1, [333, 333, 335], 1_052, "¥1,052"),
        ("JPY", 10, [333, 333, 335], 1_050, "¥1,050"),
        ("KWD", 5, [3_335, 3_335, 3_330], 10_500, "KWD10.500"),
    ],
)
@pytest.mark.parametrize("within", [False, True])
def test_three_lines_add_up_in_each_currency(
    own_clinic: TestClinic, currency: str, round_to: int, prices: list[int], total: int, printed: str, within: bool
) -> None:
    tax = {"rate_percent": "5", "label": "VAT"}
    change(own_clinic, fees=[], currency=currency, round_total_to=round_to, prices_include_tax=within, tax=tax).ok()

    bill = billed(own_clinic, patient_of(own_clinic, None), *({"unit_price": price} for price in prices))

    body, lines, text = bill.body, bill.body["line_items"], paper(own_clinic, bill)
    assert (body["currency"], body["subtotal"]) == (currency, sum(prices))
    assert sum(line["total"] for line in lines) + body["round_off"] == body["total_amount"]
    assert body["taxable_amount"] == sum(line["taxable_amount"] for line in lines)
    assert body["taxable_amount"] + body["tax_amount"] + body["round_off"] == body["total_amount"]
    assert entries(own_clinic, bill) == [("charge", body["total_amount"])]
    if within:
        assert body["total_amount"] == (sum(prices) + round_to // 2) // round_to * round_to
    else:
        assert body["total_amount"] == total
        assert f"Total{printed}" in text
