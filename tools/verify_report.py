#!/usr/bin/env python3
"""Verify a signed report without the service that signed it.

    python verify_report.py copy.json --public-key published.pem

`copy.json` (or standard input) is the answer of `GET /api/v1/reports/{id}/signed`. The file carries a public key, but
whoever forges a report can also enclose a key. So give the key that the operator of the service publishes with
`--public-key`; without it the result only says that the file agrees with itself.

This file needs Python 3.9 or later and the package `cryptography`, nothing else.

Exit status: 0 the report is genuine; 1 something is wrong, and each problem is named; 2 the arguments are wrong.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ALGORITHM = "EC_SIGN_P256_SHA256"
MEMBERS = ("report_id", "canonical", "content_digest", "signature", "algorithm", "key_version", "public_key")
LARGEST = 16_000_000
"""Bytes of the file; a stored report is much smaller."""
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    name: str
    """Stable, such as `digest-mismatch`."""
    detail: str


@dataclass
class Result:
    """The problems, and what the signed bytes say (empty unless they are readable)."""

    problems: list[Problem] = field(default_factory=list)
    payload: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    """SHA-256 of the enclosed public key (SubjectPublicKeyInfo in DER)."""
    pinned: bool = False
    """True if the enclosed key was compared with a published one."""

    def add(self, name: str, detail: str) -> None:
        self.problems.append(Problem(name, detail))


def verify(content: bytes, published: bytes | None = None) -> Result:
    """Check the answer of the service; `published` is the operator's public key in PEM."""
    result = Result(pinned=published is not None)
    copy = _read(content, result)
    if copy is None:
        return result
    canonical = _decoded(copy, "canonical", result)
    signature = _decoded(copy, "signature", result)
    if copy["algorithm"] != ALGORITHM:
        result.add("unknown-algorithm", f"this program knows {ALGORITHM} only")
    if canonical is not None:
        _check_bytes(canonical, copy, result)
    enclosed = _key_of(copy["public_key"].encode(), "public-key-unreadable", result)
    pinned = _key_of(published, "published-key-unreadable", result) if published is not None else None
    if enclosed is not None:
        result.fingerprint = _fingerprint(enclosed)
    if enclosed is not None and pinned is not None and _fingerprint(pinned) != result.fingerprint:
        result.add("key-not-published", "the enclosed public key is not the published one")
    if canonical is not None and signature is not None and _is_well_formed(signature, result):
        _check_signature(canonical, signature, enclosed, pinned, result)
    return result


def _read(content: bytes, result: Result) -> dict[str, str] | None:
    """The members of the file, or None."""
    try:
        if len(content) > LARGEST:
            raise ValueError(f"larger than {LARGEST} bytes")
        copy = json.loads(content.decode("utf-8"), object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError) as error:
        result.add("not-json", f"the file is not JSON in UTF-8: {error}")
        return None
    if not isinstance(copy, dict):
        result.add("not-json", "the file is not a JSON object")
        return None
    for name in MEMBERS:
        if name not in copy:
            result.add("missing-member", f"the file has no {name}")
        elif not isinstance(copy[name], str):
            result.add("not-text", f"{name} is not a text")
    complete = all(isinstance(copy.get(name), str) for name in MEMBERS)
    return copy if complete else None


def _decoded(copy: dict[str, str], name: str, result: Result) -> bytes | None:
    try:
        return base64.b64decode(copy[name], validate=True)
    except (ValueError, binascii.Error):
        result.add("not-base64", f"{name} is not base64")
        return None


def _check_bytes(canonical: bytes, copy: dict[str, str], result: Result) -> None:
    """Check digest and form of the signed bytes, and that they say the same as the file around them."""
    if hashlib.sha256(canonical).hexdigest() != copy["content_digest"]:
        result.add("digest-mismatch", "content_digest is not the SHA-256 of the signed bytes")
    try:
        payload = json.loads(canonical.decode("utf-8"), object_pairs_hook=_without_repetition)
        canonical_form = canonicalized(payload)
    except (ValueError, RecursionError) as error:
        result.add("not-canonical", f"the signed bytes are not RFC 8785 JSON: {error}")
        return
    if canonical_form != canonical:
        result.add("not-canonical", "the signed bytes have spaces, an order of names or a form that RFC 8785 forbids")
    report = payload.get("report") if isinstance(payload, dict) else None
    if not isinstance(report, dict):
        result.add("not-a-report", "the signed bytes hold no report")
        return
    result.payload = payload
    if report.get("report_id") != copy["report_id"]:
        result.add("report-id-differs", "report_id is not the one in the signed bytes")
    if payload.get("key_version") != copy["key_version"]:
        result.add("key-version-differs", "key_version is not the one in the signed bytes")


