"""Signed reports, and forged proofs in their place, as an attacker with access to the database could write them."""

from __future__ import annotations

import base64
import json
from typing import Any

from shared.records.record import session_of
from shared.records.reports.signed import SignedReport
from shared.records.reports.signed_payload import SignedPayload, digest_of
from shared.records.types import STORED
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.vault import kms
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import end_session, plant_report
from tools import google_firestore


def sign(clinic: TestClinic, report_id: str, etag: str = '"1"') -> Reply:
    """The doctor completes the session, if it is open, and signs the report after a fresh sign-in."""
    end_session(clinic, session_of(report_id))
    clinic.doctor.sign_in()
    return clinic.doctor.post(f"/reports/{report_id}/sign", {}, etag=etag).ok()


def signed_report(clinic: TestClinic, patient_id: str | None = None) -> str:
    """A new signed report, of a new patient by default; returns its id."""
    values = {"patient_id": patient_id} if patient_id else {}
    report_id = plant_report(clinic, str(clinic.session(**values).body["id"]))
    sign(clinic, report_id)
    return report_id


def signed_visit_with(clinic: TestClinic, text: str) -> str:
    """A completed visit of a new patient, with a signed report in whose assessment the doctor wrote this; the patient's
    id."""
    session = clinic.session().body
    report = plant_report(clinic, session["id"])
    written = {"edits": [{"section": "assessment", "text": text}]}
    version = clinic.doctor.put(f"/reports/{report}", written, etag='"1"').ok().etag
    end_session(clinic, session["id"])
    clinic.doctor.post(f"/reports/{report}/sign", {}, etag=version).ok()
    return str(session["patient_id"])


def stored_proof(clinic: TestClinic, report_id: str) -> SignedReport:
    """The proof of a report, opened."""
    return system_clinic(clinic.id, "look").perform("report.read", lambda work: work.get(SignedReport.ref(report_id)))


def forge(clinic: TestClinic, report_id: str, canonical: str, signature: bytes | str) -> None:
    """Store a proof with the keys of the clinic; `signature` is DER, or text that is stored as it is."""
    encoded = signature if isinstance(signature, str) else base64.b64encode(signature).decode()

    def transaction(work: UnitOfWork) -> None:
        proof = SignedReport.new(report_id, work.stamp, canonical=canonical, signature=encoded)
        work.prefetch(SignedReport.ref(report_id))
        work.upsert(proof)

    system_clinic(clinic.id, "forged").perform("report.sign", transaction)


def resigned(proof: SignedReport, key_version: str = "", **changes: Any) -> tuple[str, bytes]:
    """The payload of a proof with another content, genuinely signed; `changes` are fields of the snapshot."""
    plain = json.loads(proof.canonical)
    plain["report"] |= changes
    plain["key_version"] = key_version or plain["key_version"]
    canonical = SignedPayload.model_validate_json(json.dumps(plain), context=STORED).canonical()
    return canonical.decode(), kms.sign(digest_of(canonical)).signature


def raw(clinic: TestClinic, path: str) -> dict[str, Any]:
    """A document as it is stored."""
    return google_firestore.client().document(f"clinics/{clinic.id}/{path}").get().to_dict() or {}


def put_back(clinic: TestClinic, path: str, document: dict[str, Any]) -> None:
    """Overwrite a document with an earlier or another one."""
    google_firestore.client().document(f"clinics/{clinic.id}/{path}").set(document)
