"""The consent that the demo's patient gives."""

from __future__ import annotations

CONSENT = {
    "purposes": ["recording", "ai_processing"],
    "wording": {
        "version": "visit-2026-10",
        "text": "We record this visit. A computer writes it down and drafts the report, which your doctor checks.",
    },
    "language": "en-IN",
    "method": "verbal",
}
