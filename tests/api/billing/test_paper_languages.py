"""What a patient gets is in the patient's language, which is a part of what was issued."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from tests.api.billing.helpers import draft, issued, pay
from tests.support.client import Reply
from tests.support.clinics import TestClinic


def speak(clinic: TestClinic, patient: str, language: str | None) -> None:
    path = f"/patients/{patient}"
    clinic.doctor.send("PATCH", path, {"preferred_language": language}, etag=clinic.doctor.get(path).etag).ok()


def paper(clinic: TestClinic, path: str) -> Reply:
    return clinic.receptionist.get(path).ok()


def title(printed: Reply) -> str:
    metadata = PdfReader(BytesIO(printed.content)).metadata
    assert metadata is not None
    return str(metadata.title)


def test_bill_and_receipt_are_in_the_language_of_their_issue(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    speak(clinic, patient, "hi-IN")
    bill = issued(clinic, 100_000, patient=patient)
    paid = pay(clinic, bill, 40_000).ok(201)
    paths = [f"/bills/{bill.body['id']}/pdf", f"/bills/{bill.body['id']}/documents/e2"]
    before = [paper(clinic, path) for path in paths]
    speak(clinic, patient, "ar")
    again = pay(clinic, paid, 10_000).ok(201)

    after = [paper(clinic, path) for path in paths]

    assert [title(one).split(" (")[0] for one in before] == ["आपूर्ति बिल", "रसीद"]
    assert title(after[0]) == title(before[0])
    assert after[1].content == before[1].content
    assert title(paper(clinic, f"/bills/{again.body['id']}/documents/e3")).startswith("إيصال (Receipt)")
    assert title(paper(clinic, f"/bills/{issued(clinic, patient=patient).body['id']}/pdf")).startswith(
        "فاتورة توريد (Bill of Supply)"
    )


def test_a_draft_is_in_the_language_of_now_and_one_without_words_is_english(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    written = draft(clinic, patient=patient).ok(201)
    path = f"/bills/{written.body['id']}/pdf"

    titles = {}
    for language in (None, "ta", "fr"):
        speak(clinic, patient, language)
        titles[language] = title(paper(clinic, path))

    assert titles == {None: "Bill of Supply", "ta": "வழங்கல் பில் (Bill of Supply)", "fr": "Bill of Supply"}
