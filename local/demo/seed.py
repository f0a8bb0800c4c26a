"""The demo clinic: created by the platform's operator, with a doctor, a receptionist and an admin.

`python -m local.demo.seed` creates it in the project of the environment; `seed` runs this command against a stack.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from infra.catalogue import ROOT
from local.services.auth.tokens import id_token
from local.services.kit.identity import PROJECT
from shared.records.types import Role

if TYPE_CHECKING:
    from local.stack.stack import Stack

CLINIC = "demo"
PASSWORD = "demo-password"  # noqa: S105 - not a secret
"""The password of everyone in the demo clinic."""
STAFF = {
    "demo-doctor": ("doctor@clinic.example", [Role.DOCTOR]),
    "demo-receptionist": ("desk@clinic.example", [Role.RECEPTIONIST]),
    "demo-admin": ("admin@clinic.example", [Role.ADMIN]),
}
SETTINGS: dict[str, Any] = {
    "name": "Banyan Mental Health",
    "address": "12 Residency Road\nBengaluru 560025",
    "phone": "+918041234567",
    "email": "desk@clinic.example",
    "time_zone": "Asia/Kolkata",
    "currency": "INR",
    "hours": [
        {"day": day, "opens": opens, "closes": closes}
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
        for opens, closes in (("09:00", "13:00"), ("16:00", "19:30"))
    ],
    "fees": [
        {
            "session_type": "new_patient",
            "amount": 250_000,
            "description": "New patient consultation",
            "cpt_code": "90792",
        },
        {
            "session_type": "followup",
            "up_to_minutes": 30,
            "amount": 120_000,
            "description": "Follow-up, up to 30 minutes",
            "cpt_code": "99213",
        },
        {"session_type": "followup", "amount": 180_000, "description": "Follow-up, long", "cpt_code": "99215"},
        {"session_type": "consultation", "amount": 150_000, "description": "Consultation", "cpt_code": "99204"},
    ],
    "tax": {"exemption_reason": "Health care services, Notification 12/2017, entry 74", "code": "999312"},
    "payment_days": 15,
    "payment_terms": "Due within 15 days.",
    "payment_instructions": "By UPI to banyan@bank.example, or at the front desk.",
}


def token(user_id: str, clinic_id: str = CLINIC, *, signed_in_at: int = 0, second_factor: str = "") -> str:
    """An unsigned ID token, as of the Firebase Auth emulator, valid for twelve hours.

    `signed_in_at` is the time of the sign-in in seconds since the epoch, or 0 for now. `second_factor` is `phone` or
    `totp`.
    """
    firebase: dict[str, object] = {"sign_in_provider": "password", "identities": {}}
    if second_factor:
        firebase["sign_in_second_factor"] = second_factor
    claims = {"clinic": clinic_id, "firebase": firebase}
    return id_token(user_id, claims, seconds=12 * 3600, signed_in_at=signed_in_at)


def sign_up(clinic_id: str = CLINIC, emails: Mapping[str, str] | None = None) -> None:
    """Create an account for each person (user id → email), with the common password; by default the demo's staff."""
    import firebase_admin
    from firebase_admin import auth

    app = firebase_admin.initialize_app(options={"projectId": PROJECT})
    for user_id, email in (emails or {name: email for name, (email, _) in STAFF.items()}).items():
        with suppress(auth.UidAlreadyExistsError):
            auth.create_user(uid=user_id, email=email, password=PASSWORD, app=app)
        auth.set_custom_user_claims(user_id, {"clinic": clinic_id}, app=app)


def seed(stack: Stack) -> dict[str, str]:
    """Create the demo clinic unless it exists; returns an ID token per role."""
    subprocess.run(
        [sys.executable, "-m", "local.demo.seed"], env=stack.client_environment(), cwd=ROOT, check=True, timeout=60
    )
    return {name.removeprefix("demo-"): token(name) for name in STAFF}


def main() -> None:
    from shared.workflows.clinic.opening import open_clinic

    sign_up()  # before the records: a token is refused without its account
    open_clinic(CLINIC, SETTINGS, STAFF)


if __name__ == "__main__":
    main()
