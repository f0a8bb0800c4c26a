"""What stops a first apply is seen before it, from answers of Google's APIs in their documented form."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from infra import variables
from infra.catalogue import ROOT
from infra.check.deployment import Deployment
from infra.check.terraform import OFFLINE
from infra.google_apis import GoogleApis, Unreadable, signed_in
from infra.preflight import builds, foundation, quotas
from infra.preflight.__main__ import main
from infra.verdicts import Check, Unknown, Verdict, report, result_of
from tests.infra.replay import PROJECT, bad_ones, recording, replayed
from tests.support.thorough import sample

EXAMPLE = ROOT / "infra" / "terraform.tfvars.example"
TODAY = date(2026, 11, 29)


def written(folder: Path, changes: dict[str, object]) -> Path:
    """The example's variables with these changes, in a file."""
    lines = [line for line in EXAMPLE.read_text().splitlines() if line.split(" ")[0] not in changes]
    file = folder / "terraform.tfvars"
    file.write_text("\n".join([*lines, *(f"{name} = {json.dumps(value)}" for name, value in changes.items())]))
    return file


def test_a_project_in_which_everything_holds_is_ready(capsys: pytest.CaptureFixture[str]) -> None:
    with replayed(recording("preflight")["answers"]) as apis:
        code = main([f"--variables={EXAMPLE}"], apis, TODAY)

    *lines, last = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} == {"OK"}, lines
    assert last == f"{len(lines)} of {len(lines)} hold: {PROJECT} in asia-south1, before terraform apply"
    assert code == 0


