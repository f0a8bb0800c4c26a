#!/usr/bin/env python3
"""Verify a signed report without the service that signed it.

    python verify_report.py copy.json --public-key published.pem

`copy.json` (or standard input) is the answer of `GET /api/v1/reports/{id}/signed`: the report, with its co-signature
and its addenda; or one of these alone. The file carries public keys, but whoever forges a report can also enclose a
key. So give the key that the operator of the service publishes with `--public-key`, once for each version of the key
that the file names; without it the result only says that the file agrees with itself.

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
ADDITIONS = ("cosignature", "addendum")
"""The kinds of signed bytes about a signed report."""
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
    """Of the report; of the co-signature or the addendum, if the file is one alone."""
    cosignature: dict[str, Any] = field(default_factory=dict)
    addenda: list[dict[str, Any]] = field(default_factory=list)
    digest: str = ""
    """SHA-256 of the signed bytes."""
    fingerprint: str = ""
    """SHA-256 of the enclosed public key (SubjectPublicKeyInfo in DER)."""
    pinned: bool = False
    """True if the enclosed keys were compared with published ones."""

    def add(self, name: str, detail: str) -> None:
        self.problems.append(Problem(name, detail))


def verify(content: bytes, *published: bytes, earlier: bytes | None = None) -> Result:
    """Check the answer of the service; `published` are the operator's public keys in PEM, of every key version that the
    file names, `earlier` is the answer for the report that this one supersedes."""
    result = Result(pinned=bool(published))
    copy = _read(content, result)
    if copy is None:
        return result
    pinned = [key for pem in published if (key := _key_of(pem, "published-key-unreadable", result)) is not None]
    main = _Part("", pinned, result)
    result.payload = main.check(copy)
    result.digest, result.fingerprint = main.digest, main.fingerprint
    if "report" in result.payload:
        report = _Signed(result.payload, result.digest)
        _check_cosignature(copy.get("cosignature"), report, pinned, result)
        _check_addenda(copy.get("addenda") or [], report, pinned, result)
    if earlier is not None:
        _check_superseded(earlier, published, result)
    return result


def _check_superseded(earlier: bytes, published: tuple[bytes, ...], result: Result) -> None:
    """The earlier report is genuine, and is the one that this report names."""
    before = verify(earlier, *published)
    for problem in before.problems:
        result.add(problem.name, f"superseded report: {problem.detail}")
    said = result.payload.get("report", {}).get("supersedes")
    report_id = before.payload.get("report", {}).get("report_id")
    named = (said.get("report_id"), said.get("report_digest")) if isinstance(said, dict) else None
    if named != (report_id, before.digest):
        result.add("supersedes-another", "the report does not name the earlier one, with these signed bytes")


@dataclass(frozen=True)
class _Signed:
    """The signed bytes of the report that additions must be about."""

    payload: dict[str, Any]
    digest: str


class _Part:
    """Signed bytes with their signature and key: of the report, of its co-signature or of an addendum."""

    def __init__(self, place: str, pinned: list[ec.EllipticCurvePublicKey], result: Result) -> None:
        self._place = f"{place}: " if place else ""
        self._pinned = pinned
        self._result = result
        self.digest = ""
        """SHA-256 of the signed bytes."""
        self.fingerprint = ""

    def add(self, name: str, detail: str) -> None:
        self._result.add(name, self._place + detail)

    def check(self, copy: Any) -> dict[str, Any]:
        """What the signed bytes say; empty if they are not readable."""
        if not isinstance(copy, dict) or not self._is_complete(copy):
            return {}
        canonical, signature = (self._decoded(copy, name) for name in ("canonical", "signature"))
        if copy["algorithm"] != ALGORITHM:
            self.add("unknown-algorithm", f"this program knows {ALGORITHM} only")
        payload = {} if canonical is None else self._payload(canonical, copy)
        enclosed = _key_of(copy["public_key"].encode(), "public-key-unreadable", self)
        if enclosed is not None:
            self.fingerprint = _fingerprint(enclosed)
            if self._pinned and self.fingerprint not in map(_fingerprint, self._pinned):
                self.add("key-not-published", "the enclosed public key is not the published one")
        if canonical is not None and signature is not None and self._is_well_formed(signature):
            self._check_signature(canonical, signature, enclosed)
        return payload

    def _is_complete(self, copy: dict[str, Any]) -> bool:
        """True if each member is there, and a text."""
        for name in MEMBERS:
            if name not in copy:
                self.add("missing-member", f"the file has no {name}")
            elif not isinstance(copy[name], str):
                self.add("not-text", f"{name} is not a text")
        return all(isinstance(copy.get(name), str) for name in MEMBERS)

    def _decoded(self, copy: dict[str, str], name: str) -> bytes | None:
        try:
            return base64.b64decode(copy[name], validate=True)
        except (ValueError, binascii.Error):
            self.add("not-base64", f"{name} is not base64")
            return None

    def _payload(self, canonical: bytes, copy: dict[str, str]) -> dict[str, Any]:
        """Check digest and form of the signed bytes, and that they say the same as the file around them."""
        self.digest = hashlib.sha256(canonical).hexdigest()
        if self.digest != copy["content_digest"]:
            self.add("digest-mismatch", "content_digest is not the SHA-256 of the signed bytes")
        try:
            payload = json.loads(canonical.decode("utf-8"), object_pairs_hook=_without_repetition)
            canonical_form = canonicalized(payload)
        except (ValueError, RecursionError) as error:
            self.add("not-canonical", f"the signed bytes are not RFC 8785 JSON: {error}")
            return {}
        if canonical_form != canonical:
            self.add("not-canonical", "the signed bytes have spaces, an order of names or a form that RFC 8785 forbids")
        about = _about(payload)
        if about is None:
            self.add("not-a-report", "the signed bytes hold no report, no co-signature and no addendum")
            return {}
        if about.get("report_id") != copy["report_id"]:
            self.add("report-id-differs", "report_id is not the one in the signed bytes")
        if payload.get("key_version") != copy["key_version"]:
            self.add("key-version-differs", "key_version is not the one in the signed bytes")
        return dict(payload)

    def _is_well_formed(self, signature: bytes) -> bool:
        """True for an ECDSA signature in DER with numbers of P-256."""
        try:
            numbers = decode_dss_signature(signature)
        except ValueError:
            numbers = (0, 0)
        if not all(0 < number < P256_ORDER for number in numbers):
            self.add("signature-malformed", "signature is not an ECDSA signature on P-256 in DER")
            return False
        return True

    def _check_signature(self, canonical: bytes, signature: bytes, enclosed: ec.EllipticCurvePublicKey | None) -> None:
        if enclosed is not None and _made(enclosed, signature, canonical):
            return
        if any(_made(key, signature, canonical) for key in self._pinned):
            if enclosed is not None:
                self.add("wrong-key", "the published key made the signature; the enclosed key did not")
        elif enclosed is not None or self._pinned:
            altered = "the key did not make this signature over these bytes: one of the three was altered"
            self.add("signature-wrong", altered)


def _about(payload: Any) -> dict[str, Any] | None:
    """The part of signed bytes that names the report; None for other bytes."""
    if not isinstance(payload, dict):
        return None
    if payload.get("kind") in ADDITIONS:
        return payload
    report = payload.get("report")
    return report if isinstance(report, dict) else None


def _check_cosignature(copy: Any, report: _Signed, pinned: list[ec.EllipticCurvePublicKey], result: Result) -> None:
    """The co-signature that the report asks for is there, and of this report."""
    cosigner = report.payload.get("cosigner_id")
    if copy is None:
        if cosigner is not None:
            result.add("cosignature-missing", f"the report is not final without the signature of {cosigner}")
        return
    payload = _Part("co-signature", pinned, result).check(copy)
    if not payload or not _is_addition(payload, "cosignature", "co-signature", report, result):
        return
    result.cosignature = payload
    if payload.get("signer_id") != cosigner:
        result.add("cosigner-differs", "the co-signature is not of the supervisor whom the report names")


def _check_addenda(copies: Any, report: _Signed, pinned: list[ec.EllipticCurvePublicKey], result: Result) -> None:
    """Each addendum is of this report and names the one before it; none is missing between them."""
    if not isinstance(copies, list):
        result.add("not-a-list", "addenda is not a list")
        return
    digests: dict[int, str] = {}
    previous: list[tuple[int, Any]] = []
    for index, copy in enumerate(copies, start=1):
        part = _Part(f"addendum {index}", pinned, result)
        payload = part.check(copy)
        if payload and _is_addition(payload, "addendum", f"addendum {index}", report, result):
            result.addenda.append(payload)
            number = payload["number"] if isinstance(payload.get("number"), int) else 0
            previous.append((number, payload.get("previous_digest")))
            digests[number] = part.digest
    numbers = [number for number, _ in previous]
    if numbers != sorted(set(numbers)):
        result.add("addenda-out-of-order", f"the addenda have the numbers {numbers}")
    if missing := sorted(set(range(1, max(numbers, default=0))) - set(numbers)):
        result.add("addendum-missing", f"there is no addendum {', '.join(map(str, missing))}")
    for number, digest in previous:
        if number - 1 not in missing and digest != digests.get(number - 1):
            result.add(
                "addendum-chain-broken", f"addendum {number} was written after another addendum than the one here"
            )


def _is_addition(payload: dict[str, Any], kind: str, place: str, report: _Signed, result: Result) -> bool:
    """True if the bytes are of this kind and of this report."""
    if payload.get("kind") != kind:
        result.add("not-an-addition", f"{place}: the signed bytes are of another kind")
        return False
    of = report.payload["report"]
    named = ("clinic_id", "patient_id", "session_id", "report_id")
    if payload.get("report_digest") != report.digest or any(payload.get(name) != of.get(name) for name in named):
        result.add("other-report", f"{place}: it was signed about another report, or about other signed bytes")
        return False
    return True


def _read(content: bytes, result: Result) -> dict[str, Any] | None:
    """The file, or None."""
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
    return copy


def _key_of(pem: bytes, problem: str, result: Result | _Part) -> ec.EllipticCurvePublicKey | None:
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
    first = "VALID" if result.pinned else "VALID for the enclosed key, which was compared with no published key"
    lines = [first, *_lines(result.payload), f"public key: SHA-256 {result.fingerprint}"]
    if result.cosignature:
        lines += ["", "co-signature", *_signer(result.cosignature)]
    for addendum in result.addenda:
        lines += ["", f"addendum {addendum.get('number')}: {addendum.get('text')}", *_signer(addendum)]
    return [" ".join(line.splitlines()) for line in lines]


def _lines(payload: dict[str, Any]) -> list[str]:
    """What the signed bytes say: of a report, or of an addition that is in a file of its own."""
    report = payload.get("report")
    if not isinstance(report, dict):
        return [
            f"{payload.get('kind')} to report {payload.get('report_number')} ({payload.get('report_id')}) whose signed"
            f" bytes have the SHA-256 {payload.get('report_digest')}: compare it with that report",
            f"clinic:     {payload.get('clinic_id')}",
            *([f"text:       {payload['text']}"] if "text" in payload else []),
            *_signer(payload),
        ]
    return [
        f"report:     {report.get('report_number')} ({report.get('report_id')}), version {report.get('version')}",
        f"clinic:     {report.get('clinic_id')}",
        *_supersedes(report),
        f"resolved:   {_resolved(report)} doubts or omissions, by a doctor with a reason",
        *_signer(payload),
    ]


def _supersedes(report: dict[str, Any]) -> list[str]:
    """Which report this one stands in the place of."""
    earlier = report.get("supersedes")
    if not isinstance(earlier, dict):
        return []
    named = f"{earlier.get('report_number')} ({earlier.get('report_id')}), SHA-256 {earlier.get('report_digest')}"
    return [f"supersedes: {named}", f"because:    {earlier.get('reason')}"]


def _signer(payload: dict[str, Any]) -> list[str]:
    return [
        f"signer:     {payload.get('signer_name')}, licence {payload.get('licence_number')}",
        f"account:    {payload.get('signer_id')}",
        f"confirmed:  by {payload.get('identity_confirmed_by')}, {payload.get('identity_confirmed_at')}",
        f"meaning:    {payload.get('meaning')}",
        f"signed at:  {payload.get('signed_at')}",
        f"key:        {payload.get('key_version')}",
    ]


def _resolved(report: dict[str, Any]) -> int:
    """How many resolutions count; earlier ones lapsed."""
    listed = report.get("resolutions")
    if not isinstance(listed, list):  # signed before doubts had to be resolved
        return 0
    return sum(isinstance(one, dict) and one.get("lapsed_at") is None for one in listed)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify a signed report without the service that signed it.")
    parser.add_argument("copy", nargs="?", default="-", help="the answer of GET /reports/{id}/signed; - for stdin")
    key_help = "the operator's published public key, in PEM; once for each key version that the file names"
    parser.add_argument("--public-key", type=Path, action="append", default=[], help=key_help)
    parser.add_argument("--earlier", type=Path, help="the answer for the report that this one supersedes")
    options = parser.parse_args(arguments)
    try:
        content = sys.stdin.buffer.read() if options.copy == "-" else Path(options.copy).read_bytes()
        earlier = options.earlier.read_bytes() if options.earlier else None
        published = [path.read_bytes() for path in options.public_key]
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    result = verify(content, *published, earlier=earlier)
    print("\n".join(describe(result)))
    return 1 if result.problems else 0


if __name__ == "__main__":
    sys.exit(main())
