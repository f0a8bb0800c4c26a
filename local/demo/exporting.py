"""The doctor exports her signed report, and its PDF signature is checked as a reader of PDF files does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from local.demo.client import App, DemoError, Reply
from local.demo.show import Stages

FORMATS = ("pdf", "docx")
_TIMEOUT = 60.0
"""Seconds."""


def export(doctor: App, stages: Stages, report: Reply, out: Path) -> list[Path]:
    """Export a signed report in all formats; returns the files."""
    with stages.stage("She exports the report") as note:
        done = _export(doctor, report.body["id"])
        out.mkdir(parents=True, exist_ok=True)
        paths = []
        for link in done["links"]:
            path = out / f"report-{link['filename']}"
            path.write_bytes(doctor.fetch(link["url"]))
            note(f"{link['format']}, {link['size_bytes'] / 1000:.0f} kB")
            paths.append(path)
    with stages.stage("Its PDF signature is checked as a PDF reader does") as note:
        note(_checked(paths[0].read_bytes()))
    return paths


def _export(doctor: App, report_id: str) -> Mapping[str, Any]:
    """The completed export. Raises DemoError."""
    asked = doctor.post(f"/reports/{report_id}/export", {"formats": list(FORMATS)}).body
    deadline = time.monotonic() + _TIMEOUT
    while time.monotonic() < deadline:
        found: Mapping[str, Any] = doctor.get(f"/reports/{report_id}/exports/{asked['id']}").body
        if found["status"] == "completed":
            return found
        if found["status"] == "failed":
            raise DemoError(f"the export failed: {found['error_code']}")
        time.sleep(0.2)
    raise DemoError(f"the export is not made after {_TIMEOUT:g} s")


def _checked(pdf: bytes) -> str:
    """Whose signature is good. Raises DemoError if it is not, or does not cover the file."""
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    [signature] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    certificate: Certificate = signature.signer_cert
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[certificate], allow_fetching=False))
    if not status.bottom_line:
        raise DemoError(f"the PDF signature is not good: {status.summary()}")
    return f"valid, {certificate.subject.native['common_name']}"
