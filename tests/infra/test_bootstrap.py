"""infra/bootstrap.sh, with a stand-in of gcloud that remembers what was made, and refuses what a test names."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.catalogue import ROOT
from infra.check.terraform import INFRA

ACCOUNT = "123456789012-compute@developer.gserviceaccount.com"
PROJECT, REGION = "synapse-clinic-1234", "asia-south1"
APIS = re.findall(r"^([a-z]\S+)", (INFRA / "apis.txt").read_text(), re.M)
AGENTS = re.findall(r"^([a-z]\S+) agent\b", (INFRA / "apis.txt").read_text(), re.M)
ENABLED_BY_DEFAULT = ("serviceusage.googleapis.com", "storage.googleapis.com")

# Each command is a line of `calls`; what exists is a file of $CLOUD; answers have the form of gcloud's --format=value.
GCLOUD = f"""#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>"$CLOUD/calls"
if [[ -n "${{REFUSE:-}}" && "$*" == *"$REFUSE"* ]]; then
    echo "ERROR: (gcloud) PERMISSION_DENIED: $REFUSE" >&2
    exit 1
fi
case "$*" in
    "services list"*) cat "$CLOUD/apis" ;;
    "services enable"*)
        shift 2
        count=0
        for api in "$@"; do
            [[ "$api" == --* ]] || {{ echo "$api" >>"$CLOUD/apis"; count=$((count + 1)); }}
            [[ "$api" != compute.* ]] || touch "$CLOUD/account" "$CLOUD/network" "$CLOUD/rules"
        done
        ((count <= 20)) || {{ echo "ERROR: (gcloud.services.enable) too many services" >&2; exit 1; }} ;;
    "storage buckets describe"*) [[ -e "$CLOUD/bucket" ]] ;;
    "storage buckets create"*) [[ ! -e "$CLOUD/bucket" ]]; touch "$CLOUD/bucket" ;;
    "projects describe"*) echo 123456789012 ;;
    "iam service-accounts list"*) [[ ! -e "$CLOUD/account" ]] || echo {ACCOUNT} ;;
    "iam service-accounts disable {ACCOUNT} "*) touch "$CLOUD/disabled" ;;
    "compute networks list"*) [[ ! -e "$CLOUD/network" ]] || echo default ;;
    "compute firewall-rules list"*) [[ ! -e "$CLOUD/rules" ]] || printf '%s\\n' default-allow-rdp default-allow-ssh ;;
    "compute firewall-rules delete"*) rm "$CLOUD/rules" ;;
    "compute networks delete default "*)
        [[ ! -e "$CLOUD/rules" ]] || {{ echo "ERROR: resource is in use by another resource" >&2; exit 1; }}
        rm "$CLOUD/network" ;;
    "auth print-access-token") echo a-token ;;
    "beta services identity create"* | "storage buckets update"*) ;;
    *) echo "ERROR: (gcloud) Invalid choice: $*" >&2; exit 2 ;;
esac
"""
# Answers with the status, as --write-out does. Identity Platform's configuration is not found until it is switched on.
CURL = """#!/usr/bin/env bash
set -euo pipefail
[[ "$*" == *"Bearer a-token"* ]]
url="${*: -1}"
echo "curl ${url#https://}" >>"$CLOUD/calls"
if [[ -n "${REFUSE:-}" && "$url" == *"$REFUSE" ]]; then
    printf 403
elif [[ "$url" == */config ]]; then
    [[ -e "$CLOUD/identity" ]] && printf 200 || printf 404
elif [[ -e "$CLOUD/identity" ]]; then
    printf 400
else
    touch "$CLOUD/identity"
    printf 200
