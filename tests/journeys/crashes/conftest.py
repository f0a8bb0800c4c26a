"""The undisturbed stories, and a client that loses responses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.stack.stack import Stack
from tests.journeys.crashes.helpers import STAGES, LossyClient, Undisturbed, play_undisturbed
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.crashes import Story


@pytest.fixture(scope="session")
def audio() -> bytes:
    return support.short_recording()


@pytest.fixture(scope="session")
def undisturbed(stack: Stack, audio: bytes) -> dict[Story, Undisturbed]:
    """Each story on warm functions: cold starts would change the order of events."""
    for story in (support.consultation, support.unreadable_recording):
        story(support.new_clinic(stack), audio)
    return {story: play_undisturbed(story, support.new_clinic(stack), audio) for story in STAGES}


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield


@pytest.fixture(params=["kill", "cut"])
def lossy_client(request: pytest.FixtureRequest, own_clinic: TestClinic) -> LossyClient:
    return LossyClient(own_clinic.doctor, own_clinic.stack, request.param)
