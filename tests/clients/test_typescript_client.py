"""A TypeScript client with types generated from the API's description compiles in strict mode and calls the API."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import urllib3

from infra.catalogue import ROOT
from local.stack.stack import Stack
from tests.support.clinics import TestClinic
from tests.support.prerequisites import needs_packages

CLIENTS = ROOT / "tests" / "clients"
NODE = shutil.which("node")
FAULTS = {
    'body: { first_name: "Mīrā", last_name: got': 'body: { given_name: "Mīrā", last_name: got',  # an unknown field
    "const age: number | null = read.age;": "const age: number | null = read.years;",
    "progress.report]": "progress.text]",
    'api.GET("/api/v1/profile")': 'api.GET("/api/v1/profiles")',
    "path: { id: registered.id }": "path: { number: registered.id }",
    'params: { header: { "If-Match": \'"999"\' } },': "",
    '    case "report_signed":\n': "",  # a code that nobody handles
    '    case "audio_missing":\n': "",
    "invalid.errors?.map": "invalid.errors.map",  # not every problem has `errors`
}

pytestmark = [needs_packages(CLIENTS), pytest.mark.long]


def run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of an npm package, or one in the folder, with Node.js."""
    installed = CLIENTS / "node_modules" / ".bin" / program
    command = [NODE or "node", str(installed if installed.exists() else folder / program), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def project(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client's sources and the types generated from the API's description."""
    folder = tmp_path_factory.mktemp("client")
    for source in ("package.json", "tsconfig.json", "api/client.ts", "web/page.ts"):
        shutil.copy(CLIENTS / source, folder)
    (folder / "node_modules").symlink_to(CLIENTS / "node_modules")
    (folder / "openapi.json").write_bytes(urllib3.request("GET", f"{stack.url}/api/v1/openapi.json").data)
    generated = run(folder, "openapi-typescript", "openapi.json", "--output", "schema.ts")
    assert generated.returncode == 0, generated.stderr
    return folder


def test_typed_client_registers_a_patient_changes_a_profile_and_reads_problems(
    project: Path, clinic: TestClinic
) -> None:
    compiled = run(project, "tsc")
    assert (compiled.returncode, compiled.stdout) == (0, "")

    done = run(project, "client.js", clinic.stack.url, clinic.doctor.token)

    assert done.returncode == 0, done.stderr
    output = json.loads(done.stdout)
    assert output["registered"].startswith("PAT-")
    assert output["read"] == output["registered"]
    assert output["age"] >= 42
    assert output["progress"] == ["in_progress", None]
    assert output["name"] == "Mīrā"
    assert output["unknown"] == [404, "urn:synapseai:problem:not-found"]
    assert output["conflict"] == [409, "read the record again: session_state"]
    assert output["stale"] == [412, "urn:synapseai:problem:stale"]
    assert output["invalid"] == [422, ["/first_name", "/last_name"]]
    assert clinic.doctor.get("/profile").ok().body["revision"] == output["revision"]


def test_client_with_unknown_fields_and_paths_does_not_compile(project: Path, tmp_path: Path) -> None:
    program = (project / "client.ts").read_text()
    for right, wrong in FAULTS.items():
        assert program.count(right) == 1, right
        program = program.replace(right, wrong)
    shutil.copytree(project, tmp_path, dirs_exist_ok=True, symlinks=True, ignore=shutil.ignore_patterns("page.ts"))
    (tmp_path / "client.ts").write_text(program)

    compiled = run(tmp_path, "tsc", "--noEmit")

    assert compiled.returncode != 0
    assert compiled.stdout.count("error TS") == len(FAULTS), compiled.stdout