fi
"""
SLEEP = '#!/usr/bin/env bash\necho "sleep $*" >>"$CLOUD/calls"\n'


@dataclass
class Cloud:
    """An empty project behind the stand-in."""

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "bin").mkdir()
        for name, text in (("gcloud", GCLOUD), ("curl", CURL), ("sleep", SLEEP)):
            (self.folder / "bin" / name).write_text(text)
            (self.folder / "bin" / name).chmod(0o755)
        (self.folder / "apis").write_text("".join(f"{api}\n" for api in ENABLED_BY_DEFAULT))

    def bootstrap(self, refuse: str = "") -> tuple[subprocess.CompletedProcess[str], list[str]]:
        """Run the script. Returns what it printed, and its calls."""
        calls = self.folder / "calls"
        calls.unlink(missing_ok=True)
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        done = subprocess.run(
            [INFRA / "bootstrap.sh", PROJECT, REGION],
            cwd=ROOT,
            env={"PATH": path, "CLOUD": str(self.folder), "REFUSE": refuse},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done, calls.read_text().splitlines()

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path)


def of(calls: list[str], command: str) -> list[str]:
    return [call for call in calls if call.startswith(command)]


def test_an_empty_project_is_prepared(cloud: Cloud) -> None:
    done, calls = cloud.bootstrap()

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].endswith(f"terraform init -backend-config=bucket={PROJECT}-terraform")
    assert set((cloud.folder / "apis").read_text().split()) == set(APIS)
    assert cloud.has("bucket") and cloud.has("disabled")
    assert not cloud.has("network") and not cloud.has("rules")
    assert f"--location={REGION}" in of(calls, "storage buckets create")[0]
    elsewhere = [call for call in calls if PROJECT not in call]
    assert elsewhere == ["sleep 120", "auth print-access-token"]
    assert [call.rpartition("/")[2] for call in of(calls, "curl")] == [
        "config",
        "identityPlatform:initializeAuth",
        "config",
    ]


def test_apis_are_enabled_at_most_twenty_in_a_call_and_none_twice(cloud: Cloud) -> None:
    _, calls = cloud.bootstrap()

    batches = [[word for word in call.split() if word.endswith(".com")] for call in of(calls, "services enable")]
    assert [len(batch) for batch in batches] == [20, len(APIS) - len(ENABLED_BY_DEFAULT) - 20]
    assert sorted(itertools.chain(*batches)) == sorted(set(APIS) - set(ENABLED_BY_DEFAULT))


def test_every_agent_is_made_once_its_api_answers(cloud: Cloud) -> None:
    _, calls = cloud.bootstrap()

    made = of(calls, "beta services identity create")
    assert [call.split("--service=")[1].split()[0] for call in made] == AGENTS
    order = [call.split()[0] for call in calls if call.startswith(("services enable", "beta", "sleep"))]
    assert order == ["services", "services", "sleep", *["beta"] * len(AGENTS)]
    assert of(calls, "sleep") == ["sleep 120"]


def test_a_second_run_changes_nothing_and_does_not_wait(cloud: Cloud) -> None:
    cloud.bootstrap()
    done, calls = cloud.bootstrap()

    assert done.returncode == 0
    assert [call.rpartition("/")[2] for call in of(calls, "curl")] == ["config"]
    for command in ("services enable", "storage buckets create", "compute networks delete", "sleep"):
        assert of(calls, command) == []


def test_an_api_that_is_added_later_is_enabled_alone(cloud: Cloud) -> None:
    cloud.bootstrap()
    apis = cloud.folder / "apis"
    apis.write_text(apis.read_text().replace("speech.googleapis.com\n", ""))
    _, calls = cloud.bootstrap()

    assert of(calls, "services enable") == [f"services enable --project={PROJECT} speech.googleapis.com"]
    assert of(calls, "sleep") == ["sleep 120"]


@pytest.mark.parametrize(
    "refused",
    [
        "services list",
        "services enable",
        "services identity create",
        "storage buckets create",
        "storage buckets update",
        "projects describe",
        "service-accounts list",
        "service-accounts disable",
        "networks list",
        "firewall-rules list",
        "firewall-rules delete",
        "networks delete",
    ],
)
def test_a_refusal_ends_the_script_with_its_message_and_a_repetition_completes(cloud: Cloud, refused: str) -> None:
    done, calls = cloud.bootstrap(refuse=refused)

    assert done.returncode != 0
    assert f"PERMISSION_DENIED: {refused}" in done.stderr
    assert refused in calls[-1]  # nothing follows
    assert "The state goes to" not in done.stdout

    again, _ = cloud.bootstrap()
    assert again.returncode == 0, again.stderr
    assert cloud.has("bucket") and cloud.has("disabled")
    assert not cloud.has("network")


@pytest.mark.parametrize("refused", ["/config", "identityPlatform:initializeAuth"])
def test_a_refusal_of_identity_platform_ends_the_script(cloud: Cloud, refused: str) -> None:
    done, _ = cloud.bootstrap(refuse=refused)

    assert done.returncode == 1
    assert f"Identity Platform answered {403 if refused == '/config' else 404}" in done.stderr
    assert "The state goes to" not in done.stdout
    assert cloud.bootstrap()[0].returncode == 0


def test_a_missing_argument_is_refused(cloud: Cloud) -> None:
    done = subprocess.run([INFRA / "bootstrap.sh", PROJECT], capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "usage: infra/bootstrap.sh PROJECT REGION" in done.stderr