@pytest.mark.parametrize("name", sample(bad_ones("preflight"), 14))
def test_a_bad_answer_has_its_verdict_and_no_other(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = recording("preflight", name)
    file = written(tmp_path, recorded.get("variables", {}))
    today = date.fromisoformat(recorded.get("today", TODAY.isoformat()))

    with replayed(recorded["answers"]) as apis:
        code = main([f"--variables={file}"], apis, today)

    *lines, _ = capsys.readouterr().out.splitlines()
    [line] = [line for line in lines if not line.startswith("OK ")]
    assert line.startswith(f"{recorded['verdict']:7} {recorded['check']}")
    assert recorded["shows"] in line
    assert " → " in line, "what to do"
    assert code == {"FAIL": 1, "UNKNOWN": 3}[recorded["verdict"]]
    assert recorded["source"].startswith("https://")


def test_functions_without_a_check_of_the_caller_need_no_grant_to_everybody(tmp_path: Path) -> None:
    file = written(tmp_path, {"public_invoker": "unchecked"})
    for name in ("members_of_one_customer", "members_of_the_managed_policy"):
        with replayed(recording("preflight", f"bad/{name}")["answers"]) as apis:
            assert main([f"--variables={file}"], apis, TODAY) == 0


def test_a_caller_who_may_read_nothing_learns_that_nothing_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    denied = {"status": 403, "body": {"error": {"code": 403, "message": "denied", "status": "PERMISSION_DENIED"}}}
    with replayed(dict.fromkeys(recording("preflight")["answers"], denied)) as apis:
        code = main([f"--variables={EXAMPLE}"], apis, TODAY)

    verdicts = Counter(line.split()[0] for line in capsys.readouterr().out.splitlines()[:-1])
    assert verdicts["OK"] == 2, "what the variables say by themselves: the lock, the retirement"
    assert set(verdicts) == {"OK", "UNKNOWN"}
    assert code == 3


@pytest.mark.parametrize("answer", [{"builds": 1}, [], {"quotas": [{}]}, {"services": [1]}])
def test_an_answer_of_another_form_is_unknown(answer: object, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = recording("preflight")["answers"]
    with replayed({key: {"status": 200, "body": answer} for key in recorded}) as apis:
        main([f"--variables={EXAMPLE}"], apis, TODAY)

    assert "Traceback" not in capsys.readouterr().err


def test_a_file_without_variables_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([f"--variables={tmp_path / 'terraform.tfvars'}"])

    assert code == 3
    assert "terraform.tfvars" in capsys.readouterr().err


def test_a_value_of_another_form_is_named(tmp_path: Path) -> None:
    file = tmp_path / "terraform.tfvars"
    file.write_text('project = "p"  # ours\ncors_origins = [\n  "https://a.example", # one\n]\nregion = upper("x")\n')

    with pytest.raises(ValueError, match="region has a value of another form"):
        variables.load(file)
    file.write_text(file.read_text().replace('upper("x")', '"asia-south1"'))
    loaded = variables.load(file)
    assert (loaded["project"], loaded["cors_origins"], loaded["region"]) == ("p", ["https://a.example"], "asia-south1")
    assert (loaded["environment"], loaded["lock_audit_log"]) == (None, False)


def test_nobody_signed_in_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gcloud = tmp_path / "gcloud"
    gcloud.write_text("#!/bin/sh\nexit 1\n")
    gcloud.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Unreadable, match="gcloud auth login"):
        signed_in(PROJECT)
    gcloud.unlink()
    with pytest.raises(Unreadable, match="gcloud does not run"):
        signed_in(PROJECT)


def test_an_api_that_does_not_answer_is_unknown() -> None:
    check = Check(
        "the database does not exist elsewhere", lambda: [str(GoogleApis("p", "t", "http://127.0.0.1:9/").get("x"))]
    )

    assert result_of(check).verdict == Verdict.UNKNOWN


def test_a_list_is_read_to_its_end_and_not_beyond_fifty_pages() -> None:
    with replayed({"GET host/list": {"status": 200, "body": {"items": [{"n": 1}], "nextPageToken": "more"}}}) as apis:
        pages = apis.all("host/list", "items")
        assert [next(pages)["n"] for _ in range(50)] == [1] * 50
        with pytest.raises(Unreadable, match="more than 50 pages"):
            next(pages)


def test_a_failure_outweighs_what_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    def unknown() -> list[str]:
        raise Unknown("nobody knows")

    checks = [Check("one", list), Check("two", unknown, "ask"), Check("three", lambda: ["[a]", "b"])]

    def partly() -> Iterator[str]:
        yield "one is wrong"
        raise Unknown("another is not known")

    assert result_of(Check("four", partly)).reason == "one is wrong"
    assert result_of(Check("five", lambda: [str(number) for number in range(8)])).reason == "0; 1; 2; 3; 4; and 3 more"
    assert report(checks, "here") == 1
    assert report(checks[:2], "here") == 3
    assert report(checks[:1], "here") == 0
    assert capsys.readouterr().out.splitlines()[:4] == [
        "OK      one",
        "UNKNOWN two: nobody knows → ask",
        "FAIL    three: [a]; b",
        "1 of 3 hold: here",
    ]


def test_regions_open_to_all_are_those_of_terraform() -> None:
    declared = (ROOT / "infra" / "variables.tf").read_text().partition('variable "builds_in_region"')[2]
    listed = declared.partition("contains([")[2].partition("]")[0]

    assert set(re.findall(r'"([\w-]+)"', listed)) == builds.OPEN_TO_ALL


def test_what_is_asked_for_is_what_the_plan_has(planned: Deployment) -> None:
    plan, needed = planned.plan, quotas.needed()
    [policy] = plan.of("google_compute_security_policy")
    rules = policy.blocks("rule")
    kinds = {
        "BACKEND_SERVICES": "backend_service",
        "SECURITY_POLICIES": "security_policy",
        "SSL_CERTIFICATES": "managed_ssl_certificate",
        "STATIC_ADDRESSES": "global_address",
        "TARGET_HTTPS_PROXIES": "target_https_proxy",
        "TARGET_HTTP_PROXIES": "target_http_proxy",
        "URL_MAPS": "url_map",
    }

    assert {metric: needed[metric] for metric in kinds} == {
        metric: len(plan.of(f"google_compute_{kind}")) for metric, kind in kinds.items()
    }
    assert needed["SECURITY_POLICY_RULES"] == len(rules)
    assert needed["SECURITY_POLICY_CEVAL_RULES"] == sum(
        bool(match.get("expr")) for rule in rules for match in rule.get("match") or []
    )
    assert needed.keys() == kinds.keys() | {"SECURITY_POLICY_RULES", "SECURITY_POLICY_CEVAL_RULES"}
    services = {resource.text("service") for resource in plan.of("google_project_service")}
    assert services | foundation.ASKED == foundation.needed_apis()


def test_instances_are_counted_as_terraform_does(planned: Deployment) -> None:
    deployed = [resource.blocks("service_config")[0] for resource in planned.deployed.values()]
    most = quotas.most_instances({"max_instances": 0, "environment": OFFLINE["environment"]})

    assert quotas.largest(most)["CpuAlloc"] == max(
        1000 * float(one["available_cpu"]) * one["max_instance_count"] for one in deployed
    )
    assert quotas.most_instances({"max_instances": 7, "environment": "production"}) == 7
