"""What reports and bills on paper have in common: letterhead, patient and file."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from shared.lazily import lazily

with lazily(globals()):
    from shared.records.letterhead import Letterhead, PatientIdentity
    from shared.render.documents import LetterheadBlock, PatientBlock


@dataclass(frozen=True)
class PrintedDocument:
    """A PDF with its file name, which names no patient, and the revision of its record."""

    content: bytes
    filename: str
    revision: int


def letterhead_block(issuer: Letterhead) -> LetterheadBlock:
    return LetterheadBlock(
        practitioner_name=issuer.practitioner_name,
        credentials=issuer.specialization,
        licence_number=issuer.licence_number,
        clinic_name=issuer.clinic_name,
        clinic_address=issuer.clinic_address,
        phone=issuer.phone,
        email=issuer.email,
        logo=base64.b64decode(issuer.logo) if issuer.logo else None,
        gst_number=issuer.gst_number,
    )


def patient_block(subject: PatientIdentity) -> PatientBlock:
    name = f"{subject.name} ({subject.latin_name})" if subject.latin_name else subject.name
    return PatientBlock(name, subject.number, subject.date_of_birth, subject.gender, subject.died)
