"""The variables of a template's own prompt: a closed list, filled in before the prompt is sent.

None identifies the patient, and none has free text: what a person typed is evidence, never an instruction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

_NAMED = re.compile(r"\{([^{}\n]{0,60})\}")
UNKNOWN = "unknown"


class PromptVariable(StrEnum):
    """What a template's own prompt may name in braces, such as `{patient_age}`. What is not known reads "unknown"."""

    PATIENT_AGE = "patient_age"
    """Age at the visit: in years, such as 42; with the unit for a child below two years, or where it is not certain,
    such as 3 months or about 76 years."""
    VISIT_TYPE = "visit_type"
    VISIT_DATE = "visit_date"
    """The day of the visit in the clinic's time zone, such as 2026-11-04."""
    VISIT_MINUTES = "visit_minutes"
    """Duration of a completed visit."""
    VISIT_LANGUAGE = "visit_language"
    """The languages of the transcript, that of most words first, such as hi-IN, en-IN."""
    REPORT_TYPE = "report_type"


Values = Mapping[PromptVariable, str]

SAMPLE: Values = {
    PromptVariable.PATIENT_AGE: "42",
    PromptVariable.VISIT_TYPE: "followup",
    PromptVariable.VISIT_DATE: date(2026, 11, 4).isoformat(),
    PromptVariable.VISIT_MINUTES: "24",
    PromptVariable.VISIT_LANGUAGE: "en-IN",
    PromptVariable.REPORT_TYPE: "followup",
}
"""The values of a preview without a visit."""


def unknown_in(text: str) -> list[str]:
    """The names in braces that are no variables, each once."""
    names = dict.fromkeys(match[1].strip() for match in _NAMED.finditer(text))
    return [name for name in names if name not in set(PromptVariable)]


def filled(text: str, values: Values) -> str:
    """The text with the values of its variables. One pass: a value with braces is not filled in again."""

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        return values.get(PromptVariable(name), UNKNOWN) if name in set(PromptVariable) else match[0]

    return _NAMED.sub(value, text)
