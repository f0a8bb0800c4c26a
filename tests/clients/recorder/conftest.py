"""The browser of the recorder's tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import soundfile

from local.samples import load
from local.services.speech.audio import SAMPLE_RATE, decode
from tests.clients.recorder.package import CLIENTS, build
from tests.support.browser import Browser

DRIVER = CLIENTS / "recorder" / "browser.js"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as `npm run build` makes it, in another folder."""
    return build(tmp_path_factory.mktemp("recorder"))


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone plays: a dialogue, as a WAV file."""
    file = tmp_path_factory.mktemp("spoken") / "visit.wav"
    soundfile.write(file, decode(load("short_visit").audio.read_bytes()).mean(axis=0), SAMPLE_RATE, "PCM_16")
    return file


@pytest.fixture(scope="module")
def running(built: Path, spoken: Path) -> Iterator[Browser]:
    with (
        tempfile.TemporaryDirectory(prefix="browser") as folder,  # the sockets of a browser must have short paths
        closing(Browser(Path(folder), DRIVER, str(built), str(spoken), folder)) as browser,
    ):
        yield browser


@pytest.fixture
def browser(running: Browser) -> Browser:
    """A page without anything in its store."""
    running.call("begin")
    return running
