"""A second report of the same visit: a referral letter, drafted from the same transcript."""

from __future__ import annotations

from local.demo.client import App, DemoError
from local.demo.show import Stages

_TEMPLATE = "shipped-referral-letter"


def request(doctor: App, stages: Stages, session: str) -> None:
    """The doctor asks for a letter to a colleague, and waits for its draft."""
    with stages.stage("She asks for a referral letter of the same visit") as note:
        letter = doctor.post(f"/sessions/{session}/generate-report", {"template_id": _TEMPLATE}).body
        note(str(letter["report_number"]))
        for now in doctor.follow(session):
            if now and now["further_reports"].get(letter["id"]) in ("completed", "failed"):
                break
        drafted = doctor.get(f"/reports/{letter['id']}").body
        if drafted["status"] != "completed":
            raise DemoError(f"the letter is {drafted['status']}: {drafted['error_code']}")
        note(f"{len(drafted['statements'])} statements, a {drafted['report_type']}")
