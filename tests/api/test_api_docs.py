"""The public OpenAPI document, the page that renders it, and the correctness of docs/api.md."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy
import pytest
import urllib3

from infra import catalogue
from infra.catalogue import ROOT
from infra.check.reachability import reach_of
from local.demo.seed import CLINIC, PASSWORD, STAFF, seed
from local.services.speech.audio import SAMPLE_RATE, encode
from local.stack.stack import Stack
from tests.support.clinics import forget_running
from tools.openapi.document import DOCUMENT, document
from tools.openapi.tables import PAGE

pytestmark = pytest.mark.long

TEXT = PAGE.read_text(encoding="utf-8")
LOCAL = "http://localhost:8080"
_BLOCK = re.compile(r"^```(\w+) (\w+)\n(.*?)^```$", re.M | re.S)
NODE = shutil.which("node")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def blocks(language: str, tag: str) -> str:
    """The page's code blocks of this language and tag, joined in order."""
    return "\n".join(text for found, tags, text in _BLOCK.findall(TEXT) if (found, tags) == (language, tag))


def ask(stack: Stack, path: str, method: str = "GET", **headers: str) -> urllib3.BaseHTTPResponse:
    """The response to a request without a token."""
    return urllib3.request(method, f"{stack.url}/api/v1{path}", headers=headers, retries=False, timeout=60)


# The document and its page


def test_openapi_document_is_public_and_cacheable(stack: Stack) -> None:
    response = ask(stack, "/openapi.json")
    revalidated = ask(stack, "/openapi.json", **{"If-None-Match": response.headers["ETag"]})

    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    assert response.json() == document()
    assert response.data == DOCUMENT.read_bytes()
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert (revalidated.status, revalidated.data) == (304, b"")


