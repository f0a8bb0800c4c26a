"""The PDF of a signed report with its PDF signature, kept so that the same bytes are given again for ever."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import ClassVar

from shared.records.privacy import Clinical, Encrypted, Plain
from shared.records.record import Keyset, Record, Stamp, report_of
from shared.records.types import Digest

BYTES_A_PART = 480_000
"""Of the PDF in one document; base64 makes them a third more, and a document holds 700 kB."""
MOST_PARTS = 12
"""One commit writes all of them, and takes 10 MiB."""
MOST_BYTES = BYTES_A_PART * MOST_PARTS
_DIGITS = 16
"""Of the digest in an id: enough that no two signed texts of one report share them."""


class SignedPdf(Record):
    """A part of a signed PDF. The first says how many there are. Retained like the signed bytes."""

    kind: ClassVar[str] = "SignedPdf"
    collection: ClassVar[str] = "bodies"
    keyset: ClassVar[Keyset] = Keyset.RETAINED

    parts: Plain[int]
    edition: Plain[Digest]
    """What the PDF prints, as `edition_of`."""
    pdf_digest: Plain[Digest]
    """SHA-256 of the whole PDF."""
    content: Clinical[Encrypted[str]]
    """Base64 of this part of the PDF."""

    @classmethod
    def path_of(cls, id: str) -> str:
        report_id = report_of(id)
        return f"reports/{report_id}/bodies/pdf-{id.removeprefix(f'{report_id}-')}"


def edition_of(signed_digest: str, *besides: str) -> str:
    """Names what a PDF prints: the SHA-256 of the signed bytes, or a digest of it and of what is printed `besides`."""
    return hashlib.sha256("\n".join([signed_digest, *besides]).encode()).hexdigest() if besides else signed_digest


def part_id(report_id: str, edition: str, number: int = 1) -> str:
    """The id of a part, counted from 1. It follows from what was signed, so it is written once."""
    return f"{report_id}-{edition[:_DIGITS]}-{number}"


def parts_of(report_id: str, edition: str, pdf: bytes, stamp: Stamp) -> Iterator[SignedPdf]:
    """The parts of a PDF of at most `MOST_BYTES`."""
    pieces = [pdf[begin : begin + BYTES_A_PART] for begin in range(0, len(pdf), BYTES_A_PART)]
    for number, piece in enumerate(pieces, start=1):
        yield SignedPdf.new(
            part_id(report_id, edition, number),
            stamp,
            parts=len(pieces),
            edition=edition,
            pdf_digest=hashlib.sha256(pdf).hexdigest(),
            content=base64.b64encode(piece).decode(),
        )


def joined(parts: list[SignedPdf]) -> bytes:
    """The PDF of its parts. Raises ValueError if they are not the whole of one PDF."""
    pdf = b"".join(base64.b64decode(part.content) for part in parts)
    if hashlib.sha256(pdf).hexdigest() != parts[0].pdf_digest:
        raise ValueError("the parts of a signed PDF are not those of one PDF")
    return pdf
