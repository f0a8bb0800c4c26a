"""The manuals of a deployment are correct: commands exist, the first report runs on the local stack, sums add up."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from infra.catalogue import ROOT
from infra.check.deployment import Deployment
from infra.check.terraform import INFRA, Terraform
from local.services.speech.audio import SAMPLE_RATE, decode, encode
from local.stack.environment import only
from local.stack.stack import Stack
from tests.journeys.test_call_counts import JOBS, REQUESTS
from tests.support.mails import mailed_code
from tests.support.prerequisites import needs_terraform

pytestmark = pytest.mark.long

PAGES = [ROOT / "docs" / f"{name}.md" for name in ("deploy", "settings", "upkeep", "costs")]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
RUNBOOK = PAGES[0].read_text(encoding="utf-8")
EXAMPLE = INFRA / "terraform.tfvars.example"
EXPORTED = ("GOOGLE_CLOUD_PROJECT", "FIRESTORE_DATABASE", "DATA_KEY")
"""The variables that the operator exports before opening a clinic."""
_BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.M | re.S)
_CONTINUED = re.compile(r"\\\n\s*")
_INNER = re.compile(r"\$\(([^()]*)\)")
_IN_BRACKETS = re.compile(r"(?<=[\w\"])\([\w.]+\)")
"""A part of an argument, as in `(default)` and `value(name)`."""
_TERRAFORM = "\n".join(file.read_text(encoding="utf-8") for file in sorted(INFRA.glob("*.tf")))
_DOLLARS = Decimal("0.01")
DOCTOR = "meera@clinic.example"
"""The first doctor of the page."""


def blocks(*tags: str) -> list[str]:
    """The shell blocks with one of these tags, in order."""
    return [content for language, tag, content in _BLOCK.findall(TEXT) if language == "sh" and tag in tags]


def commands(program: str) -> list[str]:
    """The distinct commands of a program on the page, each on one line and without nested commands."""
    return _commands(program, "\n".join(blocks("", "clinic")))


def _commands(program: str, script: str) -> list[str]:
    flat = _IN_BRACKETS.sub("", _CONTINUED.sub("", script))
    while inner := _INNER.search(flat):
        flat = f"{flat[: inner.start()]}VALUE{flat[inner.end() :]}\n{inner[1]}"
    found = re.findall(rf"(?<![\w.-]){re.escape(program)} [^|#)&;\n]*", flat)
    return list(dict.fromkeys(command.strip() for command in found))


def test_every_kind_of_command_is_there() -> None:
    for program in ("terraform", "gcloud", "make", "python -m"):
        assert commands(program)


# Tools


@cache
def _help(*words: str) -> str:
    completed = subprocess.run(
        [sys.executable, "-m", *words, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return completed.stdout


@pytest.mark.parametrize("command", commands("python -m"))
def test_a_module_accepts_its_arguments(command: str) -> None:
    module, *words = command.removeprefix("python -m ").split()
    subcommand = [word for word in words[:1] if re.fullmatch(r"[a-z-]+", word)]
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    help_of_options = _help(module, *(subcommand if module == "shared.cli" else []))
    subcommands = _help(module).partition("positional arguments:")[2].partition("options:")[0]

    assert all(re.search(rf"\b{word}\b", subcommands) for word in subcommand)
    assert [option for option in options if option not in help_of_options] == []


@pytest.mark.parametrize("command", commands("make"))
def test_a_target_of_make_exists(command: str) -> None:
    target = command.rsplit(maxsplit=1)[-1]

    makefile = (ROOT / "Makefile").read_text().replace("$(VENV)", ".venv")
    assert re.search(rf"^{re.escape(target)}:", makefile, re.M)


@needs_terraform
@pytest.mark.parametrize("command", commands("terraform"))
def test_a_command_of_terraform_exists(command: str) -> None:
    words = [word for word in command.split() if not word.startswith("-chdir")][1:]
    names = [word for word in words[: 2 if words[0] in ("state", "providers") else 1] if not word.startswith("-")]
    completed = subprocess.run(["terraform", *names, "-help"], cwd=ROOT, capture_output=True, text=True, check=False)
    options = [word.partition("=")[0] for word in words if word.startswith("-")]

    assert completed.returncode == 0
    assert [option for option in options if option not in completed.stdout] == []


@cache
def _gcloud() -> Mapping[str, Any] | None:
    """gcloud's completion table of its commands and flags; None if gcloud is not installed with it."""
    program = shutil.which("gcloud")
    table = Path(program).resolve().parent.parent / "data" / "cli" / "gcloud_completions.py" if program else None
    if table is None or not table.exists():
        return None
    spec = importlib.util.spec_from_file_location("gcloud_completions", table)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table_of_commands: Mapping[str, Any] = module.STATIC_COMPLETION_CLI_TREE
    return table_of_commands