def test_docs_page_loads_only_its_own_assets(stack: Stack) -> None:
    page = ask(stack, "/docs")
    assets = re.findall(r'(?:href|src)="/api/v1(/[^"]+)"', page.data.decode())

    assert len(assets) == 3
    assert "://" not in page.data.decode()
    assert "'unsafe-eval'" not in page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    for asset in assets:
        loaded = ask(stack, asset)
        assert loaded.status == 200
        assert loaded.headers["X-Content-Type-Options"] == "nosniff"
        assert loaded.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_docs_page_renders_every_resource_under_its_content_security_policy(stack: Stack, tmp_path: Path) -> None:
    command = [CHROMIUM or "", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
    command += ["--enable-logging=stderr", "--v=0", "--virtual-time-budget=20000", "--dump-dom"]

    shown = subprocess.run(
        [*command, f"{stack.url}/api/v1/docs"], capture_output=True, text=True, timeout=120, check=True
    )

    for tag in document()["tags"]:
        assert f'id="operations-tag-{tag["name"]}"' in shown.stdout
    assert "Content Security Policy" not in shown.stderr


def test_unknown_path_or_method_is_a_problem(stack: Stack) -> None:
    for path in ("/docs/swagger-ui.js", "/docs/../openapi.json/x", "/nothing"):
        missing = ask(stack, path)
        assert (missing.status, missing.headers["Content-Type"]) == (404, "application/problem+json")
        assert missing.headers["Cache-Control"] == "no-store"
    refused = ask(stack, "/openapi.json", "POST")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")
    assert refused.json()["type"] == "urn:synapseai:problem:method-not-allowed"


def test_cors_allows_only_configured_origins(stack: Stack) -> None:
    origin = "http://localhost:3000"

    for response in (ask(stack, "/openapi.json", Origin=origin), ask(stack, "/nothing", Origin=origin)):
        assert response.headers["Access-Control-Allow-Origin"] == origin
    assert "Access-Control-Allow-Origin" not in ask(stack, "/openapi.json", Origin="https://evil.example").headers


def test_function_has_neither_clients_nor_permissions_for_data() -> None:
    reach = reach_of(ROOT / "functions" / "api_docs" / "main.py", ROOT)
    reach_of_profile = reach_of(ROOT / "functions" / "profile" / "main.py", ROOT)

    assert reach.clients == {} != reach_of_profile.clients
    assert reach.groups == set(catalogue.load().functions["api_docs"].settings)
    assert catalogue.load().functions["api_docs"].uses == ()


def test_links_of_the_landing_page_work(stack: Stack) -> None:
    landing = urllib3.request("GET", f"{stack.url}/").data.decode()

    for link in re.findall(r'href="([^"]+)"', landing):
        assert urllib3.request("GET", f"{stack.url}{link}", timeout=60).status == 200
    assert landing.count("href") == 5


# docs/api.md


@pytest.fixture(scope="module")
def page_environment(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder with a recording, and the environment variables that the page tells the reader to set, with a token."""
    tokens = seed(stack)
    assert STAFF["demo-doctor"][0] in TEXT
    assert PASSWORD in TEXT
    folder = tmp_path_factory.mktemp("api")
    encode(numpy.zeros((1, SAMPLE_RATE), dtype=numpy.float32), folder / "visit.flac")
    exports = dict(re.findall(r'^export (\w+)="(.*)"$', blocks("sh", "local").replace(LOCAL, stack.url), re.M))
    return folder, {"PATH": os.environ["PATH"], **exports, "TOKEN": tokens["doctor"]}


def test_shell_commands_of_the_page_work(page_environment: tuple[Path, dict[str, str]]) -> None:
    folder, environment = page_environment
    script = blocks("sh", "story").replace("| field title    # 412", "> stale.json || true")

    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{script}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert json.loads((folder / "stale.json").read_text())["type"] == "urn:synapseai:problem:stale"
    found: dict[str, Any] = json.loads((folder / "found.json").read_text())
    assert {patient["last_name"] for patient in found["items"]} == {"Kulkarni"}
    assert {patient["occupation"] for patient in found["items"]} >= {"Architect"}


USE = """
const kiran = { first_name: "Kiran", last_name: "Rao", date_of_birth: "1990-01-01", allow_duplicate: true };
const made = await ask("POST", "/patients", { body: kiran });
const changed = await change(`/patients/${made.id}`, { occupation: "Cook" });
let listed = 0;
for await (const patient of all("/patients", { page_size: 1 })) listed += patient.id === made.id;
const session = await ask("POST", "/sessions", { body: { patient_id: made.id } });
const states = [];
for await (const progress of follow(session.id)) {
  states.push(progress.session);
  if (states.length === 1) await send("DELETE", `/sessions/${session.id}`, { etag: '"1"' });
}
const problem = await ask("POST", "/patients", { body: { first_name: "" } }).catch((error) => error.message);
const armor = new Response("<html>Too many requests</html>", { status: 429, headers: { "Content-Type": "text/html" } });
globalThis.fetch = async () => armor;
const blocked = await ask("GET", "/patients").catch((error) => error.message);
console.log(JSON.stringify({ status: changed.status, listed, states, problem, blocked }));
"""


@pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
def test_javascript_of_the_page_works(page_environment: tuple[Path, dict[str, str]]) -> None:
    folder, environment = page_environment
    forget_running(CLINIC)  # the visit of the shell commands
    (folder / "page.mjs").write_text(f"const {{ API, TOKEN }} = process.env;\n{blocks('js', 'story')}\n{USE}")

    done = subprocess.run(
        [NODE or "node", "page.mjs"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout)
    assert (seen["status"], seen["listed"]) == (200, 1)
    assert seen["states"] == ["in_progress", "cancelled"]
    assert re.fullmatch(r"Some fields are not valid \([0-9a-f]{32}\)", seen["problem"])
    assert "/first_name: must not be empty" in done.stderr
    assert seen["blocked"] == "refused with 429"


def test_limits_on_the_page_equal_those_in_the_code() -> None:
    from shared.records.page import PageQuery
    from shared.web.request import LARGEST_JSON

    size = PageQuery.model_json_schema()["properties"]["page_size"]
    rate = re.search(
        r'"requests_per_minute" \{.*?default\s+= (\d+)', (ROOT / "infra" / "variables.tf").read_text(), re.S
    )

    assert rate
    assert f"{LARGEST_JSON:,} bytes".replace(",", " ") in TEXT
    assert f"`page_size` ({size['minimum']} to {size['maximum']}, {size['default']} by default)" in TEXT
    assert f"{rate[1]} requests a minute" in TEXT


def test_exposed_headers_on_the_page_equal_the_served_ones(stack: Stack) -> None:
    exposed = ask(stack, "/openapi.json", Origin="http://localhost:3000").headers["Access-Control-Expose-Headers"]
    named = re.search(r"Exposed\s+are (.*?)\.\n", TEXT, re.S)

    assert named
    assert re.findall(r"`([^`]+)`", named[1]) == exposed.split(", ")


def test_links_and_operations_on_the_page_exist() -> None:
    paths = {re.sub(r"\{\w+\}", "{}", path) for path in document()["paths"]}
    named = re.findall(r"`(?:GET|POST|PUT|PATCH|DELETE) (/[^`]+)`", TEXT)

    assert named
    for path in named:
        whole = path if path.startswith("/api/v1") else f"/api/v1{path}"
        whole = whole.partition("?")[0]
        assert re.sub(r"\{\w+\}", "{}", whole) in paths or whole.endswith("/health"), path
    for target in re.findall(r"\]\((?!https://)([^)]+)\)", TEXT):
        assert (PAGE.parent / target.partition("#")[0]).exists(), target
