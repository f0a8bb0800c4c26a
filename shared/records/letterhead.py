"""The letterhead of reports and bills, and the patient that they identify."""

from __future__ import annotations

from shared.records.clinic.logo import ClinicLogo
from shared.records.clinic.profile import UserProfile
from shared.records.clinic.settings import ClinicSettings
from shared.records.partial_date import PartialDate
from shared.records.patients.age import EstimatedAge
from shared.records.patients.patient import Patient
from shared.records.record import Value


class Letterhead(Value):
    """The issuer of a document. The logo is base64."""

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
    def of(cls, profile: UserProfile | None, clinic: ClinicSettings, logo: ClinicLogo | None = None) -> Letterhead:
        """The letterhead of a practitioner; the clinic's settings and logo fill what the profile leaves empty."""
        return cls(
            practitioner_name=profile.full_name if profile else "",
            specialization=(profile and profile.specialization) or "",
            licence_number=(profile and profile.licence_number) or "",
            clinic_name=(profile and profile.clinic_name) or clinic.name,
            clinic_address=(profile and profile.clinic_address) or clinic.address or "",
            phone=(profile and profile.phone) or clinic.phone or "",
            email=(profile and profile.email) or clinic.email or "",
            gst_number=clinic.gst_number,
            logo=(profile and profile.logo) or (logo.picture if logo else None),
        )


class PatientIdentity(Value):
    """The patient that a document identifies."""

    name: str
    number: str
    date_of_birth: PartialDate | None
    gender: str | None
    latin_name: str | None = None
    """In Latin letters, as in a passport, if the name is in another script."""
    estimated_age: EstimatedAge | None = None
    """Of a patient without a known date of birth."""
    died: PartialDate | None = None
    """The date of a death that was recorded by then, as far as it is known."""

    @classmethod
    def of(cls, patient: Patient) -> PatientIdentity:
        return cls(
            name=patient.display_name,
            number=patient.number,
            date_of_birth=patient.date_of_birth,
            gender=patient.gender,
            latin_name=(patient.latin_name and patient.latin_name.text) or None,
            estimated_age=patient.estimated_age,
            died=patient.deceased.date if patient.deceased else None,
        )
