"""The models of Gemini on Vertex AI, and when Google retires each.

The facts, their sources and the day they were read are in writer_models.json, which Terraform reads too. Google names
the earliest day of a retirement, and may move it to a later one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path

NOTICE = timedelta(days=90)
"""How long before its retirement a model should be replaced: drafts of another model must be tried first."""

_VERSION = re.compile(r"-\d{3}\Z")
"""The suffix of a stable version, such as -001."""


@cache
def retirements() -> Mapping[str, date]:
    """The earliest day of the retirement of each known model."""
    table = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return {name: date.fromisoformat(facts["retires"]) for name, facts in table["models"].items()}


def without_version(model: str) -> str:
    """The name without the suffix of a stable version."""
    return _VERSION.sub("", model)


def retirement_near(model: str, today: date) -> date | None:
    """The day of a model's retirement if it is over or within `NOTICE`; None if it is far, or not known."""
    retires = retirements().get(without_version(model))
    return retires if retires is not None and today >= retires - NOTICE else None
