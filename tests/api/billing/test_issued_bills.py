"""An issued bill prints as it was issued, whatever happens later to the records that it was made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local.demo.people import PROFILE
from tests.api.billing.helpers import draft, issued, pay
from tests.journeys.visit.pdf_text import printed_text
from tests.support.clinic_settings import OTHER_PREFIXES, PATH, change, picture, put_logo
from tests.support.clinics import TestClinic
from tests.support.database import erase_care
from tests.support.qr import read_pdf
from tests.support.visits import set_clinic, set_sealed
from tools import google_firestore

ACCOUNT = "Accountsinceissue"


def new_bill(clinic: TestClinic, **session: Any) -> dict[str, Any]:
    """The bill of a completed visit."""
    started = clinic.session(**session)
    clinic.doctor.post(f"/sessions/{started.body['id']}/complete", etag=started.etag).ok()
    path = f"/bills/{started.body['id']}-bill"
    body: dict[str, Any] = clinic.until(lambda: clinic.doctor.get(path), lambda reply: reply.status == 200).body
    return body


def printed(clinic: TestClinic, bill: dict[str, Any]) -> str:
    return printed_text(clinic.receptionist.get(f"/bills/{bill['id']}/pdf").ok())


def rename(clinic: TestClinic, bill: dict[str, Any]) -> None:
    path = f"/patients/{bill['patient_id']}"
    name = {"first_name": "Someone", "last_name": "Else"}
    clinic.doctor.send("PATCH", path, name, etag=clinic.doctor.get(path).etag).ok()


def move_practice(clinic: TestClinic, _: dict[str, Any]) -> None:
    profile = {**PROFILE, "licence_number": "KMC 99999", "clinic_name": "New Clinic", "clinic_address": "Other street"}
    clinic.doctor.put("/profile", profile, etag=clinic.doctor.get("/profile").etag).ok()


def overwrite_settings(clinic: TestClinic, _: dict[str, Any]) -> None:
    settings = {"time_zone": "Pacific/Kiritimati", "currency": "USD", "tax": {"rate_percent": "18", "label": "GST"}}
    google_firestore.client().document("clinics", clinic.id).update(settings)


def change_settings(clinic: TestClinic, _: dict[str, Any]) -> None:
    """Everything of a bill that an admin can set."""
    texts = dict.fromkeys(("name", "address", "payment_terms", "payment_instructions"), "Another")
    contact = {"phone": "+918041234568", "email": "other@clinic.example", "gst_number": "29ABCDE1234F1ZW"}
    tax = {"tax": {"rate_percent": "18", "label": "GST"}, "prices_include_tax": True, "round_total_to": 100}
    change(clinic, **texts, **contact, **tax, time_zone="Asia/Kolkata", number_prefixes=OTHER_PREFIXES).ok()
    put_logo(clinic.admin, picture("teal"), clinic.admin.get(PATH).etag).ok()


def erase_patient(clinic: TestClinic, bill: dict[str, Any]) -> None:
    erase_care(clinic, bill["patient_id"])


def change_person(clinic: TestClinic, bill: dict[str, Any]) -> None:
    """All of a patient that a paper could name."""
    path = f"/patients/{bill['patient_id']}"
    address = {"lines": ["1 Other Street"], "city": "Kochi", "region": "Kerala", "country": "IN"}
    person = {"date_of_birth": "1990-01-01", "address": address, "preferred_language": "ar"}
    clinic.doctor.send("PATCH", path, person, etag=clinic.doctor.get(path).etag).ok()


def change_logos(clinic: TestClinic, _: dict[str, Any]) -> None:
    put_logo(clinic.admin, picture("red"), clinic.admin.get(PATH).etag).ok()
    etag = clinic.doctor.get("/profile").etag
    clinic.doctor.put("/profile/logo", picture("blue"), etag=etag, **{"Content-Type": "image/png"}).ok()


def lose_licence(clinic: TestClinic, _: dict[str, Any]) -> None:
    profile = {name: value for name, value in PROFILE.items() if name != "licence_number"}
    clinic.doctor.put("/profile", profile, etag=clinic.doctor.get("/profile").etag).ok()


def delete_patient(clinic: TestClinic, bill: dict[str, Any]) -> None:
    path = f"/patients/{bill['patient_id']}"
    clinic.doctor.delete(path, etag=clinic.doctor.get(path).etag).ok(204)


def papers(clinic: TestClinic, bill: dict[str, Any]) -> list[tuple[bytes, str]]:
    """The bill by id and by number, the receipt of its payment, and its credit note."""
    by_id, by_number = (f"/bills/{bill[name]}" for name in ("id", "number"))
    paths = f"{by_id}/pdf", f"{by_number}/pdf", f"{by_id}/documents/e2", f"{by_id}/documents/e3"
    return [(reply.content, reply.etag) for reply in (clinic.admin.get(path).ok() for path in paths)]


@pytest.mark.parametrize(
    "change",
    [
        rename,
        change_person,
        move_practice,
        lose_licence,
        overwrite_settings,
        change_settings,
        change_logos,
        erase_patient,
        delete_patient,
    ],
)
def test_later_changes_do_not_change_what_was_issued(
    own_clinic: TestClinic, change: Callable[[TestClinic, dict[str, Any]], None]
) -> None:
    put_logo(own_clinic.admin, picture("teal"), own_clinic.admin.get(PATH).etag).ok()
    bill = new_bill(own_clinic)
    path = f"/bills/{bill['id']}"
    paid = own_clinic.receptionist.post(f"{path}/payment", {"amount": 120_000, "method": "upi"}, etag='"1"').ok(201)
    refund = {"amount": 20_000, "method": "upi", "reason": "Shorter."}
    own_clinic.receptionist.post(f"{path}/refund", refund, etag=paid.etag).ok(201)
    before = papers(own_clinic, bill)

    change(own_clinic, bill)

    assert papers(own_clinic, bill) == before


def test_bills_of_deleted_patients_are_changed_by_nobody(own_clinic: TestClinic) -> None:
    bill = pay(own_clinic, issued(own_clinic, 1_000), 1_000).ok(201)
    delete_patient(own_clinic, bill.body)
    reversal = {"reason": "Returned.", "cause": "bounced"}

    for client in (own_clinic.admin, own_clinic.doctor, own_clinic.receptionist):
        path = f"/bills/{bill.body['id']}/payments/e2/reverse"
        client.post(path, reversal, etag=bill.etag).refused(404, "not-found")


def test_payments_are_printed_as_received_after_the_issue(own_clinic: TestClinic) -> None:
    bill = new_bill(own_clinic)
    issued, _, unpaid = printed(own_clinic, bill).partition(ACCOUNT)

    payment = {"amount": 20_000, "method": "upi", "reference": "UPI-4711"}
    own_clinic.receptionist.post(f"/bills/{bill['id']}/payment", payment, etag='"1"').ok(201)

    same, _, account = printed(own_clinic, bill).partition(ACCOUNT)
    assert same == issued
    assert "Status:Unpaid" in unpaid
    for expected in ("Status:Partlypaid", "UPI-4711", "Paid₹200.00", "Outstanding₹1,000.00"):
        assert expected in account
        assert expected not in issued


def test_draft_is_printed_from_the_current_records(own_clinic: TestClinic) -> None:
    draft = new_bill(own_clinic, type="emergency")
    before = printed(own_clinic, draft)

    rename(own_clinic, draft)

    after = printed(own_clinic, draft)
    assert draft["status"] == "draft"
    assert "SomeoneElse" in after
    assert "SomeoneElse" not in before
    assert "DRAFT" in after
    assert ACCOUNT not in after


def test_issued_bytes_of_another_bill_are_refused(own_clinic: TestClinic) -> None:
    one, other = new_bill(own_clinic), new_bill(own_clinic)
    path = "clinics/{}/bills/{}/bodies/issued"
    foreign = google_firestore.client().document(path.format(own_clinic.id, other["id"])).get().to_dict() or {}
    google_firestore.client().document(path.format(own_clinic.id, one["id"])).set(foreign)

    assert own_clinic.receptionist.get(f"/bills/{one['id']}/pdf").status == 500


def test_strangers_do_not_print_a_bill(own_clinic: TestClinic, other_clinic: TestClinic) -> None:
    bill = new_bill(own_clinic)

    for stranger in (own_clinic.other_doctor, other_clinic.admin):
        stranger.get(f"/bills/{bill['id']}/pdf").refused(404, "not-found")


def test_the_upi_code_keeps_its_payee_and_follows_what_is_owed(own_clinic: TestClinic) -> None:
    before = issued(own_clinic, 120_000)
    set_sealed(own_clinic, upi_id="banyan@okaxis")
    bill = issued(own_clinic, 120_000)
    path = f"/bills/{bill.body['id']}/pdf"
    number = bill.body["number"]
    tail = f"&tn=Bill%20{number}&tr={number.replace('-', '')}"
    payee = "upi://pay?pa=banyan@okaxis&pn=Banyan%20Mental%20Health"

    first = own_clinic.receptionist.get(path).ok().content
    set_sealed(own_clinic, upi_id="another@upi")

    assert read_pdf(first) == [f"{payee}&am=1200.00&cu=INR{tail}"]
    assert own_clinic.receptionist.get(path).ok().content == first
    assert read_pdf(own_clinic.receptionist.get(f"/bills/{before.body['id']}/pdf").ok().content) == []
    part = pay(own_clinic, bill, 50_050).ok(201)
    assert read_pdf(own_clinic.receptionist.get(path).ok().content) == [f"{payee}&am=699.50&cu=INR{tail}"]
    pay(own_clinic, part, 69_950).ok(201)
    assert read_pdf(own_clinic.receptionist.get(path).ok().content) == []


def test_a_draft_and_a_bill_in_another_currency_have_no_upi_code(own_clinic: TestClinic) -> None:
    set_sealed(own_clinic, upi_id="banyan@okaxis")
    written = draft(own_clinic).ok(201)
    set_clinic(own_clinic, currency="USD")
    dollars = issued(own_clinic)

    for bill in (written, dollars):
        assert read_pdf(own_clinic.receptionist.get(f"/bills/{bill.body['id']}/pdf").ok().content) == []
