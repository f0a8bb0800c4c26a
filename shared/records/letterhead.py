"""Who issues a document and about whom it is: the letterhead and the patient of reports and bills."""

from __future__ import annotations

from datetime import date

from shared.records.clinic.people import UserProfile
from shared.records.clinic.settings import ClinicSettings
from shared.records.patients.patient import Patient
from shared.records.record import Value


class Letterhead(Value):
    """The letterhead: who issues a document. The logo is base64."""

    practitioner_name: str
    specialization: str
    licence_number: str
    clinic_name: str
    clinic_address: str
    phone: str
    email: str
    gst_number: str | None
    logo: str | None

    @classmethod
    def of(cls, profile: UserProfile | None, clinic: ClinicSettings) -> Letterhead:
        """The practitioner's own words where there are any, else the clinic's."""
        return cls(
            practitioner_name=profile.full_name if profile else "",
            specialization=(profile and profile.specialization) or "",
            licence_number=(profile and profile.license_number) or "",
            clinic_name=(profile and profile.clinic_name) or clinic.name,
            clinic_address=(profile and profile.clinic_address) or clinic.address or "",
            phone=(profile and profile.phone) or clinic.phone or "",
            email=(profile and profile.email) or clinic.email or "",
            gst_number=clinic.gst_number,
            logo=profile.logo if profile else None,
        )


class PatientIdentity(Value):
    """Whom a document is about."""

    name: str
    number: str
    date_of_birth: date
    gender: str | None

    @classmethod
    def of(cls, patient: Patient) -> PatientIdentity:
        return cls(
            name=f"{patient.first_name} {patient.last_name}",
            number=patient.number,
            date_of_birth=patient.date_of_birth,
            gender=patient.gender,
        )
