"""The templates that ship with the product: data files with ids and versions of their own, the same in every clinic.

A clinic needs no document for them. A further version is appended to its file; earlier ones never change, because
reports and copies name them. A copy is offered the new version as that of its parent.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from shared.records.record import SYSTEM, Stamp
from shared.records.templates.content import TemplateContent
from shared.records.templates.sections import Section
from shared.records.templates.template import PUBLIC, SHIPPED_PREFIX, ReportTemplate, TemplateVersion

DEFAULT_TEMPLATE_ID = "shipped-consultation"
"""The general consultation: the default of a clinic that has chosen no other."""
_FOLDER = Path(__file__).parent


@cache
def ids() -> tuple[str, ...]:
    """The ids of all shipped templates: the general consultation first, the others by name of their file."""
    found = sorted(f"{SHIPPED_PREFIX}{file.stem.replace('_', '-')}" for file in _FOLDER.glob("*.json"))
    return tuple(sorted(found, key=lambda id: id != DEFAULT_TEMPLATE_ID))


def template(id: str) -> ReportTemplate | None:
    """The shipped template with this id; None if there is none."""
    if id not in ids():
        return None
    last = _versions(id)[-1]
    values = {"name": last.content.name, "version": last.number, "is_public": True, "shelves": [PUBLIC]}
    values["report_type"] = _file(id).get("report_type")
    shipped = ReportTemplate.new(id, Stamp(SYSTEM, last.created_at), **values)
    return shipped.model_copy(update={"revision": last.number})


def version(id: str, number: int) -> TemplateVersion | None:
    """A version of a shipped template; None if there is none."""
    return next((one for one in _versions(id) if one.number == number), None) if id in ids() else None


def versions(id: str) -> tuple[TemplateVersion, ...]:
    """All versions of a shipped template, the newest first."""
    return tuple(reversed(_versions(id)))


def default_sections() -> list[Section]:
    """The sections of the general consultation."""
    return _versions(DEFAULT_TEMPLATE_ID)[-1].content.sections


@cache
def _versions(id: str) -> tuple[TemplateVersion, ...]:
    return tuple(_version(id, number, released) for number, released in enumerate(_file(id)["versions"], start=1))


@cache
def _file(id: str) -> dict[str, Any]:
    """The type of its reports, if it has one, and all versions."""
    file = _FOLDER / f"{id.removeprefix(SHIPPED_PREFIX).replace('-', '_')}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _version(id: str, number: int, released: dict[str, Any]) -> TemplateVersion:
    at = datetime.fromisoformat(released["released"]).replace(tzinfo=UTC)
    return TemplateVersion.of(id, number, TemplateContent.model_validate(released["content"]), Stamp(SYSTEM, at))
