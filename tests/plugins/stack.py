"""One local stack per test process, and a new clinic for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack.environment import TRUSTED
from local.stack.stack import Stack
from tests.plugins.query_shapes import collected
from tests.support.clinics import TestClinic, clinic_with_profile, open_clinic
from tests.support.journey import Journey, run_journey


@pytest.fixture(scope="session")
def stack(
    certificate_folder: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Stack]:
    """The running stack. The test process has the environment of the platform's operator."""
    state = tmp_path_factory.mktemp("state")
    shutil.copytree(certificate_folder, state / "tls")
    with Stack(state) as stack, pytest.MonkeyPatch.context() as environment:
        for name, value in stack.client_environment().items():
            if name not in ("PATH", *TRUSTED):
                environment.setenv(name, value)
        yield stack
        collected(pytestconfig).note(stack.recorder.queries())


@pytest.fixture(scope="module")
def clinic(stack: Stack) -> TestClinic:
    """A clinic for all tests of a file: two doctors, a receptionist and an admin; the first doctor has a profile.

    A test that changes staff, profiles or settings, or counts what a clinic has, takes `own_clinic`.
    """
    return clinic_with_profile(stack)


@pytest.fixture
def own_clinic(stack: Stack) -> TestClinic:
    """A new clinic for one test."""
    return clinic_with_profile(stack)


@pytest.fixture(scope="module")
def other_clinic(stack: Stack) -> TestClinic:
    """A second clinic, for all tests of a file."""
    return open_clinic(stack)


@pytest.fixture(scope="session")
def beginning_of_visit(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The first 28 seconds of the sample recording, as FLAC. Their transcript is cached."""
    from local.samples import load
    from local.services.speech.audio import SAMPLE_RATE, decode, encode

    beginning = tmp_path_factory.mktemp("audio") / "beginning.flac"
    encode(decode(load("follow_up_visit").audio.read_bytes())[:, : 28 * SAMPLE_RATE], beginning)
    return beginning.read_bytes()


@pytest.fixture(scope="session")
def journeys(stack: Stack, beginning_of_visit: bytes) -> tuple[Journey, Journey]:
    """The main journey, and directly after it, with warm keys, a second one. Tests must not change their records."""
    from local.samples import load

    sample, clinic = load("follow_up_visit"), open_clinic(stack)
    main = run_journey(clinic, sample.audio.read_bytes(), sample.content_type)
    return main, run_journey(clinic, beginning_of_visit, "audio/flac")


@pytest.fixture(scope="session")
def journey(journeys: tuple[Journey, Journey]) -> Journey:
    """The main journey with the sample recording, in a clinic whose keys no function has cached."""
    return journeys[0]


@pytest.fixture(scope="session")
def second_journey(journeys: tuple[Journey, Journey]) -> Journey:
    """The journey in the same clinic again, with another patient and the first 28 seconds of the recording."""
    return journeys[1]