def unknown_to_gcloud(command: str, table: Mapping[str, Any]) -> list[str]:
    """The words of a command that gcloud does not know."""
    words = command.split()[1:]
    here, flags = table, set(table.get("flags", {}))
    while words and words[0] in here.get("commands", {}):
        here = here["commands"][words.pop(0)]
        flags |= set(here.get("flags", {}))
    used = {word.partition("=")[0] for word in words if word.startswith("--")}
    known = {flag.replace("--", "--no-", 1) for flag in flags} | flags
    return (words[:1] if here.get("commands") else []) + sorted(used - known)


def test_every_command_of_gcloud_exists() -> None:
    table = _gcloud()
    if table is None:
        pytest.skip("gcloud is not installed with its table of commands")
    scripts = [*commands("gcloud"), *_commands("gcloud", _scripts())]

    assert [(command, words) for command in scripts if (words := unknown_to_gcloud(command, table))] == []
    assert unknown_to_gcloud("gcloud kms keys turn --key=a", table) == ["turn", "--key"]
    assert unknown_to_gcloud("gcloud kms keys create a --colour=red", table) == ["--colour"]


def _scripts() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(INFRA.glob("*.sh")))


# Terraform


def _variables() -> dict[str, bool]:
    """Every variable, and whether it is required."""
    found = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}$', _TERRAFORM, re.M | re.S)
    return {name: not re.search(r"^  default\s*=", body, re.M) for name, body in found}


def _example() -> dict[str, str]:
    return dict(re.findall(r"^(?:# )?(\w+) += (.+)$", EXAMPLE.read_text(), re.M))


def test_the_example_sets_every_required_variable() -> None:
    set_ = re.findall(r"^(\w+) +=", EXAMPLE.read_text(), re.M)

    assert {name for name, required in _variables().items() if required} <= set(set_)
    assert set(_example()) <= _variables().keys()


def test_the_example_plans(terraform: Terraform) -> None:
    workspace = terraform.workspace()
    # With the commented-out variables, too.
    lines = re.sub(r"^# (?=\w+ +=)", "", EXAMPLE.read_text(), flags=re.M)
    (workspace.folder / "terraform.tfvars").write_text(lines)

    planned = workspace.plan({})

    assert planned["variables"]["project"]["value"] == _example()["project"].strip('"')
    assert planned["variables"]["repository"]["value"]


def test_every_output_exists() -> None:
    named = re.findall(r"output -raw (\w+)", TEXT)

    assert named
    assert set(named) <= set(re.findall(r'^output "(\w+)"', _TERRAFORM, re.M))


