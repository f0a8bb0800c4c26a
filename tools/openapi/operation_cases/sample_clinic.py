"""The invented clinic of the examples: its people, its settings, and the times of one visit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from shared.records.record import Stamp
from tools.openapi import factories

DOCTOR = "uPq4Zr7LkXa2Wm9TnBc5Yd8EvHs3"
COLLEAGUE = "kT6Rw1JfQe9Xn4ZpVb7Mc2LsGh5D"
DESK = "nY3Bd8SaUj5Ht2KxCv6Pq9WmRf1Z"
BEGAN = datetime(2026, 9, 14, 4, 30, tzinfo=UTC)
ENDED = BEGAN + timedelta(minutes=24)
TODAY = date(2026, 9, 14)

CLINIC = factories.clinic_settings(
    "banyan",
    Stamp("system", BEGAN - timedelta(days=400)),
    name="Banyan Mental Health",
    hours=[
        {"day": "monday", "opens": "09:00", "closes": "13:00"},
        {"day": "monday", "opens": "16:00", "closes": "19:30"},
    ],
    fees=[{"session_type": "followup", "amount": 120_000, "description": "Follow-up", "cpt_code": "99213"}],
    payment_days=15,
    payment_terms="Due within 15 days.",
)
