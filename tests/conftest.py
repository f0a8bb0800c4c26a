"""What tests of more than one kind need: in which order they run and where, and one certificate a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from local.services.kit.servers import certificate

pytest_plugins = ["tests.matrix", "tests.queries"]

STORY = {"test_call_counts.py", "test_leaks.py", "test_story.py"}
"""They look at the main story, which takes half a minute to tell: they come first, and share a worker."""
LONG = {
    "test_auth_emulator.py",
    "test_cold_start.py",
    "test_concurrency.py",
    "test_crashes.py",
    "test_demo.py",
    "test_deploy_doc.py",
    "test_local_command.py",
    "test_local_speech.py",
    "test_local_stack.py",
    "test_role_matrix.py",
    "test_rules.py",
    "test_schemathesis.py",
    "test_token_verification.py",
    "test_users.py",
}
"""They begin first: whatever is left at the end should be short, or one worker waits for the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (item.path.name not in STORY, item.path.name not in LONG))


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """A worker runs whole files."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "story" if Path(file).name in STORY else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def certificate_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the certificate that every local gRPC server of this process must use.

    gRPC reads its roots once, when the process makes its first secure channel. So there is one certificate a
    process, and a test asks for it (through its server fixture) before it makes a client.
    """
    folder = tmp_path_factory.mktemp("certificate")
    certificate(folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", str(folder / "tls.crt"))
        yield folder
