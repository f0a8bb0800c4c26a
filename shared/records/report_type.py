"""The types of reports, which templates and reports have."""

from __future__ import annotations

from enum import StrEnum


class ReportType(StrEnum):
    CONSULTATION = "consultation"
    FOLLOWUP = "followup"
    DIAGNOSTIC = "diagnostic"
    TREATMENT_PLAN = "treatment_plan"
    DISCHARGE = "discharge"
    REFERRAL = "referral"
