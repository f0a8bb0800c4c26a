"""Resolving the doubts and omissions of a report, as a doctor does before the signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.records.record import Stamp
from shared.records.reports.content import ReportContent
from shared.records.reports.resolutions import RESOLVED_BY, Resolution
from tests.support.client import ApiClient, Reply


def with_resolutions(content: ReportContent, stamp: Stamp, reason: str = "I asked again.") -> ReportContent:
    """The content after a doctor resolved every finding."""
    resolutions = [
        Resolution(
            **{name: getattr(finding, name) for name in ("kind", "statement_id", "words", "segments")},
            finding_id=finding.id,
            how=RESOLVED_BY[finding.type],
            reason=reason,
            author_id=stamp.by,
            at=stamp.at,
        )
        for finding in content.findings
    ]
    return content.model_copy(update={"resolutions": resolutions})


def decisions(findings: Iterable[Mapping[str, Any]], reason: str = "I asked again.") -> list[dict[str, Any]]:
    """The possible decision about each finding of an answer."""
    return [{"finding_id": one["id"], "how": RESOLVED_BY[one["type"]].value, "reason": reason} for one in findings]


def resolve_all(doctor: ApiClient, report_id: str, reason: str = "I asked again.") -> Reply:
    """Resolve what must be resolved before the signature; the reply has the ETag to sign with."""
    listed = doctor.get(f"/reports/{report_id}/doubts").ok()
    made = decisions((one for one in listed.body["findings"] if _is_open(one)), reason)
    if not made:
        return listed
    return doctor.post(f"/reports/{report_id}/doubts", {"resolutions": made}, key="", etag=listed.etag).ok()


def _is_open(finding: Mapping[str, Any]) -> bool:
    return bool(finding["must_be_resolved"]) and finding["resolution"] is None
