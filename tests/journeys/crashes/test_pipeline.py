"""A function that is killed after a call, or loses its response, leads to the same final state."""

from __future__ import annotations

import pytest

from tests.journeys.crashes.helpers import (
    COMMIT,
    Crashes,
    Stage,
    Undisturbed,
    crashes,
    groups,
    plant,
    sampled_groups,
)
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.crashes import Story

pytestmark = pytest.mark.long

every_stage = pytest.mark.parametrize("stage", [stage for stages in groups() for stage in stages], ids=str)
every_group = pytest.mark.parametrize("stages", list(sampled_groups()), ids=lambda stages: "-".join(map(str, stages)))


@every_stage
def test_stage_makes_the_listed_calls(stage: Stage, undisturbed: dict[Story, Undisturbed]) -> None:
    assert undisturbed[stage.story].calls[stage.function] == stage.calls


def test_undisturbed_consultation_ends_with_draft_and_bill(undisturbed: dict[Story, Undisturbed]) -> None:
    ending = undisturbed[support.consultation].ending

    assert [ending.session["status"], ending.transcription["status"]] == ["completed", "completed"]
    assert {segment["speaker"] for segment in ending.transcription["segments"]} == {"practitioner"}
    assert ending.report["status"] == "completed"
    assert any("ibuprofen" in statement["text"] for statement in ending.report["statements"])
    assert ending.bill["number"].endswith("000001")


@pytest.mark.parametrize("crashes", list(crashes()), ids=str)
def test_kill_after_any_call_leaves_the_same_final_state(
    crashes: Crashes, own_clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    story = next(iter(crashes)).story
    mark = own_clinic.stack.recorder.mark()
    faults = [
        plant(own_clinic.stack, stage.function, call, "kill", skip=stage.calls[:number].count(call))
        for stage, number in crashes.items()
        for call in [stage.calls[number]]
    ]

    session_id = story(own_clinic, audio)

    assert all(fault.fired.wait(5) for fault in faults)
    for stage, number in crashes.items():
        made = support.calls_of(own_clinic.stack, stage.function, mark)
        assert made[: number + 1] == stage.calls[: number + 1], "the function was killed after a different call"
    assert support.ending(own_clinic, session_id) == undisturbed[story].ending


@every_group
def test_lost_commit_responses_cause_no_second_commit(
    stages: list[Stage], own_clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    story = stages[0].story
    mark = own_clinic.stack.recorder.mark()
    lost = {stage: stage.calls.count(COMMIT) for stage in stages}
    faults = [plant(own_clinic.stack, stage.function, COMMIT, "cut") for stage in stages for _ in range(lost[stage])]

    session_id = story(own_clinic, audio)

    assert all(fault.fired.is_set() for fault in faults)
    made = {stage: support.calls_of(own_clinic.stack, stage.function, mark).count(COMMIT) for stage in stages}
    assert made == lost
    assert support.ending(own_clinic, session_id) == undisturbed[story].ending


@every_group
def test_lost_responses_to_all_calls_leave_the_same_final_state(
    stages: list[Stage], own_clinic: TestClinic, audio: bytes, undisturbed: dict[Story, Undisturbed]
) -> None:
    story = stages[0].story
    faults = [plant(own_clinic.stack, stage.function, call, "cut") for stage in stages for call in stage.calls]

    session_id = story(own_clinic, audio)

    assert all(fault.fired.is_set() for fault in faults)
    assert support.ending(own_clinic, session_id) == undisturbed[story].ending
