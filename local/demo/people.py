"""The doctor and the patient of the demo."""

from __future__ import annotations

PROFILE = {
    "first_name": "Meera",
    "last_name": "Iyer",
    "licence_number": "KMC 45821",
    "specialization": "MD (Psychiatry)",
}
PATIENT = {
    "first_name": "Ananya",
    "last_name": "Rao",
    "date_of_birth": "1991-04-17",
    "gender": "female",
    "primary_phone": "+919845012345",
    "email": "ananya.rao@home.example",
    "preferred_language": "en-IN",
}
