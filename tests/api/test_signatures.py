"""Signed reports: every read verifies the proof and is answered from it; nothing changes a report that has one."""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.cloud import kms_v1
from pypdf import PdfReader

from local.stack.environment import KEY_RING, SIGNING_KEY
from shared.records.reports.signed_payload import digest_of
from shared.vault import kms
from tests.support.audit import audit_of, new_trace
from tests.support.call_counts import DECRYPT, GET_PUBLIC_KEY, calls_during, commit, reads
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, confirm_identity
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter, plant_report
from tests.support.proofs import forge, put_back, raw, resigned, sign, signed_report, stored_proof
from tools import google_firestore

SIGNATURE_INVALID = "signature-invalid"
TEXT = "Sleeps badly since March."
EXPORT_FIELDS = ("exported_formats", "last_exported_by", "last_exported_at")
"""What the PDF writes at the report."""
READS: dict[str, Callable[[ApiClient, str], Reply]] = {
    "json": lambda user, report: user.get(f"/reports/{report}"),
    "pdf": lambda user, report: user.pdf(f"/reports/{report}/pdf"),
    "copy": lambda user, report: user.get(f"/reports/{report}/signed"),
    "list": lambda user, report: user.get(f"/patients/{report.partition('-')[0]}/reports"),
}


@pytest.fixture
def report(clinic: TestClinic) -> str:
    """A signed report."""
    return signed_report(clinic)


def assert_refused(clinic: TestClinic, report: str, reason: str) -> None:
    """Every read is refused without content, audited and logged; every change is refused as of a signed report."""
    for name, read in READS.items():
        refused = read(clinic.doctor, report).refused(500, SIGNATURE_INVALID)
        assert b"Sleeps" not in refused.content, name
        assert "detail" not in refused.body
    assert events(clinic, report) == [reason] * len(READS)
    assert_unchangeable(clinic, report)


def assert_unchangeable(clinic: TestClinic, report: str) -> None:
    """Corrections, reviews, another signature and another draft are conflicts, whatever the plain status says."""
    etag = f'"{raw(clinic, f"reports/{report}")["revision"]}"'
    before = raw(clinic, f"reports/{report}/bodies/content")
    edit = {"edits": [{"statement_id": "s1", "text": "Changed after signing.", "reason": "late"}]}
    clinic.doctor.sign_in()
    clinic.doctor.put(f"/reports/{report}", edit, etag=etag).refused(409, "conflict")
    clinic.doctor.post(f"/reports/{report}/review", key="", etag=etag).refused(409, "conflict")
    clinic.doctor.post(f"/reports/{report}/sign", {}, key="", etag=etag).refused(409, "conflict")
    clinic.doctor.post(f"/sessions/{report.removesuffix('-r1')}/generate-report").refused(409, "conflict")
    assert raw(clinic, f"reports/{report}/bodies/content") == before


def events(clinic: TestClinic, report: str) -> list[str]:
    """The reasons of the security events that the functions logged about a report."""
    lines = [line for name in ("reports", "patients") for line in log_of(clinic, name, report)]
    found = [entry for entry in lines if entry.get("message") == "signature invalid" and entry["id"] == report]
    assert all(entry["severity"] == "CRITICAL" and entry["logger"] == "synapse.security" for entry in found)
    assert all(entry["clinic_id"] == clinic.id for entry in found)
    return [entry["reason"] for entry in found]


