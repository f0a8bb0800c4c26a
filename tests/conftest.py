"""What tests of more than one kind need: the seed, the cached transcripts, and one certificate a process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from local.services.firestore.google.emulator import OwnEmulator
from local.services.kit.servers import certificate
from local.stack.environment import trusting
from tests.support.prerequisites import require_java
from tests.support.thorough import SEED, THOROUGH, examples

pytest_plugins = [
    "tests.plugins.distribution",
    "tests.plugins.garbage",
    "tests.plugins.query_shapes",
    "tests.plugins.skips",
    "tests.plugins.stack",
]

# Generated tests run on busy machines: an example is wrong when it fails, not when it is slow.
settings.register_profile(
    "tests", max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")


def pytest_configure(config: pytest.Config) -> None:
    """Set the environment of the workers and of the programs that tests start: the seed and the cached transcripts."""
    os.environ["SEED"] = str(SEED)
    cache = getattr(config, "cache", None)  # absent with `-p no:cacheprovider`
    if cache and not THOROUGH:
        os.environ.setdefault("LOCAL_SPEECH_CACHE", str(cache.mkdir("speech")))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Print the seed, although `-q` prints no header."""
    if reporter := session.config.pluginmanager.get_plugin("terminalreporter"):
        reporter.write_line(
            f"SEED={SEED}, " + ("large samples" if THOROUGH else "samples; THOROUGH=1 takes large ones")
        )


@pytest.fixture(scope="session")
def certificate_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the certificate that every local server of this process must use.

    gRPC reads its roots once, when the process makes its first secure channel. So there is one certificate a
    process, and a test asks for it (through its server fixture) before it makes a client.
    """
    folder = tmp_path_factory.mktemp("certificate")
    certificate(folder)
    with pytest.MonkeyPatch.context() as environment:
        for name, file in trusting(folder / "tls.crt").items():
            environment.setenv(name, file)
        yield folder


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEmulator]:
    """Google's Firestore emulator. Its events go to the discard port."""
    require_java()
    emulator = OwnEmulator(tmp_path_factory.mktemp("firestore"), "127.0.0.1:9")
    try:
        emulator.wait_ready()
        yield emulator
    finally:
        emulator.stop()
