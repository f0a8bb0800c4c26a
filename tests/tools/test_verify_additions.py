"""The offline verifier, on a report with co-signature and addenda: what was exchanged, left out or altered is named."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from shared.records.reports.additions import AddendumPayload, CosignaturePayload
from shared.records.reports.signed import Declaration, Meaning
from shared.records.reports.signed_payload import SignedPayload
from shared.records.types import STORED
from tests.support.factories import NOON, content, patient, report, session, settings, statement
from tests.tools.test_verify_report import KEY, OTHER_KEY, PUBLISHED, Copy, names, pem_of
from tools import verify_report
from tools.openapi import factories
from tools.verify_report import verify

SUPERVISOR = "supervisor"
GOLDEN = Path(__file__).with_name("golden_signed_report.json")
"""A report that was signed before the signed bytes had a format, with the public key of its signature."""


def part(payload: SignedPayload | CosignaturePayload | AddendumPayload, key: ec.EllipticCurvePrivateKey = KEY) -> Copy:
    canonical = payload.canonical()
    of = payload.report if isinstance(payload, SignedPayload) else payload
    return {
        "report_id": of.report_id,
        "canonical": base64.b64encode(canonical).decode(),
        "content_digest": hashlib.sha256(canonical).hexdigest(),
        "signature": base64.b64encode(key.sign(canonical, ec.ECDSA(hashes.SHA256()))).decode(),
        "algorithm": verify_report.ALGORITHM,
        "key_version": payload.key_version,
        "public_key": pem_of(key),
    }


def payload_of(text: str = "Sleeps badly.", cosigner_id: str | None = None) -> SignedPayload:
    said = content(statement(text=text))
    made = factories.signed_payload(report(), said, session(), patient(), settings(), signed_at=NOON)
    return made.model_copy(update={"cosigner_id": cosigner_id})


def about(of: SignedPayload) -> dict[str, Any]:
    named = ("clinic_id", "patient_id", "session_id", "report_id", "report_number", "time_zone")
    declaration = {name: getattr(of, name) for name in Declaration.model_fields}
    digest = hashlib.sha256(of.canonical()).hexdigest()
    return {**declaration, **{name: getattr(of.report, name) for name in named}, "report_digest": digest}


def addenda(of: SignedPayload, *texts: str) -> list[Copy]:
    made: list[Copy] = []
    for number, text in enumerate(texts, start=1):
        previous = made[-1]["content_digest"] if made else None
        made.append(part(AddendumPayload(**about(of), number=number, previous_digest=previous, text=text)))
    return made


def cosignature(of: SignedPayload, **values: Any) -> Copy:
    signed = {**about(of), "version": 1, "meaning": Meaning.APPROVER, "signer_id": SUPERVISOR, **values}
    return part(CosignaturePayload(**signed))


PLAIN, OTHER = payload_of(), payload_of("Sleeps well.")
OF_TRAINEE = payload_of(cosigner_id=SUPERVISOR)
FIRST, SECOND, THIRD = addenda(PLAIN, "TSH normal.", "Told by telephone.", "Dose stays.")
INSTEAD = addenda(PLAIN, "TSH raised.")[0]
"""Genuine, but not the addendum that the second one names."""

ALONE = AddendumPayload(**about(PLAIN), number=1, previous_digest=None, text="x")
BY_ANOTHER_KEY = part(ALONE, OTHER_KEY)


def with_byte(copy: Copy) -> Copy:
    """The copy with one changed byte of its signed bytes, and with the digest of these."""
    changed = bytearray(base64.b64decode(copy["canonical"]))
    changed[changed.index(b"normal")] ^= 1
    canonical = base64.b64encode(changed).decode()
    return {**copy, "canonical": canonical, "content_digest": hashlib.sha256(changed).hexdigest()}


FILES: dict[str, tuple[Copy, list[str]]] = {
    "a report with addenda": ({**part(PLAIN), "cosignature": None, "addenda": [FIRST, SECOND, THIRD]}, []),
    "a co-signed report": ({**part(OF_TRAINEE), "cosignature": cosignature(OF_TRAINEE), "addenda": []}, []),
    "an addendum alone": (SECOND, []),
    "a co-signature alone": (cosignature(OF_TRAINEE), []),
    "without the last addendum": ({**part(PLAIN), "addenda": [FIRST, SECOND]}, []),  # nobody can know of it
    "without an addendum between": ({**part(PLAIN), "addenda": [FIRST, THIRD]}, ["addendum-missing"]),
    "without the first addendum": ({**part(PLAIN), "addenda": [SECOND, THIRD]}, ["addendum-missing"]),
    "in another order": ({**part(PLAIN), "addenda": [SECOND, FIRST]}, ["addenda-out-of-order"]),
    "one twice": ({**part(PLAIN), "addenda": [FIRST, FIRST]}, ["addenda-out-of-order"]),
    "one exchanged": ({**part(PLAIN), "addenda": [INSTEAD, SECOND]}, ["addendum-chain-broken"]),
    "of another report": ({**part(PLAIN), "addenda": addenda(OTHER, "TSH normal.")}, ["other-report"]),
    "one changed byte": ({**part(PLAIN), "addenda": [with_byte(FIRST)]}, ["signature-wrong"]),
    "no list": ({**part(PLAIN), "addenda": {"1": FIRST}}, ["not-a-list"]),
    "an addendum without its signature": (
        {**part(PLAIN), "addenda": [{**FIRST, "signature": None}]},
        ["not-text"],
    ),
    "an addendum that is none": ({**part(PLAIN), "addenda": [cosignature(PLAIN)]}, ["not-an-addition"]),
    "by another key": (
        {**part(PLAIN), "addenda": [BY_ANOTHER_KEY]},
        ["key-not-published"],
    ),
    "without the co-signature": ({**part(OF_TRAINEE), "cosignature": None}, ["cosignature-missing"]),
    "an earlier file without it": (part(OF_TRAINEE), ["cosignature-missing"]),
    "co-signed by another": (
        {**part(OF_TRAINEE), "cosignature": cosignature(OF_TRAINEE, signer_id="colleague")},
        ["cosigner-differs"],
    ),
    "co-signed though nobody asked": ({**part(PLAIN), "cosignature": cosignature(PLAIN)}, ["cosigner-differs"]),
    "the co-signature of another": ({**part(OF_TRAINEE), "cosignature": cosignature(OTHER)}, ["other-report"]),
    "an addendum as co-signature": ({**part(OF_TRAINEE), "cosignature": FIRST}, ["not-an-addition"]),
}  # fmt: skip


@pytest.mark.parametrize(("copy", "expected"), FILES.values(), ids=FILES)
def test_what_is_wrong_is_named(copy: Copy, expected: list[str]) -> None:
    assert names(copy) == expected


def test_after_a_rotation_each_key_is_published() -> None:
    copy = {**part(PLAIN), "addenda": [BY_ANOTHER_KEY]}

    assert names(copy, PUBLISHED, pem_of(OTHER_KEY).encode()) == []


def test_the_result_tells_who_signed_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def lines(copy: Copy) -> list[str]:
        file = tmp_path / "copy.json"
        file.write_text(json.dumps(copy))
        assert verify_report.main([str(file)]) == 0
        return capsys.readouterr().out.splitlines()

    of_trainee = {
        **part(OF_TRAINEE),
        "cosignature": cosignature(OF_TRAINEE),
        "addenda": addenda(OF_TRAINEE, "TSH\nnormal."),
    }
    told, alone = lines(of_trainee), lines(SECOND)

    assert [line for line in told if line.startswith("meaning")] == [
        "meaning:    author", "meaning:    approver", "meaning:    author",
    ]  # fmt: skip
    assert "addendum 1: TSH normal." in told
    assert alone[1].startswith(f"addendum to report {PLAIN.report.report_number}")
    assert hashlib.sha256(PLAIN.canonical()).hexdigest() in alone[1]


def test_a_report_that_was_signed_in_the_first_format_still_verifies() -> None:
    copy = json.loads(GOLDEN.read_text())

    result = verify(GOLDEN.read_bytes(), copy["public_key"].encode())

    assert result.problems == []
    canonical = base64.b64decode(copy["canonical"])
    payload = SignedPayload.model_validate_json(canonical, context=STORED)
    assert (payload.format, payload.cosigner_id, payload.report.reviews) == (1, None, [])
    assert payload.report.statements[0].text == "Schläft “schlecht” 𝄞."
    altered = canonical.replace(b"schlecht", b"besser")
    changed = {**copy, "canonical": base64.b64encode(altered).decode()}
    assert names(changed, copy["public_key"].encode()) == ["digest-mismatch", "signature-wrong"]