def test_every_name_in_the_text_exists() -> None:
    """Variables, outputs, states and files in backticks."""
    sources = [*INFRA.glob("*.*"), *(ROOT / "shared").rglob("*.py"), *(ROOT / "tests" / "journeys").glob("*.py")]
    known = {word for source in sources if source.is_file() for word in re.findall(r"\w+", source.read_text())}
    prose = _BLOCK.sub("", TEXT)
    names = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)(?: = [^`]*)?`", prose))

    assert {"signing_key_version", "state_bucket", "needs_pricing"} <= names
    assert names - known == set()


def test_protected_resources_are_removed_from_the_state_first() -> None:
    protected = {
        f"{kind}.{name}"
        for kind, name, body in re.findall(r'^resource "(\w+)" "(\w+)" \{\n(.*?)^\}$', _TERRAFORM, re.M | re.S)
        if "prevent_destroy = true" in body
    }
    [command] = [command for command in commands("terraform") if " state rm " in command]

    assert set(command.partition(" state rm ")[2].split()) == protected


def test_every_reference_has_its_address() -> None:
    """tests/architecture/test_docs.py has the other links."""
    for name in re.findall(r"\]\[(\w+)\]", TEXT):
        assert f"\n[{name}]: https://" in TEXT, name


def test_every_script_and_file_of_the_runbook_exists() -> None:
    written = {"infra/terraform.tfvars"}
    named = set(re.findall(r"(?<![\w./-])((?:infra|local|tools|docs)/[\w./-]+\.\w+)", "\n".join(blocks(""))))

    assert "infra/bootstrap.sh" in named
    assert {name for name in named - written if not (ROOT / name).exists()} == set()
    assert all(os.access(ROOT / name, os.X_OK) for name in named if name.endswith(".sh"))


def test_every_variable_of_a_command_is_set_before_it() -> None:
    """By an export or an assignment of the runbook, except what the reader of that place chooses."""
    known = {"EDITOR", "SMTP_PASSWORD", "TWILIO_AUTH_TOKEN", "VALUE"}
    unset = []
    for block in blocks("", "clinic"):
        for line in block.splitlines():
            unset += [name for name in re.findall(r"[$][{]?([A-Za-z_]+)", line) if name not in known]
            known |= set(re.findall(r"(?:^|export |\s)([A-Za-z_]+)=", line))

    assert unset == []


def test_the_runbook_is_shorter_than_it_was() -> None:
    assert len(RUNBOOK.splitlines()) < 350, "reference goes to settings.md, upkeep.md and costs.md"


# The first report


def test_the_first_report_of_the_page_is_signed(stack: Stack, tmp_path: Path) -> None:
    for needed in (".venv", "shared", "infra"):
        (tmp_path / needed).symlink_to(ROOT / needed)
    # The beginning of the recording suffices and takes a fraction of the time.
    samples = tmp_path / "local" / "samples"
    samples.mkdir(parents=True)
    whole = decode((ROOT / "local" / "samples" / "follow_up_visit.ogg").read_bytes())
    encode(whole[:, : 28 * SAMPLE_RATE], samples / "follow_up_visit.ogg")
    [opening] = blocks("clinic")
    environment = {
        **only(EXPORTED, stack.client_environment()),
        "PATH": os.environ["PATH"],
        "API": f"{stack.url}/api/v1",
        "IDENTITY": f"{stack.url}/identitytoolkit.googleapis.com/v1",
        "KEY": "any",
        "PAGE": "https://app.example.org/",
        "EMAIL": DOCTOR,
        "PASSWORD": 'a "long" pass\\word',
        "POLL_SECONDS": "0.5",
    }
    subprocess.run(["bash", "-euc", opening], cwd=tmp_path, env=environment, check=True, timeout=60)
    environment["LINK"] = f"https://synapse.example/action?mode=x&oobCode={mailed_code(stack, DOCTOR)}&lang=en"

    for _ in range(2):  # the second time for the smoke test
        completed = subprocess.run(
            ["infra/first-report.sh"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert completed.returncode == 0, completed.stdout[-2000:] + completed.stderr[-2000:]
        assert completed.stdout == "completed\nsigned\n"
        environment["LINK"] = ""
    pdf = " ".join("".join(page.extract_text() for page in PdfReader(tmp_path / "report.pdf").pages).split())
    assert "Electronically signed" in pdf
    assert "Meera Iyer" in pdf
    assert "Banyan Mental Health" in pdf
    assert json.loads((tmp_path / "signed.json").read_text())


def test_the_first_report_names_what_it_needs() -> None:
    completed = subprocess.run(
        ["infra/first-report.sh"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    needed = set(re.findall(r"[$][{]([A-Z]+):[?][}]", (INFRA / "first-report.sh").read_text()))
    exported = set(re.findall(r"^export ([A-Z]+)=", TEXT, re.M))

    assert completed.returncode != 0
    assert "API" in completed.stderr
    assert needed | {"LINK"} <= exported


def test_the_page_exports_what_opening_a_clinic_reads() -> None:
    exported = [name for block in blocks("") for name in re.findall(r"(?:export |\s)([A-Z_]+)=", block)]

    assert set(EXPORTED) <= set(exported)


# Costs


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without its header."""
    below = TEXT.partition(f"\n{heading}\n")[2]
    rows = re.search(r"\n\|.*?\n\| --- .*?\n((?:\|.*\n)+)", below)
    assert rows, heading
    return [[cell.strip().strip("*") for cell in row.strip("|\n ").split(" | ")] for row in rows[1].splitlines()]


def _costs(heading: str) -> tuple[dict[str, list[Decimal]], Decimal]:
    """The quantities and prices of each row, and the sum."""
    *rows, total = table(heading)
    return {name: [Decimal(cell) for cell in cells] for name, *cells in rows}, Decimal(
        total[-1].split()[-1].strip("*| ")
    )


def _idle() -> tuple[dict[str, list[Decimal]], Decimal]:
    return _costs("## Idle, a month")


def _thousand() -> tuple[dict[str, list[Decimal]], Decimal]:
    below = TEXT.partition("## A thousand consultations")[2]
    rows = [
        [cell.strip().strip("*") for cell in line.strip("| ").split("|")]
        for line in below.partition("| what | in one |")[2].splitlines()[2:]
        if line.startswith("|")
    ]
    *costs, total = rows
    return {name: [Decimal(cell) for cell in cells] for name, *cells in costs}, Decimal(total[-1])


def test_the_costs_add_up() -> None:
    for rows, total in (_idle(), _thousand()):
        for name, (*quantities, price, cost) in rows.items():
            assert (quantities[-1] * price).quantize(_DOLLARS) == cost, name
        assert sum(cost for *_, cost in rows.values()) == total
    for name, (one, thousand, *_) in _thousand()[0].items():
        assert one * 1000 == thousand, name


def test_every_price_has_a_source() -> None:
    prices = {Decimal(row[1]) for row in table("# What it costs")}
    used = {price for rows, _ in (_idle(), _thousand()) for *_, price, _ in rows.values()}
    # Traffic is charged twice, and logs are kept for 84 months.
    composed = {Decimal("0.128"): ("0.008", "0.12"), Decimal("0.84"): ("0.01",) * 84}

    for price in used:
        parts = [Decimal(part) for part in composed.get(price, (str(price),))]
        assert sum(parts) == price
        assert set(parts) <= prices, price


def test_the_idle_costs_are_of_the_planned_resources(planned: Deployment) -> None:
    plan = planned.plan
    rows, _ = _idle()
    [policy] = plan.of("google_compute_security_policy")
    conditions = [c for alert in plan.of("google_monitoring_alert_policy") for c in alert.blocks("conditions")]

    about = re.search(r"about (\d+) resources", TEXT)
    assert about
    assert len(plan.with_suffix("")) == pytest.approx(int(about[1]), rel=0.1)
    assert len(plan.of("google_compute_global_forwarding_rule")) <= 5
    assert rows["Cloud Armor: policy"][0] == 1
    assert rows["Cloud Armor: rules"][0] == len(policy.blocks("rule"))
    assert rows["KMS: key versions"][0] == len(plan.of("google_kms_crypto_key"))
    assert rows["alerts: conditions"][0] == len(conditions)
    assert len(plan.of("google_cloud_scheduler_job")) <= 3
    assert all(not function.get("service_config", "min_instance_count") for function in planned.deployed.values())


def test_a_consultation_counts_the_calls_of_the_code() -> None:
    times = {name: int(count) for name, count in table("## A thousand consultations")}
    calls: Counter[str] = Counter()
    for name, count in times.items():
        for service, method, documents in {**REQUESTS, **JOBS}[name]:
            kind = "reads" if method.startswith("BatchGet") else "writes" if method == "Commit" else method
            calls[kind] += count * (documents if service == "firestore" else 1)
    requests = sum(count for name, count in times.items() if name in REQUESTS)
    summary = re.search(
        r"That is (\d+) requests, (\d+) reads and (\d+) writes of documents, (\d+) tasks and (\d+) signature", TEXT
    )
    rows, _ = _thousand()

    assert JOBS.keys() <= times.keys()
    assert summary
    assert [int(number) for number in summary.groups()] == [
        requests,
        calls["reads"],
        calls["writes"],
        calls["CreateTask"],
        calls["AsymmetricSign"],
    ]
    assert rows["Firestore: hundred thousand reads"][0] * 100_000 == calls["reads"]
    assert rows["Firestore: hundred thousand writes"][0] * 100_000 == calls["writes"]
    assert rows["Cloud Armor: million requests"][0] * 1_000_000 == requests


# Planted faults


@pytest.mark.parametrize(
    ("right", "wrong", "notices"),
    [
        ("output -raw api_url", "output -raw api_adress", test_every_output_exists),
        ("`signing_key_version`", "`signing_key_versoin`", test_every_name_in_the_text_exists),
        (" google_kms_crypto_key.storage", "", test_protected_resources_are_removed_from_the_state_first),
        ("infra/try-build.yaml", "infra/try-build.yml", test_every_script_and_file_of_the_runbook_exists),
        ("export REGION=", "export REGIO=", test_every_variable_of_a_command_is_set_before_it),
        ("\n[kms]: ", "\n[keys]: ", test_every_reference_has_its_address),
        ("FIRESTORE_DATABASE=", "DATABASE=", test_the_page_exports_what_opening_a_clinic_reads),
        ("| 0.025 | 18.25 |", "| 0.025 | 18.52 |", test_the_costs_add_up),
        ("| **36.59** |", "| **33.98** |", test_the_costs_add_up),
        ("| 40 | 40000 |", "| 20 | 40000 |", test_the_costs_add_up),
        ("a minute of a channel | 0.016", "a minute of a channel | 0.024", test_every_price_has_a_source),
        ("| sign report | 1 |", "| sign report | 2 |", test_a_consultation_counts_the_calls_of_the_code),
        ("170 reads", "146 reads", test_a_consultation_counts_the_calls_of_the_code),
    ],
)
def test_a_false_statement_is_noticed(monkeypatch: pytest.MonkeyPatch, right: str, wrong: str, notices: Any) -> None:
    assert right in TEXT
    monkeypatch.setitem(globals(), "TEXT", TEXT.replace(right, wrong))

    with pytest.raises(AssertionError):
        notices()


@pytest.mark.parametrize(
    ("right", "wrong"), [("| 10 | 1.00 |", "| 9 | 1.00 |"), ("about 600 resources", "about 150 resources")]
)
def test_a_false_number_of_resources_is_noticed(
    monkeypatch: pytest.MonkeyPatch, planned: Deployment, right: str, wrong: str
) -> None:
    assert right in TEXT
    monkeypatch.setitem(globals(), "TEXT", TEXT.replace(right, wrong))

    with pytest.raises(AssertionError):
        test_the_idle_costs_are_of_the_planned_resources(planned)


@pytest.mark.parametrize(
    ("command", "notices"),
    [
        ("make stage", test_a_target_of_make_exists),
        pytest.param("terraform -chdir=infra deploy", test_a_command_of_terraform_exists, marks=needs_terraform),
        pytest.param(
            "terraform -chdir=infra plan -output=plan.bin", test_a_command_of_terraform_exists, marks=needs_terraform
        ),
        ("python -m local deploy", test_a_module_accepts_its_arguments),
        ("python -m shared.cli open-clinic a b --owner=c", test_a_module_accepts_its_arguments),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(command: str, notices: Any) -> None:
    with pytest.raises(AssertionError):
        notices(command)
