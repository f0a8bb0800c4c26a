"""`python -m infra.check`: how it tells of its steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.catalogue import ROOT
from infra.check.__main__ import Step, check, checkov, cloudbuild
from infra.check.terraform import TerraformError

linters = pytest.mark.skipif(
    not (ROOT / ".venv-infra" / ".done").exists(), reason="the linters are not here: make infra-check installs them"
)


def _fails() -> list[str]:
    raise TerraformError("first fault", "second fault")


def _is_not_there() -> list[str]:
    raise FileNotFoundError("no such tool: checkov")


def test_every_step_is_named_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert check([Step("one", list), Step("two", list, after="one")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["✓ one: 0.0 s", "✓ two: 0.0 s"]
    assert told[2].startswith("The deployment holds together")


def test_every_fault_is_told_and_fails_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert check([Step("one", _fails), Step("two", lambda: ["third fault"]), Step("three", _is_not_there)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == ["✗ one: 0.0 s", "first fault", "second fault"]
    assert "third fault" in told
    assert "no such tool: checkov" in told
    assert told[-1].startswith("4 faults")


def test_what_needs_a_failed_step_is_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[str] = []

    def run() -> list[str]:
        ran.append("it")
        return []

    assert check([Step("one", _fails), Step("two", run, after="one"), Step("three", run, after="two")]) == 1
    assert ran == []
    told = capsys.readouterr().out.splitlines()
    assert "- two: not run, because of: one" in told
    assert "- three: not run, because of: two" in told


@linters
def test_checkov_finds_a_public_bucket(tmp_path: Path) -> None:
    (tmp_path / "open.tf").write_text(
        'resource "google_storage_bucket_iam_member" "everybody" {\n  bucket = "b"\n'
        '  role   = "roles/storage.objectViewer"\n  member = "allUsers"\n}\n'
    )
    [told] = checkov(tmp_path)
    assert "google_storage_bucket_iam_member.everybody" in told


@linters
def test_a_build_step_that_cloud_build_does_not_know_is_told(tmp_path: Path) -> None:
    build = tmp_path / "cloudbuild.yaml"
    build.write_text("steps:\n  - name: debian\n    skript: 'true'\n")
    [told] = cloudbuild([build])
    assert "skript" in told
