"""The command about the certificate of PDF signatures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from shared.cli.usage import UsageError, clinic_id
from shared.workflows.clinic import own_certificate


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("pdf-certificate", help="show or change the certificate of PDF signatures")
    command.add_argument("clinic", help="id of the clinic")
    one = command.add_mutually_exclusive_group()
    one.add_argument("--request", type=Path, metavar="FILE", help="write a certificate signing request")
    one.add_argument(
        "--upload", type=Path, metavar="FILE", help="use this certificate (PEM, then those of its issuers)"
    )
    command.add_argument("--save", type=Path, metavar="FILE", help="write the certificate in use")
    command.set_defaults(run=pdf_certificate)


def pdf_certificate(options: argparse.Namespace) -> None:
    """Request, upload or show the certificate of a clinic's PDF signatures."""
    clinic = clinic_id(options.clinic)
    if options.request:
        options.request.write_text(own_certificate.request(clinic), encoding="ascii")
        print(f"{options.request}: send it to a certification authority, and --upload what it issues")
        return
    if options.upload:
        certificate = own_certificate.upload(clinic, _bytes_of(options.upload))
    else:
        certificate = own_certificate.show(clinic)
    if options.save:
        options.save.write_text(certificate.chain, encoding="ascii")
    origin = certificate.origin.replace("_", "-")
    print(f"certificate {certificate.number} of {clinic}, {origin}, of {certificate.key_version}")
    print(f"valid from {certificate.not_before:%Y-%m-%d} until {certificate.not_after:%Y-%m-%d}")


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
