"""PDF signatures: two verifiers accept them, and refuse what was altered or added."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pypdf import PdfReader

from shared.render.pades import sign_pdf
from shared.render.pdf import report_pdf
from tests.shared.render.test_pdf import REPORT
from tests.shared.vault.test_certificates import KEY, OTHER, certificate, usage
from tests.support.pdf_signatures import needs_pdfsig, pdfsig, verdict

NOW = datetime.now(UTC)
VALID = NOW - timedelta(days=1), NOW + timedelta(days=365)
OF_READER = r", \d+\)"
"""In pypdf's text of a reference: which reader it belongs to."""
DIGESTS: list[bytes] = []
"""What the key was asked to sign."""


def sign_digest(digest: bytes) -> bytes:
    DIGESTS.append(digest)
    return KEY.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


@cache
def printed() -> bytes:
    return report_pdf(REPORT)


@cache
def signed() -> bytes:
    chain = certificate(valid=VALID, extend=usage(digital_signature=True, content_commitment=True))
    return sign_pdf(printed(), chain.decode(), sign_digest, name="Banyan", reason="This is REP-20260003 as signed.")


def updated() -> bytes:
    """The signed PDF with a further revision that changes the document."""
    writer, out = IncrementalPdfFileWriter(BytesIO(signed())), BytesIO()
    writer.root["/Lang"] = generic.TextStringObject("de")
    writer.update_root()
    writer.write(out)
    return out.getvalue()


def test_the_signature_is_added_to_the_bytes_that_were_printed_and_is_good() -> None:
    before = len(DIGESTS)
    signed.cache_clear()
    found = verdict(signed())

    assert signed().startswith(printed())
    assert found.good
    assert (found.signed_revision, found.revisions) == (2, 2)
    assert not found.trusted, "nobody vouches for a self-signed certificate"
    assert verdict(signed(), found.certificate).trusted
    assert [len(digest) for digest in DIGESTS[before:]] == [32], "one call, of a digest"


def root_of(pdf: bytes) -> Any:
    return PdfReader(BytesIO(pdf)).trailer["/Root"]


def test_the_signed_file_is_pdf_1_7_and_says_of_itself_what_the_printed_one_said() -> None:
    before, after = root_of(printed()), root_of(signed())

    assert after["/Version"] == "/1.7"
    for name in ("/Lang", "/OutputIntents", "/StructTreeRoot", "/MarkInfo"):
        assert re.sub(OF_READER, "", repr(after.raw_get(name))) == re.sub(OF_READER, "", repr(before.raw_get(name)))
    assert after["/Metadata"].get_data() == before["/Metadata"].get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in before["/Metadata"].get_data()
    assert PdfReader(BytesIO(signed())).metadata == PdfReader(BytesIO(printed())).metadata
    assert after["/AcroForm"]["/Fields"][0].get_object()["/Rect"] == [0, 0, 0, 0]


def test_the_certificates_of_issuers_are_in_the_signature() -> None:
    issued = certificate(
        issuer=OTHER, names=("Banyan", "Authority"), valid=VALID, extend=usage(content_commitment=True)
    )
    authority = certificate(OTHER, names=("Authority", "Authority"), valid=VALID)

    pdf = sign_pdf(printed(), (issued + authority).decode(), sign_digest, name="Banyan", reason="-")

    assert verdict(pdf).good
    assert verdict(pdf).certificate in pdf_certificates(pdf)
    assert len(pdf_certificates(pdf)) == 2


def pdf_certificates(pdf: bytes) -> list[bytes]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    [signature] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return [one.chosen.dump() for one in signature.signed_data["certificates"]]


@pytest.mark.parametrize("seed", range(20))
def test_one_altered_bit_of_what_was_printed_is_noticed(seed: int) -> None:
    chance = random.Random(seed)
    altered = bytearray(signed())
    altered[chance.randrange(20, len(printed()) - 20)] ^= 1 << chance.randrange(8)

    try:
        good = verdict(bytes(altered)).good
    except Exception:  # no longer a PDF that can be read
        good = False
    assert not good


def test_a_later_revision_is_told_from_the_signed_one() -> None:
    found = verdict(updated())

    assert (found.intact, found.valid, found.good) == (True, True, False)
    assert (found.signed_revision, found.revisions) == (2, 3)
    assert not found.allowed


@needs_pdfsig
def test_poppler_says_the_same(tmp_path: Path) -> None:
    altered = bytearray(signed())
    altered[printed().index(b"stream") + 20] ^= 1
    files = {"signed": signed(), "altered": bytes(altered), "updated": updated()}
    found = {}
    for name, content in files.items():
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(content)
        found[name] = pdfsig(file)

    assert {name: (one["Signature Validation"], one["flags"]) for name, one in found.items()} == {
        "signed": ("Signature is Valid.", "Total document signed"),
        "altered": ("Digest Mismatch.", "Total document signed"),
        "updated": ("Signature is Valid.", "Not total document signed"),
    }
    assert found["signed"]["Signature Type"] == "ETSI.CAdES.detached"
    assert found["signed"]["Signing Hash Algorithm"] == "SHA-256"
