"""Doubts in the demo: what the doctor adds and mistypes is found, and she resolves it before she signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local.demo.client import App, DemoError, Reply
from local.demo.show import Stages

_SAID, _TYPED = "100 mg", "150 mg"
"""The dose that the doctor said, and the one that she types."""
_LATER = "Takes melatonin at night."
"""What the patient said when the recording had ended."""
_AT_THE_DOOR = "She told me at the door, after the recording."
_MISSPELT = "I heard it; the transcript has the name misspelt."


def slip(doctor: App, stages: Stages, report: Reply) -> Reply:
    """The doctor adds a medication that the recording does not have, and mistypes a dose; each edit is checked."""
    with stages.stage("She adds what was said at the door, and mistypes a dose") as note:
        first, dosed = report.body["statements"][0], _with(report, _SAID)
        edits = [
            {"statement_id": first["id"], "text": f"{first['text']} {_LATER}"},
            {"statement_id": dosed["id"], "text": dosed["text"].replace(_SAID, _TYPED)},
        ]
        edited = doctor.post(_path(report, "corrections"), {"edits": edits}, etag=report.etag)
        note(f"{edited.body['unresolved_findings']} major doubts and omissions")
    return edited


def resolve(doctor: App, stages: Stages, report: Reply) -> Reply:
    """The signature is refused; the doctor mends her slip, and confirms with a reason what only she heard."""
    with stages.stage("Her signature is refused while they are open") as note:
        problem = doctor.refusal(_path(report, "sign"), {}, etag=report.etag)
        note(f"{problem['status']}: {problem['title']}")
        for finding in _open(doctor, report):
            note(f"{finding['type']} {finding['kind']}: {', '.join(finding['words'])}".replace("_", " "))
    with stages.stage("She corrects the dose, and confirms the rest with a reason") as note:
        mistyped = _with(report, _TYPED)
        edit = {"statement_id": mistyped["id"], "text": mistyped["text"].replace(_TYPED, _SAID), "reason": "wording"}
        mended = doctor.post(_path(report, "corrections"), {"edits": [edit]}, etag=report.etag)
        left = _open(doctor, mended)
        if not left:
            raise DemoError("no doubt is left to confirm")
        decided = [{"finding_id": one["id"], "how": "confirmed", "reason": _reason(one)} for one in left]
        settled = doctor.post(_path(report, "doubts"), {"resolutions": decided}, etag=mended.etag)
        for one in left:
            note(f"{', '.join(one['words'])}: “{_reason(one)}”")
        note(f"{settled.body['unresolved_findings']} are open")
    return doctor.get(_path(report))


def _reason(finding: Mapping[str, Any]) -> str:
    return _AT_THE_DOOR if finding["kind"] == "drug_not_in_evidence" else _MISSPELT


def _with(report: Reply, words: str) -> Mapping[str, Any]:
    """The statement with these words. Raises DemoError if there is none."""
    for statement in report.body["statements"]:
        if words in statement["text"]:
            return dict(statement)
    raise DemoError(f"no statement has {words}")


def _open(doctor: App, report: Reply) -> Sequence[Mapping[str, Any]]:
    findings = doctor.get(_path(report, "doubts")).body["findings"]
    return [one for one in findings if one["must_be_resolved"] and one["resolution"] is None]


def _path(report: Reply, *parts: str) -> str:
    return "/".join((f"/reports/{report.body['id']}", *parts))
