"""The offline verifier: a genuine report is valid, and what is wrong with an altered one is named."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from shared.records.claims.doubt import DoubtKind
from shared.records.reports.signed import SignedCopy, SignedPart
from tests.support.factories import BY_DOCTOR, NOON, content, doubt, patient, report, session, settings, statement
from tests.support.resolutions import with_resolutions
from tools import verify_report
from tools.openapi import factories
from tools.verify_report import MEMBERS, canonicalized, verify

Copy = dict[str, Any]


def pem_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form).decode()


KEY, OTHER_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
PUBLISHED = pem_of(KEY).encode()


def signed_copy(canonical: bytes | None = None, key: ec.EllipticCurvePrivateKey = KEY) -> Copy:
    """What the service answers; `canonical` replaces the signed bytes."""
    doubted = statement(text="Schläft “schlecht” 𝄞.", doubts=[doubt(DoubtKind.DRUG_NOT_IN_EVIDENCE, "𝄞")])
    said = with_resolutions(content(doubted), BY_DOCTOR)
    payload = factories.signed_payload(report(), said, session(), patient(), settings(), signed_at=NOON)
    canonical = payload.canonical() if canonical is None else canonical
    copy = SignedCopy(
        report_id=payload.report.report_id,
        canonical=base64.b64encode(canonical).decode(),
        content_digest=hashlib.sha256(canonical).hexdigest(),
        signature=base64.b64encode(key.sign(canonical, ec.ECDSA(hashes.SHA256()))).decode(),
        key_version=payload.key_version,
        public_key=pem_of(key),
    )
    return copy.model_dump(mode="json")


def names(content: bytes | Copy, *published: bytes) -> list[str]:
    """The names of the problems."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return [problem.name for problem in verify(text, *(published or [PUBLISHED])).problems]


def payload_of(copy: Copy) -> Any:
    return json.loads(base64.b64decode(copy["canonical"]))


def with_payload(change: Callable[[Any], None]) -> Copy:
    """A copy whose bytes were changed and signed again by the right key, with the right digest."""
    payload = payload_of(signed_copy())
    change(payload)
    return signed_copy(rfc8785.dumps(payload))


def altered(**changes: Any) -> Copy:
    """A genuine copy with other members; None takes one away."""
    changed = {**signed_copy(), **changes}
    return {name: value for name, value in changed.items() if value is not None}


def other_bytes(old: str, new: str) -> str:
    return base64.b64encode(base64.b64decode(signed_copy()["canonical"]).replace(old.encode(), new.encode())).decode()


def test_a_genuine_report_is_valid() -> None:
    result = verify(json.dumps(signed_copy()).encode(), PUBLISHED)

    assert result.problems == []
    assert result.payload["report"]["statements"][0]["text"] == "Schläft “schlecht” 𝄞."
    assert result.pinned


def test_the_members_are_those_of_the_service() -> None:
    assert set(MEMBERS) == SignedPart.model_fields.keys()
    assert SignedCopy.model_fields.keys() - SignedPart.model_fields.keys() == {
        "cosignature", "addenda", "superseded_by",
    }  # fmt: skip