def log_of(clinic: TestClinic, function: str, report: str) -> list[dict[str, str]]:
    """The entries of a function's log that name a report."""
    lines = (clinic.stack.logs / f"{function}.log").read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{") and report in line]


# Altered proofs


@pytest.mark.parametrize("signature", [bytes(range(70)), b"", "no base64!", "ü", "AAAA"])
def test_random_bytes_instead_of_the_signature_are_refused(
    clinic: TestClinic, report: str, signature: bytes | str
) -> None:
    forge(clinic, report, stored_proof(clinic, report).canonical, signature)

    malformed = signature in ("no base64!", "ü")
    assert_refused(clinic, report, "signature_malformed" if malformed else "signature_wrong")


def test_other_bytes_under_a_genuine_signature_are_refused(clinic: TestClinic, report: str) -> None:
    proof = stored_proof(clinic, report)

    forge(clinic, report, proof.canonical.replace(TEXT, "Sleeps well: morphine 500 mg."), proof.signature)

    assert_refused(clinic, report, "signature_wrong")


@pytest.mark.parametrize("canonical", ["", "{}", "no JSON", "[]"], ids=repr)
def test_bytes_that_are_no_report_are_refused(clinic: TestClinic, report: str, canonical: str) -> None:
    forge(clinic, report, canonical, stored_proof(clinic, report).signature)

    assert_refused(clinic, report, "payload_unreadable")


def test_the_proof_of_another_report_is_refused(clinic: TestClinic, report: str) -> None:
    other = signed_report(clinic, patient_id=report.partition("-")[0])

    put_back(clinic, f"reports/{report}/bodies/signed", raw(clinic, f"reports/{other}/bodies/signed") | {"id": report})

    assert_refused(clinic, report, "other_report")
    READS["json"](clinic.doctor, other).ok()


@pytest.mark.parametrize(
    "changes", [{"clinic_id": "begonia"}, {"patient_id": "somebody"}, {"session_id": "x"}, {"report_id": "y"}], ids=str
)
def test_a_genuine_signature_of_another_clinic_patient_session_or_report_is_refused(
    clinic: TestClinic, report: str, changes: dict[str, str]
) -> None:
    forge(clinic, report, *resigned(stored_proof(clinic, report), **changes))

    assert_refused(clinic, report, "other_report")


def test_the_proof_of_another_clinic_is_refused(clinic: TestClinic, other_clinic: TestClinic, report: str) -> None:
    other_clinic.doctor.put("/profile", {"first_name": "A", "last_name": "B", "licence_number": "C 1"}).ok()
    confirm_identity(other_clinic, other_clinic.doctor)
    foreign = stored_proof(other_clinic, signed_report(other_clinic))

    forge(clinic, report, foreign.canonical, foreign.signature)

    assert_refused(clinic, report, "other_report")


# Foreign keys


def test_a_genuine_signature_of_a_foreign_key_is_refused_without_asking_kms(clinic: TestClinic, report: str) -> None:
    version = foreign_key_version(clinic)
    canonical, _ = resigned(stored_proof(clinic, report), key_version=version)
    made = kms_client(clinic).asymmetric_sign(
        request={"name": version, "digest": {"sha256": digest_of(canonical.encode())}}
    )
    forge(clinic, report, canonical, bytes(made.signature))

    calls = calls_during(
        clinic, "reports", lambda: READS["json"](clinic.doctor, report).refused(500, SIGNATURE_INVALID)
    )

    assert [call for call in calls if call[0] == "kms"] == []
    assert events(clinic, report) == ["foreign_key"]


@pytest.mark.parametrize(
    "version",
    [
        SIGNING_KEY,
        f"{SIGNING_KEY}/cryptoKeyVersions/0",
        f"{SIGNING_KEY}/cryptoKeyVersions/1/x",
        f"{SIGNING_KEY}2/cryptoKeyVersions/1",
        f"{KEY_RING}/cryptoKeys/sealing/cryptoKeyVersions/1",
        f"x/{SIGNING_KEY}/cryptoKeyVersions/1",
    ],
)
def test_a_name_that_is_no_version_of_the_signing_key_is_refused(clinic: TestClinic, report: str, version: str) -> None:
    forge(clinic, report, *resigned(stored_proof(clinic, report), key_version=version))

    assert_refused(clinic, report, "foreign_key")


def test_a_version_that_the_signing_key_does_not_have_is_refused(clinic: TestClinic, report: str) -> None:
    version = f"{SIGNING_KEY}/cryptoKeyVersions/77"
    forge(clinic, report, *resigned(stored_proof(clinic, report), key_version=version))

    assert_refused(clinic, report, "key_version_unavailable")


def test_a_report_signed_with_an_earlier_or_later_version_of_the_key_is_read(clinic: TestClinic, report: str) -> None:
    client = kms_client(clinic)
    version = client.create_crypto_key_version(request={"parent": SIGNING_KEY}).name
    canonical, _ = resigned(stored_proof(clinic, report), key_version=version)
    made = client.asymmetric_sign(request={"name": version, "digest": {"sha256": digest_of(canonical.encode())}})
    forge(clinic, report, canonical, bytes(made.signature))

    assert READS["json"](clinic.doctor, report).ok().body["signature"]["key_version"] == version
    assert READS["copy"](clinic.doctor, report).ok().body["key_version"] == version


# Mutable documents


def test_an_older_content_put_back_does_not_change_what_is_read(clinic: TestClinic) -> None:
    report = plant_report(clinic, str(clinic.session().body["id"]))
    older = raw(clinic, f"reports/{report}/bodies/content")
    edit = {"statement_id": "s1", "text": "Lithium 300 mg once daily.", "reason": "Misheard"}
    corrected = clinic.doctor.put(f"/reports/{report}", {"edits": [edit], "correction_notes": "n"}, etag='"1"').ok()
    signed = sign(clinic, report, corrected.etag)
    pdf = text_of(READS["pdf"](clinic.doctor, report))
    export = {name: READS["json"](clinic.doctor, report).ok().body[name] for name in EXPORT_FIELDS}

    put_back(clinic, f"reports/{report}/bodies/content", older)

    read = READS["json"](clinic.doctor, report).ok().body
    assert read == {**signed.body, **export}
    assert [statement["text"] for statement in read["statements"]] == ["Lithium 300 mg once daily."]
    assert len(read["corrections"]) == 1
    assert "Lithium 300 mg" in read["generated_content"]
    assert text_of(READS["pdf"](clinic.doctor, report)) == pdf
    assert "Lithium 300 mg once daily." in pdf


def test_a_deleted_content_does_not_change_what_is_read(clinic: TestClinic, report: str) -> None:
    before = READS["json"](clinic.doctor, report).ok().body

    google_firestore.client().document(f"clinics/{clinic.id}/reports/{report}/bodies/content").delete()

    assert READS["json"](clinic.doctor, report).ok().body == before


@pytest.mark.parametrize("status", ["completed", "failed", "pending", "generating"])
def test_a_flipped_status_neither_opens_a_signed_report_nor_is_shown(
    clinic: TestClinic, report: str, status: str
) -> None:
    before = READS["json"](clinic.doctor, report).ok().body

    flipped = {"status": status, "version": 7, "signed_by": None, "signed_at": None, "manually_edited": True}
    alter(clinic, f"reports/{report}", flipped)

    assert READS["json"](clinic.doctor, report).ok().body == before
    (listed,) = READS["list"](clinic.doctor, report).ok().body["items"]
    assert listed.items() <= before.items()
    assert "Electronically signed" in text_of(READS["pdf"](clinic.doctor, report))
    assert_unchangeable(clinic, report)


def test_a_task_does_not_write_over_a_signed_report(clinic: TestClinic, report: str) -> None:
    before = raw(clinic, f"reports/{report}/bodies/content")
    alter(clinic, f"reports/{report}", {"status": "pending", "signed_at": None})
    task = {"clinic_id": clinic.id, "report_id": report, "attempt": 1}

    headers = [("Content-Type", "application/json"), clinic.stack.authorization("write_report")]
    answer = clinic.stack.functions.request("write_report", "POST", "/", headers, json.dumps(task).encode())

    assert answer.status == 204, "a redelivery would find the same"
    assert raw(clinic, f"reports/{report}")["status"] == "pending"
    assert raw(clinic, f"reports/{report}/bodies/content") == before


def test_a_report_that_says_signed_and_has_no_proof_is_refused(clinic: TestClinic, report: str) -> None:
    proof = google_firestore.client().document(f"clinics/{clinic.id}/reports/{report}/bodies/signed")
    proof.delete()

    for read in READS.values():
        read(clinic.doctor, report).refused(500, SIGNATURE_INVALID)
    alter(clinic, f"reports/{report}", {"status": "completed"})
    for read in READS.values():
        read(clinic.doctor, report).refused(500, SIGNATURE_INVALID)

    assert set(events(clinic, report)) == {"proof_missing"}


def test_a_proof_that_is_marked_as_deleted_still_counts(clinic: TestClinic, report: str) -> None:
    before = READS["json"](clinic.doctor, report).ok().body

    alter(clinic, f"reports/{report}/bodies/signed", {"live": False})
    alter(clinic, f"reports/{report}", {"status": "completed", "signed_at": None})

    assert READS["json"](clinic.doctor, report).ok().body == before
    assert_unchangeable(clinic, report)


# The signed copy


def test_the_signed_copy_verifies_without_the_service(clinic: TestClinic, report: str) -> None:
    copy = READS["copy"](clinic.doctor, report).ok().body

    canonical = base64.b64decode(copy["canonical"])
    key = serialization.load_pem_public_key(copy["public_key"].encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(base64.b64decode(copy["signature"]), canonical, ec.ECDSA(hashes.SHA256()))
    assert digest_of(canonical).hex() == copy["content_digest"]
    said = json.loads(canonical)
    assert said["report"]["report_id"] == copy["report_id"] == report
    assert said["report"]["clinic_id"] == clinic.id
    assert said["key_version"] == copy["key_version"] == kms.signing_key_version()
    assert (said["signer_id"], said["identity_confirmed_by"]) == (clinic.doctor.user_id, clinic.admin.user_id)
    assert copy["algorithm"] == "EC_SIGN_P256_SHA256"


def test_there_is_no_signed_copy_of_a_draft(clinic: TestClinic) -> None:
    report = plant_report(clinic, str(clinic.session().body["id"]))

    clinic.doctor.get(f"/reports/{report}/signed").refused(409, "conflict")


def test_the_signed_copy_is_for_readers_of_reports_and_audited(
    clinic: TestClinic, other_clinic: TestClinic, report: str
) -> None:
    path, (trace, header) = f"/reports/{report}/signed", new_trace()

    clinic.admin.get(path).ok()
    clinic.receptionist.get(path).refused(403, "forbidden")
    clinic.other_doctor.get(path).refused(404, "not-found")
    other_clinic.doctor.get(path).refused(404, "not-found")
    clinic.doctor.get(path, **header).ok()

    (entry,) = audit_of(clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("report.copy", "done")
    assert entry["patient_ids"] == [report.partition("-")[0]]


def test_a_refused_read_is_audited_with_its_outcome(clinic: TestClinic, report: str) -> None:
    forge(clinic, report, stored_proof(clinic, report).canonical, os.urandom(70))
    trace, header = new_trace()

    clinic.doctor.get(f"/reports/{report}", **header).refused(500, SIGNATURE_INVALID)

    (entry,) = audit_of(clinic, trace)
    assert entry["outcome"] == SIGNATURE_INVALID


# Calls


@pytest.mark.parametrize(
    ("name", "function", "cold", "then", "after", "written"),
    [
        ("json", "reports", [reads(6)], [], [], 2),
        # then whether a signed PDF is kept; who exported the report is written
        ("pdf", "reports", [reads(5)], [], [reads(1)], 3),
        ("copy", "reports", [reads(5)], [], [], 2),
        ("list", "patients", [reads(3)], [("firestore", "RunQuery", 1), reads(1)], [], 2),
    ],
)
def test_a_read_costs_one_public_key_per_process_and_none_when_warm(
    clinic: TestClinic,
    report: str,
    name: str,
    function: str,
    cold: list[object],
    then: list[object],
    after: list[object],
    written: int,
) -> None:
    with clinic.stack.variant({}) as fresh:
        doctor = ApiClient(fresh.url, clinic.doctor.user_id, clinic.id)
        first = calls_during(clinic, function, lambda: READS[name](doctor, report).ok())
        second = calls_during(clinic, function, lambda: READS[name](doctor, report).ok())

    assert first == [*cold, DECRYPT, *then, GET_PUBLIC_KEY, *after, commit(written)]
    assert [call for call in second if call[0] == "kms"] == []
    assert len(second) == len(first) - 2


def test_concurrent_first_reads_ask_for_the_public_key_once(clinic: TestClinic, report: str) -> None:
    replies: list[Reply] = []
    with clinic.stack.variant({}) as fresh:
        doctor = ApiClient(fresh.url, clinic.doctor.user_id, clinic.id)
        calls = calls_during(
            clinic, "reports", lambda: replies.extend(at_once(6, lambda _: READS["json"](doctor, report)))
        )

    assert statuses(replies) == {200: 6}
    assert calls.count(GET_PUBLIC_KEY) == 1


def foreign_key_version(clinic: TestClinic) -> str:
    """A version of a signing key in another key ring."""
    client, parent = kms_client(clinic), KEY_RING.rpartition("/keyRings/")[0]
    ring = client.create_key_ring(request={"parent": parent, "key_ring_id": f"foreign-{clinic.id}"}).name
    key = {"purpose": "ASYMMETRIC_SIGN", "version_template": {"algorithm": "EC_SIGN_P256_SHA256"}}
    made = client.create_crypto_key(request={"parent": ring, "crypto_key_id": "report-signing", "crypto_key": key})
    return f"{made.name}/cryptoKeyVersions/1"


def kms_client(clinic: TestClinic) -> kms_v1.KeyManagementServiceClient:
    endpoint = clinic.stack.client_environment()["KMS_ENDPOINT"]
    return kms_v1.KeyManagementServiceClient(client_options={"api_endpoint": endpoint})


def text_of(reply: Reply) -> str:
    """The text of a PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(reply.ok().content)).pages)
