"""The search finds planted phrases everywhere, and finds none that the journey stored or sent."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from local.stack.stack import Stack
from shared.records.billing.bill import Bill
from shared.records.patients.patient import Patient
from shared.records.privacy import fields_of
from shared.records.record import Record
from shared.records.reports.content import ReportContent
from shared.records.reports.signed import SignedReport
from shared.records.visits.session import Session
from shared.records.visits.transcript_part import TranscriptPart, part_id
from tests.journeys.leaks.exposed_data import KINDS, Item, all_items, document_items, normalised, stored_documents
from tests.journeys.leaks.phrases import by_second_word, phrases_in, phrases_of
from tests.journeys.leaks.planted_phrases import PLANTED, planted
from tests.support.journey import PATIENT, Journey


@pytest.fixture(scope="module")
def phrases(journey: Journey) -> list[str]:
    return phrases_of(journey)


def test_search_finds_every_phrase_in_every_kind_of_item(stack: Stack, phrases: list[str]) -> None:
    with planted(stack, phrases):
        texts = dict.fromkeys(KINDS, "")
        for item in all_items(stack):
            if PLANTED in item.name:
                texts[item.kind] += f"\n{item.text()}"

    assert {kind: [phrase for phrase in phrases if phrase not in text] for kind, text in texts.items()} == {
        kind: [] for kind in KINDS
    }


def test_search_finds_a_phrase_that_begins_and_ends_within_words() -> None:
    by_word = by_second_word(
        ["sleeps badly since", "badly since march came", "okonkwo", "zubeida okonkwo", "not said here"]
    )

    found = set(phrases_in("xsleeps badly since marching zubeida okonkwox", by_word))

    assert found == {"sleeps badly since", "okonkwo", "zubeida okonkwo"}


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode, lambda text: json.dumps(text.decode())])
def test_search_finds_encoded_phrases(encode: Any) -> None:
    encoded = encode("call Zubeïda Okonkwo at home".encode())

    text = Item("log x", encoded if isinstance(encoded, bytes) else encoded.encode()).text()

    assert "zubeida okonkwo" in text


def test_no_item_contains_a_spoken_or_entered_phrase(
    journey: Journey, second_journey: Journey, phrases: list[str]
) -> None:
    stack = journey.clinic.stack
    stack.wait_idle(60)

    items = all_items(stack)

    by_word = by_second_word(phrases)
    assert {(item.name, phrase) for item in items for phrase in phrases_in(item.text(), by_word)} == set()
    assert {item.kind for item in items} >= {*KINDS, "call"}
    assert sum(journey.session_id in item.name for item in items) >= 10


def test_no_item_contains_the_upload_id_or_the_id_token(journey: Journey) -> None:
    upload_id = journey.body("open upload")["upload_url"].rpartition("upload_id=")[2]
    token = journey.clinic.doctor.token

    items = all_items(journey.clinic.stack)

    found = [item.name for item in items for secret in (upload_id, token) if secret.encode() in item.content]
    assert len(upload_id) > 10
    assert found == []


def test_no_document_contains_an_unkeyed_hash_of_personal_data(journey: Journey) -> None:
    values = [
        PATIENT["first_name"],
        PATIENT["last_name"],
        PATIENT["primary_phone"],
        PATIENT["email"],
        PATIENT["date_of_birth"],
    ]
    spellings = {form for value in map(str, values) for form in (value, value.casefold(), normalised(value), value[1:])}

    documents = b"".join(item.content for item in document_items(journey.clinic.stack))

    digests = [hashlib.new(name, form.encode()) for name in ("md5", "sha1", "sha256") for form in spellings]
    assert [
        d.hexdigest() for d in digests if d.digest()[:12] in documents or d.hexdigest()[:24].encode() in documents
    ] == []


@pytest.mark.parametrize("model", [Patient, Session, TranscriptPart, ReportContent, SignedReport, Bill])
def test_fields_marked_encrypted_are_ciphertext_in_the_database(journey: Journey, model: type[Record]) -> None:
    path = f"clinics/{journey.clinic.id}/{model.path_of(_id_of(model, journey))}"

    [document] = [
        document for document in stored_documents(journey.clinic.stack) if document.name.endswith(f"/documents/{path}")
    ]

    sealed = document.fields["sealed"].map_value.fields
    marks = fields_of(model)
    assert not marks.encrypted & document.fields.keys()
    assert sealed and sealed.keys() <= marks.encrypted
    assert all(len(value.bytes_value) > 28 and not _is_json(value.bytes_value) for value in sealed.values())


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _id_of(model: type[Record], journey: Journey) -> str:
    report = f"{journey.session_id}-r1"
    ids: dict[type[Record], str] = {
        Patient: journey.session_id.partition("-")[0],
        Session: journey.session_id,
        TranscriptPart: part_id(f"{journey.session_id}-t1", 1),
        ReportContent: report,
        SignedReport: report,
        Bill: f"{journey.session_id}-bill",
    }
    return ids[model]
