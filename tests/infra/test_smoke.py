"""The smoke test sees what is wrong with a deployment, from answers of Google's APIs in their documented form."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.catalogue import ROOT
from infra.smoke import first_report, outside, terraform
from infra.smoke.__main__ import main
from infra.verdicts import Unknown, Verdict, result_of
from local.services.auth.client import create_account
from local.services.kit.identity import PROJECT as LOCAL_PROJECT
from local.services.kit.servers import HttpServer
from local.stack.stack import Stack
from tests.infra import good_project
from tests.infra.replay import bad_ones, recording, replayed
from tests.support.prerequisites import needs_terraform
from tests.support.thorough import sample

EXAMPLE = ROOT / "infra" / "terraform.tfvars.example"
SHARED = {"functions_not_permitted": {"every event has its trigger"}}
"""Other checks that a bad answer concerns too."""


@pytest.fixture
def applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose `terraform` has the outputs of a deployment and would change nothing."""
    outputs = {name: {"value": value} for name, value in good_project.OUTPUTS.items()}
    (tmp_path / "outputs.json").write_text(json.dumps(outputs))
    program = tmp_path / "terraform"
    program.write_text(f"#!/bin/sh\n[ \"$1\" = output ] && cat '{tmp_path}/outputs.json'\nexit 0\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(outside, "checks", lambda _target: [])  # asks the API itself: tests of it are below
    return tmp_path


def smoke(answers: dict[str, Any], folder: Path) -> int:
    with replayed(answers) as apis:
        return main([f"--variables={EXAMPLE}", f"--terraform={folder}"], apis)


def test_a_deployment_in_which_everything_holds_passes(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = smoke(good_project.answers(), applied)

    *lines, last = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} == {"OK"}, lines
    assert last == f"{len(lines)} of {len(lines)} hold: https://api.example.org/api/v1"
    assert code == 0


@pytest.mark.parametrize("name", sample(bad_ones("smoke"), 14))
def test_a_bad_answer_has_its_verdict_and_no_other(
    name: str, applied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = recording("smoke", name)
    answers = {**good_project.answers(), **recorded["answers"]}
    for change in recorded["changes"]:
        put(answers[change["answer"]]["body"], change["at"].split("/"), change["value"])

    code = smoke(answers, applied)

    *lines, _ = capsys.readouterr().out.splitlines()
    wrong = [line for line in lines if not line.startswith("OK ")]
    [line] = [line for line in wrong if line[8:].startswith(recorded["check"])]
    others = {other[8:].partition(":")[0] for other in wrong if other != line}
    assert others == SHARED.get(Path(name).name, set())
    assert line.startswith(f"{recorded['verdict']:7} ")
    assert recorded["shows"] in line
    assert " → " in line, "what to do"
    assert code == {"FAIL": 1, "UNKNOWN": 3}[recorded["verdict"]]
    assert recorded["source"].startswith("https://")


def put(target: Any, path: list[str], value: Any) -> None:
    """Replace the value at a path, or remove it if it is null. An item of a list is at its number, or its name."""
    first, *rest = path
    key: Any = first
    if isinstance(target, list):
        names = [str(item.get("name", "")).rpartition("/")[2] for item in target]
        key = names.index(first) if first in names else int(first)
    if rest:
        put(target[key], rest, value)
    elif value is None:
        del target[key]
    else:
        target[key] = value


def test_a_caller_who_may_read_nothing_learns_that_nothing_is_known(
    applied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    denied = {"status": 403, "body": {"error": {"code": 403, "message": "denied", "status": "PERMISSION_DENIED"}}}

    code = smoke(dict.fromkeys(good_project.answers(), denied), applied)

    *lines, _ = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith("UNKNOWN")] == ["OK      Terraform would change nothing"]
    assert code == 3


def test_functions_that_must_be_open_and_check_their_callers_are_named(
    applied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = applied / "terraform.tfvars"
    file.write_text(f'{EXAMPLE.read_text()}\npublic_invoker = "unchecked"\n')
    answers = good_project.answers()
    for service in answers[good_project.SERVICES]["body"]["services"]:
        service["invokerIamDisabled"] = not service["name"].endswith(("/bills", "/write-report"))

    with replayed(answers) as apis:
        code = main([f"--variables={file}", f"--terraform={applied}"], apis)

    assert code == 1
    assert re.findall(r"^FAIL    (.*?) → ", capsys.readouterr().out, re.M) == [
        "every HTTP function is open to the load balancer: bills checks its callers"
    ]


def test_nothing_is_asked_before_something_was_applied(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (applied / "outputs.json").write_text("{}")

    assert smoke({}, applied) == 3
    assert "nothing was applied" in capsys.readouterr().err


# Terraform


@needs_terraform
def test_a_plan_with_changes_names_what_it_would_change(tmp_path: Path) -> None:
    resources = "\n".join(f'resource "terraform_data" "r{number}" {{ input = "one" }}' for number in range(8))
    (tmp_path / "main.tf").write_text(f'{resources}\noutput "api_url" {{ value = "https://a.example" }}\n')
    [check] = terraform.checks(tmp_path)

    def write(old: str, new: str) -> None:
        (tmp_path / "main.tf").write_text((tmp_path / "main.tf").read_text().replace(old, new))

    def run(*arguments: str) -> None:
        subprocess.run(["terraform", *arguments], cwd=tmp_path, check=True, capture_output=True)

    run("init", "-input=false")
    before = result_of(check)
    with pytest.raises(Unknown, match="nothing was applied"):
        terraform.outputs(tmp_path)
    run("apply", "-input=false", "-auto-approve")
    after = result_of(check)
    write('r0" { input = "one"', 'r0" { input = "two"')
    changed = result_of(check)
    (tmp_path / "main.tf").write_text("resource {")
    broken = result_of(check)

    assert before.verdict == Verdict.FAIL
    assert before.reason.startswith("create terraform_data.r0; create terraform_data.r1; ")
    assert before.reason.endswith("; and 3 more")
    assert after.verdict == Verdict.OK
    assert (changed.verdict, changed.reason) == (Verdict.FAIL, "update terraform_data.r0")
    assert broken.verdict == Verdict.UNKNOWN
    assert broken.reason.startswith("the plan failed: ")
    (tmp_path / "main.tf").unlink()
    assert terraform.outputs(tmp_path) == {"api_url": "https://a.example"}


def test_without_terraform_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    [check] = terraform.checks(tmp_path)

    assert result_of(check).verdict == Verdict.UNKNOWN
    with pytest.raises(Unknown, match="terraform does not run"):
        terraform.outputs(tmp_path)


# The first report


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    file = tmp_path / "first-report.sh"
    monkeypatch.setattr(first_report, "SCRIPT", file)
    yield file


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[ "$API $KEY $PAGE" = "https://api.example.org/api/v1 any https://a/" ]', ""),
        ("echo one >&2; echo the report of session s is failed >&2; exit 1", "the report of session s is failed"),
        ("exit 7", "without a message"),
    ],
)
def test_the_first_report_says_where_it_stopped(script: Path, content: str, reason: str) -> None:
    script.write_text(content)

    [check] = first_report.checks(good_project.OUTPUTS, "https://a/")
    result = result_of(check)

    assert (result.verdict, result.reason) == (Verdict.FAIL if reason else Verdict.OK, reason)


def test_a_first_report_that_does_not_end_is_a_failure(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script.write_text("exec sleep 60")
    monkeypatch.setattr(first_report, "_TIMEOUT", 0.2)

    [check] = first_report.checks(good_project.OUTPUTS, "")

    assert result_of(check).verdict == Verdict.FAIL


# From outside


def test_the_smoke_test_holds_on_the_local_stack(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([f"{stack.url}/api/v1"])

    assert code == 0
    assert f"{len(outside.EVERYWHERE)} of {len(outside.EVERYWHERE)} hold" in capsys.readouterr().out


def _open_api(environ: Mapping[str, Any], start_response: Any) -> list[bytes]:
    """An API that answers every request with 200 and allows every origin."""
    start_response("200 OK", [("Content-Type", "application/json"), ("Access-Control-Allow-Origin", "*")])
    return [b"{}"]


def test_the_smoke_test_fails_for_an_open_api(capsys: pytest.CaptureFixture[str]) -> None:
    server = HttpServer(_open_api)
    try:
        code = main([server.url, "--functions", f"{server.url}/{{function}}"])
    finally:
        server.stop()

    failed = re.findall(r"^FAIL    (.+?): ", capsys.readouterr().out, re.M)
    assert code == 1
    assert failed == [check.__doc__ for check in (*outside.EVERYWHERE, outside.functions_are_not_public)]


def test_the_smoke_test_fails_without_an_api() -> None:
    assert main(["http://127.0.0.1:9"]) == 1


def test_the_smoke_test_checks_https_for_an_https_url(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([stack.url.replace("http://", "https://")])

    output = capsys.readouterr().out
    assert code == 1
    assert [check.__doc__ for check in outside.DEPLOYED if f"FAIL    {check.__doc__}: " not in output] == []


def test_the_local_stack_fails_the_checks_of_a_deployment(stack: Stack) -> None:
    local = outside.Target(stack.url, project=LOCAL_PROJECT)
    create_account(stack.url, "nobody", "nowhere")

    assert list(outside.forged_tokens_are_refused(local)) == ["answered 403"]
    assert list(outside.http_leads_to_https(local)) == ["answered 401, to None"]
