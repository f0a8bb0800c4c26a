"""Verifies PDF signatures with pyHanko and with poppler's pdfsig, which share no code with each other."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

NO_PDFSIG = "" if shutil.which("pdfsig") else "install poppler-utils, whose pdfsig verifies PDF signatures"
needs_pdfsig = pytest.mark.skipif(bool(NO_PDFSIG), reason=NO_PDFSIG)


@dataclass(frozen=True)
class Verdict:
    """What pyHanko says of the only signature of a PDF."""

    intact: bool
    """The signed bytes are unaltered."""
    valid: bool
    """The key of the certificate made the signature."""
    trusted: bool
    """The certificate is of an authority that was named."""
    covers_the_file: bool
    signed_revision: int
    """Counted from 1."""
    revisions: int
    allowed: bool
    """Nothing was changed after the signature that it does not allow."""
    certificate: bytes
    """DER."""

    @property
    def good(self) -> bool:
        return self.intact and self.valid and self.covers_the_file and self.allowed


def verdict(pdf: bytes, *roots: bytes) -> Verdict:
    """Verify a PDF with one signature; `roots` are trusted certificates (DER)."""
    from asn1crypto.x509 import Certificate

    reader = PdfFileReader(BytesIO(pdf))
    [signature] = reader.embedded_signatures
    trusted = [Certificate.load(root) for root in roots]
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=trusted, allow_fetching=False))
    return Verdict(
        intact=status.intact,
        valid=status.valid,
        trusted=status.trusted,
        covers_the_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        signed_revision=signature.signed_revision + 1,
        revisions=reader.xrefs.total_revisions,
        allowed=bool(status.docmdp_ok),
        certificate=status.signing_cert.dump(),
    )


def pdfsig(file: Path) -> dict[str, str]:
    """The lines of pdfsig's report, by their label; those without one are in `flags`."""
    made = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False)
    lines = [line.strip().removeprefix("- ") for line in made.stdout.splitlines()]
    pairs = [line.partition(": ") for line in lines]
    return {label: value for label, found, value in pairs if found} | {
        "flags": "; ".join(line for line, found, _ in pairs if not found and not re.match("Signature #", line))
    }
