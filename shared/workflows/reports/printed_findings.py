"""What the checks found in a report, and how doctors decided, as it is printed. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from shared.records.claims.doubt import DoubtKind
from shared.records.claims.omission import OmissionKind
from shared.records.reports.findings import Finding, FindingType
from shared.records.reports.resolutions import Resolution, standing
from shared.records.reports.signed_payload import ReportSnapshot
from shared.render.annexes import PrintedFinding
from shared.render.report_signature import moment
from shared.render.words.vocabulary import Words


def printed_findings(
    snapshot: ReportSnapshot, words: Words, names: Mapping[str, str] | None = None
) -> tuple[PrintedFinding, ...]:
    """The findings in the order of the statements, then what was left out, each with its decision.

    `names` has the names of accounts; others are printed as accounts.
    """
    decided = standing(snapshot.resolutions)
    texts = {statement.id: statement.text for statement in snapshot.statements}
    return tuple(
        PrintedFinding(
            about=_about(finding, texts, words),
            reasons=_reasons(finding, words),
            decision=_decision(decided.get(finding.id), snapshot.time_zone, words, names or {}),
        )
        for finding in snapshot.findings
    )


def _about(finding: Finding, texts: Mapping[str, str], words: Words) -> str:
    if finding.type is FindingType.OMISSION:
        return words.findings.left_out.format(words=words.listed.join(finding.words))
    return texts.get(finding.statement_id or "", words.listed.join(finding.words))


def _reasons(finding: Finding, words: Words) -> str:
    """What is doubted; of an omission its kind."""
    match finding.kind:
        case DoubtKind():
            about = f" ({words.listed.join(finding.words)})" if finding.words else ""
            recorded = f": {words.listed.join(finding.recorded)}" if finding.recorded else ""
            return f"{words.findings.doubts[finding.kind]}{about}{recorded}"
        case OmissionKind():
            return words.findings.omissions[finding.kind]
        case _:
            return words.findings.risk_answer


def _decision(resolution: Resolution | None, zone: str, words: Words, names: Mapping[str, str]) -> str:
    if resolution is None:
        return words.findings.unresolved
    return words.findings.decided.format(
        how=words.findings.how[resolution.how],
        reason=resolution.reason,
        author=names.get(resolution.author_id, resolution.author_id),
        when=moment(resolution.at, zone, words),
    )