def _key_of(pem: bytes, problem: str, result: Result) -> ec.EllipticCurvePublicKey | None:
    """A P-256 public key, or None."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        result.add(problem, "this is no public key in PEM")
        return None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        result.add("wrong-key-type", "the public key is not an ECDSA key on P-256")
        return None
    return key


def _fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_bytes(encoding, form)).hexdigest()


def _is_well_formed(signature: bytes, result: Result) -> bool:
    """True for an ECDSA signature in DER with numbers of P-256."""
    try:
        numbers = decode_dss_signature(signature)
    except ValueError:
        numbers = (0, 0)
    if not all(0 < number < P256_ORDER for number in numbers):
        result.add("signature-malformed", "signature is not an ECDSA signature on P-256 in DER")
        return False
    return True


def _check_signature(
    canonical: bytes,
    signature: bytes,
    enclosed: ec.EllipticCurvePublicKey | None,
    pinned: ec.EllipticCurvePublicKey | None,
    result: Result,
) -> None:
    if enclosed is not None and _made(enclosed, signature, canonical):
        return
    if pinned is not None and _made(pinned, signature, canonical):
        if enclosed is not None:
            result.add("wrong-key", "the published key made the signature; the enclosed key did not")
    elif enclosed is not None or pinned is not None:
        result.add(
            "signature-wrong", "the key did not make this signature over these bytes: one of the three was altered"
        )


def _made(key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


# RFC 8785, the JSON Canonicalization Scheme


def canonicalized(value: Any) -> bytes:
    """A JSON value in canonical form. Raises ValueError for a value that has none."""
    return _canonical(value).encode("utf-8")


def _canonical(value: Any) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(name)}:{_canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53 - 1:
        raise ValueError("a whole number of more than 53 bits")
    return json.dumps(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(number: float) -> str:
    """A number as ECMAScript writes it: the shortest digits that give the number again."""
    if not math.isfinite(number):
        raise ValueError("a number that JSON does not have")
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    digits, exponent = _digits(abs(number))
    point = len(digits) + exponent
    if 0 < point <= 21:
        digits = digits.ljust(point, "0")
        return sign + digits[:point] + ("." + digits[point:] if digits[point:] else "")
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    rest = "." + digits[1:] if digits[1:] else ""
    return f"{sign}{digits[0]}{rest}e{point - 1:+d}"


def _digits(number: float) -> tuple[str, int]:
    """The shortest significant digits of a positive number, and the power of ten of the last one."""
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits, power = (whole + fraction).lstrip("0"), int(exponent or 0) - len(fraction)
    kept = digits.rstrip("0")
    return kept, power + len(digits) - len(kept)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("an object names a member twice")
    return value


# The command


def describe(result: Result) -> list[str]:
    """The result as lines for a person."""
    if result.problems:
        return ["NOT VALID", *(f"{problem.name}: {problem.detail}" for problem in result.problems)]
    payload, report = result.payload, result.payload["report"]
    lines = [
        "VALID" if result.pinned else "VALID for the enclosed key, which was compared with no published key",
        f"report:     {report.get('report_number')} ({report.get('report_id')}), version {report.get('version')}",
        f"clinic:     {report.get('clinic_id')}",
        f"resolved:   {_resolved(report)} doubts or omissions, by a doctor with a reason",
        f"signer:     {payload.get('signer_name')}, licence {payload.get('licence_number')}",
        f"account:    {payload.get('signer_id')}",
        f"confirmed:  by {payload.get('identity_confirmed_by')}, {payload.get('identity_confirmed_at')}",
        f"meaning:    {payload.get('meaning')}",
        f"signed at:  {payload.get('signed_at')}",
        f"key:        {payload.get('key_version')}",
        f"public key: SHA-256 {result.fingerprint}",
    ]
    return [" ".join(line.splitlines()) for line in lines]


def _resolved(report: dict[str, Any]) -> int:
    """How many resolutions count; earlier ones lapsed."""
    listed = report.get("resolutions")
    if not isinstance(listed, list):  # signed before doubts had to be resolved
        return 0
    return sum(isinstance(one, dict) and one.get("lapsed_at") is None for one in listed)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify a signed report without the service that signed it.")
    parser.add_argument("copy", nargs="?", default="-", help="the answer of GET /reports/{id}/signed; - for stdin")
    parser.add_argument("--public-key", type=Path, help="the operator's published public key, in PEM")
    options = parser.parse_args(arguments)
    try:
        content = sys.stdin.buffer.read() if options.copy == "-" else Path(options.copy).read_bytes()
        published = options.public_key.read_bytes() if options.public_key else None
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    result = verify(content, published)
    print("\n".join(describe(result)))
    return 1 if result.problems else 0


if __name__ == "__main__":
    sys.exit(main())
