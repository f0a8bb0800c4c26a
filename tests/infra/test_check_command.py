"""`python -m infra.check`: the output and exit code of its steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.catalogue import ROOT
from infra.check.__main__ import Step, check, checkov, cloudbuild
from infra.check.terraform import TerraformError

linters = pytest.mark.skipif(
    not (ROOT / ".venv-infra" / ".done").exists(),
    reason="the linters are not installed: make infra-check installs them",
)


def _fails() -> list[str]:
    raise TerraformError("first fault", "second fault")


def _lacks_its_tool() -> list[str]:
    raise FileNotFoundError("no such tool: checkov")


def test_every_step_is_printed_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert check([Step("one", list), Step("two", list, after="one")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["✓ one: 0.0 s", "✓ two: 0.0 s"]
    assert lines[2].startswith("The deployment holds together")


def test_every_fault_is_printed_and_fails_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert check([Step("one", _fails), Step("two", lambda: ["third fault"]), Step("three", _lacks_its_tool)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["✗ one: 0.0 s", "first fault", "second fault"]
    assert "third fault" in lines
    assert "no such tool: checkov" in lines
    assert lines[-1].startswith("4 faults")


def test_a_step_after_a_failed_one_is_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[str] = []

    def run() -> list[str]:
        ran.append("it")
        return []

    assert check([Step("one", _fails), Step("two", run, after="one"), Step("three", run, after="two")]) == 1
    assert ran == []
    lines = capsys.readouterr().out.splitlines()
    assert "- two: not run, because of: one" in lines
    assert "- three: not run, because of: two" in lines


@linters
def test_checkov_finds_a_public_bucket(tmp_path: Path) -> None:
    (tmp_path / "open.tf").write_text(
        'resource "google_storage_bucket_iam_member" "everybody" {\n  bucket = "b"\n'
        '  role   = "roles/storage.objectViewer"\n  member = "allUsers"\n}\n'
    )
    [finding] = checkov(tmp_path)
    assert "google_storage_bucket_iam_member.everybody" in finding


@linters
def test_an_unknown_key_in_a_build_step_is_reported(tmp_path: Path) -> None:
    build = tmp_path / "cloudbuild.yaml"
    build.write_text("steps:\n  - name: debian\n    skript: 'true'\n")
    [finding] = cloudbuild([build])
    assert "skript" in finding