FALSE = base64.b64decode(other_bytes("schlecht", "gut"))
"""Signed bytes with another text."""
DER = base64.b64decode(signed_copy()["signature"])
ALTERED: dict[str, tuple[bytes | Copy, list[str]]] = {
    "no JSON": (b"<html>", ["not-json"]),
    "no object": (b"[]", ["not-json"]),
    "nothing": (b"", ["not-json"]),
    "other encoding": ("{}".encode("utf-16"), ["not-json"]),
    "deep": (b"[" * 100_000, ["not-json"]),
    "a member twice": (json.dumps(signed_copy()).replace("{", '{"report_id":"x",', 1).encode(), ["not-json"]),
    **{f"no {name}": (altered(**{name: None}), ["missing-member"]) for name in MEMBERS},
    "several members missing": (altered(signature=None, algorithm=None), ["missing-member", "missing-member"]),
    "a number as digest": (altered(content_digest=5), ["not-text"]),
    "bytes not base64": (altered(canonical="%%%"), ["not-base64"]),
    "signature not base64": (altered(signature="MEUC IQ"), ["not-base64"]),
    "another text": (altered(canonical=other_bytes("schlecht", "gut")), ["digest-mismatch", "signature-wrong"]),
    "another digest": (altered(content_digest="0" * 64), ["digest-mismatch"]),
    "another text and its digest": (
        {
            **signed_copy(FALSE),
            "signature": signed_copy()["signature"],
        },
        ["signature-wrong"],
    ),
    "spaces": (signed_copy(FALSE.replace(b'":', b'": ')), ["not-canonical"]),
    "other order": (
        signed_copy(json.dumps(payload_of(signed_copy()), sort_keys=False, indent=0).encode()),
        ["not-canonical"],
    ),
    "a name twice": (signed_copy(FALSE.replace(b"{", b'{"a":1,"a":2,', 1)), ["not-canonical"]),
    "bytes no JSON": (signed_copy(b"\xff\xfe"), ["not-canonical"]),
    "bytes no report": (signed_copy(b'{"bill":1}'), ["not-a-report"]),
    "bytes a list": (signed_copy(b"[]"), ["not-a-report"]),
    "random signature": (altered(signature=base64.b64encode(b"x" * 70).decode()), ["signature-malformed"]),
    "cut signature": (altered(signature=base64.b64encode(DER[:-1]).decode()), ["signature-malformed"]),
    "longer signature": (altered(signature=base64.b64encode(DER + b"x").decode()), ["signature-malformed"]),
    "empty signature": (altered(signature=""), ["signature-malformed"]),
    "signature of another report": (
        altered(signature=with_payload(lambda p: p["report"].update(version=2))["signature"]),
        ["signature-wrong"],
    ),
    "other algorithm": (altered(algorithm="RSA_SIGN_PKCS1_2048_SHA256"), ["unknown-algorithm"]),
    "other key version": (altered(key_version="projects/p/cryptoKeyVersions/2"), ["key-version-differs"]),
    "other report id": (altered(report_id="somebody-visit-r1"), ["report-id-differs"]),
    "other key enclosed": (altered(public_key=pem_of(OTHER_KEY)), ["key-not-published", "wrong-key"]),
    "signed by another key": (signed_copy(key=OTHER_KEY), ["key-not-published"]),
    "no key": (altered(public_key="-----BEGIN PUBLIC KEY-----"), ["public-key-unreadable"]),
    "key of another type": (altered(public_key=pem_of(rsa.generate_private_key(65537, 2048))), ["wrong-key-type"]),
    "key of another curve": (altered(public_key=pem_of(ec.generate_private_key(ec.SECP384R1()))), ["wrong-key-type"]),
}


@pytest.mark.parametrize(("content", "expected"), ALTERED.values(), ids=ALTERED)
def test_what_is_wrong_is_named(content: bytes | Copy, expected: list[str]) -> None:
    assert sorted(names(content)) == sorted(expected)


def test_without_a_published_key_another_signer_goes_unnoticed_and_the_result_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "copy.json"
    file.write_text(json.dumps(signed_copy(key=OTHER_KEY)))

    assert verify_report.main([str(file)]) == 0

    assert capsys.readouterr().out.startswith("VALID for the enclosed key, which was compared with no published key")
    alone = verify(json.dumps(altered(public_key=pem_of(OTHER_KEY))).encode())
    assert [problem.name for problem in alone.problems] == ["signature-wrong"]


def test_an_unreadable_published_key_is_named() -> None:
    assert names(signed_copy(), b"no key") == ["published-key-unreadable"]


def test_it_runs_as_one_file_from_standard_input(tmp_path: Path) -> None:
    shutil.copy(verify_report.__file__, tmp_path / "verify.py")
    (tmp_path / "published.pem").write_bytes(PUBLISHED)
    command = [sys.executable, "-I", "verify.py", "--public-key", "published.pem"]

    def run(content: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command, cwd=tmp_path, input=content, capture_output=True, timeout=60, check=False)

    valid, wrong = run(json.dumps(signed_copy()).encode()), run(json.dumps(altered(report_id="x")).encode())

    assert (valid.returncode, wrong.returncode) == (0, 1)
    lines = valid.stdout.decode().splitlines()
    assert lines[0] == "VALID"
    assert "signer:     Meera Iyer, licence KMC 45821" in lines
    assert "resolved:   1 doubts or omissions, by a doctor with a reason" in lines
    assert wrong.stdout.decode().splitlines()[:2] == [
        "NOT VALID",
        "report-id-differs: report_id is not the one in the signed bytes",
    ]


def test_a_missing_file_is_a_wrong_argument(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_report.main([str(tmp_path / "missing.json")]) == 2
    assert "missing.json" in capsys.readouterr().err


def test_only_cryptography_and_the_standard_library_are_imported() -> None:
    source = Path(verify_report.__file__).read_text().splitlines()

    imported = {line.split()[1].partition(".")[0] for line in source if line.startswith(("import ", "from "))}
    assert imported - sys.stdlib_module_names == {"cryptography"}


numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


@given(values)
def test_the_canonical_form_is_that_of_the_library_that_signs(value: Any) -> None:
    assert canonicalized(value) == rfc8785.dumps(value)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail(content: bytes) -> None:
    assert names(content)
    assert names(signed_copy(content))
