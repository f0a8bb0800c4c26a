"""The templates that ship: all are valid, and a version that was released never changes."""

from __future__ import annotations

import hashlib
import json

import pytest
from pydantic import BaseModel

from shared.records.templates import instruments, shipped
from shared.records.templates.content import content_errors
from shared.records.templates.sections import Section, leaves_of

RELEASED = {
    "shipped-consultation-v1": "1af250304174943c",
    "shipped-birp-v1": "46c2dbfe201aca9a",
    "shipped-couples-group-v1": "850cf8573bd662e3",
    "shipped-dap-v1": "69a512e036683f7d",
    "shipped-discharge-summary-v1": "a48f1a7da1091095",
    "shipped-girpp-v1": "4a87e1f56aeb047c",
    "shipped-intake-v1": "4e743a532f82572a",
    "shipped-psychiatric-evaluation-v1": "52d2d36f33fca451",
    "shipped-referral-letter-v1": "6287351fcba10d7f",
    "shipped-sirp-v1": "e97d8281daa657f0",
    "shipped-soap-v1": "55dc9f048202dfe2",
    "shipped-therapy-progress-v1": "54607f70998eba07",
}
"""The beginning of the SHA-256 of each released version: reports and copies name it. Add lines, never change one."""
INSTRUMENTS = {
    "phq-9-v1": "cc4d6e66c0154921",
    "phq-2-v1": "f3582e39cf24a8d2",
    "gad-7-v1": "92c90f365efe934c",
}


def digest(value: BaseModel) -> str:
    facts = value.model_dump(mode="json", exclude_defaults=True)
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def test_a_released_version_never_changes() -> None:
    versions = [one for id in shipped.ids() for one in shipped.versions(id)]

    assert {one.id: digest(one.content) for one in versions} == RELEASED


def test_a_released_instrument_never_changes() -> None:
    assert {f"{id}-v{number}": digest(one) for (id, number), one in instruments.known().items()} == INSTRUMENTS


@pytest.mark.parametrize("id", shipped.ids())
def test_a_shipped_template_keeps_the_rules_and_leads_with_guidance(id: str) -> None:
    template, newest = shipped.template(id), shipped.versions(id)[0]

    assert template is not None
    assert (template.version, template.name) == (newest.number, newest.content.name)
    assert content_errors(newest.content) == []
    assert all(leaf.guidance for leaf in leaves_of(newest.content.sections))


def test_the_general_consultation_is_the_default_and_the_formats_of_therapy_are_there() -> None:
    assert shipped.ids()[0] == shipped.DEFAULT_TEMPLATE_ID
    for name in ("soap", "dap", "birp", "girpp", "sirp", "psychiatric-evaluation", "therapy-progress"):
        assert f"shipped-{name}" in shipped.ids()
    for name in ("couples-group", "intake", "discharge-summary", "referral-letter"):
        assert f"shipped-{name}" in shipped.ids()


def test_mental_state_and_risk_are_never_normal_by_default() -> None:
    evaluation = shipped.versions("shipped-psychiatric-evaluation")[0].content
    areas = [leaf for leaf in leaves_of(evaluation.sections) if leaf.id.startswith(("mental_state", "risk"))]

    assert len(areas) > 10
    assert {leaf.unfilled(None) for leaf in areas} == {"Not assessed"}


def test_an_unknown_id_or_version_is_none() -> None:
    assert shipped.template("shipped-nothing") is None
    assert shipped.version("shipped-soap", 99) is None
    assert shipped.version("shipped-../soap", 1) is None


def test_a_section_of_a_report_has_no_guidance() -> None:
    (section,) = [Section(id="plan", title="Plan", guidance="Be short.").without_guidance()]

    assert section.guidance == ""


def test_shipped_templates_of_other_documents_say_the_type_of_their_reports() -> None:
    types = {id: found.report_type for id in shipped.ids() if (found := shipped.template(id)) and found.report_type}

    assert types == {
        "shipped-discharge-summary": "discharge",
        "shipped-psychiatric-evaluation": "diagnostic",
        "shipped-referral-letter": "referral",
    }
