"""Encrypting and decrypting a full patient record, compared with EncryptedType of the customer's specification.

Ours is the whole codec, from the record to its document and back: each field is bound to clinic, key, record and field,
and the model validates the result. Theirs is `StringEncryptedType` with `AesGcmEngine` on the same values one by one,
already converted to text, without the database row. EncryptedType has no search tokens; they are measured separately.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy
import tink
from sqlalchemy.dialects import sqlite
from sqlalchemy_utils.types.encrypted import encrypted_type
from tink import aead, mac, prf

from bench.measure import Comparison, medians, timed
from shared.records.partial_date import PartialDate
from shared.records.patients.age import EstimatedAge
from shared.records.patients.death import Death
from shared.records.patients.details import Address, EmergencyContact, Insurance
from shared.records.patients.patient import Patient
from shared.records.patients.person_name import LatinName
from shared.records.patients.terms import terms_of
from shared.records.patients.update import NewPatient
from shared.records.privacy import fields_of
from shared.records.record import Stamp
from shared.store import codec
from shared.vault.keyring import Keyring

BOUND = 1.0
"""The codec is no slower, including binding and validation."""
RECORDS = 200
"""Records in one measurement."""
CLINIC, KEY = "bench", "patient/care"


def compare(rounds: int) -> list[Comparison]:
    """Seconds for a record: encrypted and decrypted by the codec and by EncryptedType."""
    record, sealer, engine = full_patient(), new_aead(), SqlAlchemyFields()
    document, values = codec.encode(record, sealer, CLINIC, KEY), plain_values(record)
    row = engine.seal(values)
    seconds = medians(
        rounds,
        {
            "seal": timed(lambda: codec.encode(record, sealer, CLINIC, KEY), RECORDS),
            "seal theirs": timed(lambda: engine.seal(values), RECORDS),
            "open": timed(lambda: codec.decode(Patient, document, sealer, CLINIC, KEY), RECORDS),
            "open theirs": timed(lambda: engine.open(row), RECORDS),
        },
    )
    return [Comparison(what, seconds[what], seconds[f"{what} theirs"], BOUND) for what in ("seal", "open")]


def token_seconds(rounds: int) -> tuple[int, float]:
    """The number of search tokens of the record in one scope, and the seconds to compute them."""
    record, keyring = full_patient(), new_keyring()
    terms = terms_of(record)

    def tokens() -> list[bytes]:
        return [keyring.token("front-desk", kind, value) for kind, value in terms_of(record)]

    return len(terms), medians(rounds, {"tokens": timed(tokens, RECORDS)})["tokens"]


class SqlAlchemyFields:
    """The fields as columns of EncryptedType, which derives its key again for every value."""

    def __init__(self) -> None:
        untyped: Any = encrypted_type
        engine = untyped.AesGcmEngine
        self._column = untyped.StringEncryptedType(sqlalchemy.Unicode, "a key of the application", engine)
        self._dialect = sqlite.dialect()

    def seal(self, values: dict[str, str]) -> dict[str, str]:
        return {name: self._column.process_bind_param(value, self._dialect) for name, value in values.items()}

    def open(self, row: dict[str, str]) -> dict[str, str]:
        return {name: self._column.process_result_value(value, self._dialect) for name, value in row.items()}


def full_patient() -> Patient:
    """A patient with a value in every field."""
    new = NewPatient(
        first_name="Ananya",
        last_name="Krishnamurthy",
        preferred_name="Anu",
        latin_name=LatinName(first_name="Ananya", last_name="Krishnamurthy"),
        date_of_birth=date(1991, 4, 17),
        gender="female",
        primary_phone="+919845012345",
        secondary_phone="+918041234567",
        email="ananya@example.org",
        address=Address(
            lines=["14 Lake View Road", "Third Block"], city="Bengaluru", postal_code="560034", country="IN"
        ),
        occupation="Architect",
        marital_status="married",
        preferred_language="kn-IN",
        emergency_contact=EmergencyContact(name="Vikram Krishnamurthy", phone="+919845054321", relationship="husband"),
        insurance=Insurance(provider_name="Example Health", policy_number="EH-4471-0093", group_number="G-17"),
        tags=["follow-up", "anxiety group"],
        blood_group="B+",
        allergies=["penicillin", "peanuts"],
        medical_history="Depressive episode in 2019, treated for eight months. Thyroid normal in 2024. " * 8,
        current_medications=["sertraline 50 mg", "thyroxine 25 mcg"],
        notes="Prefers morning appointments. Sister may be called. " * 4,
    )
    at = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
    made = Patient.register(new, Stamp("doctor", at), id="benchpatient", number="PAT-20260001", owner_id="doctor")
    died = Death(date=PartialDate.of(at.date()), recorded_on=at.date())
    return made.model_copy(update={"estimated_age": EstimatedAge(years=35, as_of=at.date()), "deceased": died})


def plain_values(record: Patient) -> dict[str, str]:
    """The encrypted fields, each as text."""
    values: dict[str, Any] = record.model_dump(mode="json")
    names = [name for name in sorted(fields_of(Patient).encrypted) if values[name] is not None]
    return {name: value if isinstance(value := values[name], str) else json.dumps(value) for name in names}


def new_aead() -> aead.Aead:
    aead.register()
    return tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM).primitive(aead.Aead)


def new_keyring() -> Keyring:
    prf.register()
    mac.register()
    search = tink.new_keyset_handle(prf.prf_key_templates.HMAC_SHA256).primitive(prf.PrfSet)
    audit = tink.new_keyset_handle(mac.mac_key_templates.HMAC_SHA256_256BITTAG).primitive(mac.Mac)
    return Keyring(CLINIC, new_aead(), search, audit)
