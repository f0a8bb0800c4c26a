"""A function reaches exactly the code that it can run. More would grant unused roles; less would make it fail."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.clients import clients_of
from infra import catalogue
from infra.catalogue import ROOT
from infra.check.permissions import REQUIRED_ROLES
from infra.check.reachability import Program, Reachable, TaskTarget, Unresolved

Analyse = Callable[..., Reachable]

STORAGE = """
from shared import settings

def read():
    return _client()

def size():
    return settings.load(settings.Buckets).size

def _client():
    from google.cloud import storage
    return storage.Client()
"""
SETTINGS = """
class Buckets: ...
class Web: ...
def load(group): ...
"""
TASKS = "def enqueue(queue, function, body): ...\n"


@pytest.fixture
def reach(tmp_path: Path) -> Analyse:
    """Analyses a main.py in a product of modules, passed as `gateways_storage="…"` with their source."""

    def reached(main: str, **modules: str) -> Reachable:
        standard = {"settings": SETTINGS, "gateways_storage": STORAGE, "gateways_tasks": TASKS}
        for name, source in {**standard, **modules}.items():
            file = (tmp_path / "shared" / name.replace("_", "/", 1)).with_suffix(".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(source))
        (tmp_path / "main.py").write_text(textwrap.dedent(main))
        return Program(tmp_path).reach(tmp_path / "main.py")

    return reached


READ = "shared.gateways.storage.read"
S = "from shared.gateways import storage\n"


@pytest.mark.parametrize(
    "main",
    [
        S + "def main(request): return storage.read()",
        "import shared.gateways.storage\ndef main(request): return shared.gateways.storage.read()",
        "import shared.gateways.storage as s\nmain = s.read",
        "from shared.gateways.storage import read as fetch\nmain = lambda request: fetch()",
        "def main(request):\n    from shared.gateways import storage\n    return storage.read()",
        S + "def main(request, read=storage.read): ...",
        S + "@storage.read\ndef main(request): ...",
        S + "class Main(storage.read): ...",
        S + "def main(name): return getattr(storage, name)",
        S + "try:\n    main = storage.read\nexcept ImportError: ...",
        S + "def main(storage_):\n    def inner():\n        return storage.read()\n    return inner",
    ],
)
def test_every_way_to_use_a_name_reaches_it(reach: Analyse, main: str) -> None:
    found = reach(main)

    assert READ in found.definitions
    assert found.clients == {"shared.gateways.storage": {"from google.cloud import storage"}}


def test_a_function_reaches_the_operations_of_a_module_that_it_includes_and_no_other(
    reach: Analyse, tmp_path: Path
) -> None:
    folder = tmp_path / "functions" / "x"
    folder.mkdir(parents=True)
    for name, used in (("pages", "read"), ("covers", "size")):
        handler = f"@api.get('/')\ndef {name}(): return storage.{used}()\n"
        (folder / f"{name}.py").write_text(f"{S}from shared.web.api import Api\napi = Api('x')\n{handler}")
    api = "class Api:\n    def get(self, path): ...\n"

    main = "from functions.x import {0}\nmain = {0}.api\n"
    found, other = (reach(main.format(name), web_api=api).definitions for name in ("pages", "covers"))

    assert {"functions.x.pages.pages", READ} <= found
    assert not {"functions.x.pages.pages", READ} & other


@pytest.mark.parametrize(
    "main",
    [
        S + "def main(request): return storage.size()",
        "from shared.gateways.storage import size\nmain = size",
        S + "def main(storage): return storage.read()",
        S + "def main(request):\n    storage = request\n    return storage.read()",
        S + "def main(x: storage.read) -> storage.read: ...",
        S + "def main(x):\n    y: storage.read = x",
        "if TYPE_CHECKING:\n    from shared.gateways.storage import read\ndef main(x): return 1",
    ],
)
def test_an_unused_definition_is_not_reached(reach: Analyse, main: str) -> None:
    found = reach(main)

    assert READ not in found.definitions
    assert found.clients == {}


def test_an_unused_definition_of_the_same_module_is_not_reached(reach: Analyse) -> None:
    workflow = S + "def show(): return 1\ndef fetch(): return storage.read()\n"

    assert READ not in reach("from shared.workflows.x import show\nmain = show", workflows_x=workflow).definitions
    assert READ in reach("from shared.workflows.x import fetch\nmain = fetch", workflows_x=workflow).definitions


@pytest.mark.parametrize(
    "module",
    [
        S + "storage.read()\nNAME = 1",
        S + "CACHE = storage.read()\nNAME = 1",
        S + "class Cache:\n    filled = storage.read()\nNAME = 1",
        S + "class Model:\n    source: storage.read\nNAME = Model",
        S + "def keep(f): ...\n@keep\ndef kept(): storage.read()\nNAME = 1",
    ],
)
def test_code_that_an_import_runs_is_reached(reach: Analyse, module: str) -> None:
    found = reach("from shared.web.x import NAME\nmain = NAME", web_x=module)

    assert READ in found.definitions


@pytest.mark.parametrize(
    "module",
    [
        S + "from functools import cache\n@cache\ndef kept(): storage.read()\nNAME = 1",
        S + "READERS = [storage.read]\nNAME = 1",
        S + "CHOICES = dict(later=1)\nREAD = lambda: storage.read()\nNAME = 1",
    ],
)
def test_code_that_an_import_only_defines_is_not_reached(reach: Analyse, module: str) -> None:
    found = reach("from shared.web.x import NAME\nmain = NAME", web_x=module)

    assert READ not in found.definitions


def test_a_reexported_name_is_followed_to_its_definition(reach: Analyse) -> None:
    found = reach("from shared.web.x import read\nmain = read", web_x="from shared.gateways.storage import read")

    assert READ in found.definitions


def test_settings_are_collected_from_reachable_calls(reach: Analyse) -> None:
    assert reach(S + "main = storage.size").groups == {"Buckets"}
    assert reach(S + "main = storage.read").groups == set()
    assert reach("from shared.settings import Web, load\ndef main(x): return load(Web).name").groups == {"Web"}


def test_tasks_are_collected_with_their_queue_and_function(reach: Analyse) -> None:
    main = """
        from shared.gateways import tasks
        QUEUE = "reports"
        def main(x):
            tasks.enqueue(QUEUE, "write_report", {})
            tasks.enqueue("mails", "send", {})
    """

    assert reach(main).tasks == {TaskTarget("reports", "write_report"), TaskTarget("mails", "send")}


@pytest.mark.parametrize(
    "main",
    [
        "from shared import settings\ndef main(group): return settings.load(group)",
        "from shared import settings\ndef main(x): return list(map(settings.load, x))",
        "from shared.settings import load\nread = load\nmain = read",
        "from shared.gateways import tasks\ndef main(queue): tasks.enqueue(queue, 'write_report', {})",
        "from shared.gateways import tasks\ndef main(x): tasks.enqueue('reports', *x)",
    ],
)
def test_dynamic_arguments_are_refused(reach: Analyse, main: str) -> None:
    with pytest.raises(Unresolved):
        reach(main)


# The product itself


@pytest.fixture(scope="module")
def product() -> Program:
    return Program(ROOT)


def of(product: Program, function: str) -> Reachable:
    return product.reach(ROOT / "functions" / function / "main.py")


def test_sessions_reads_transcriptions_and_does_not_reach_speech(product: Program) -> None:
    found = of(product, "sessions")

    assert "shared.workflows.visits.transcripts.of_session" in found.definitions
    assert "shared.gateways.storage.open_upload" in found.definitions
    assert not any(client.startswith("from google.cloud import speech") for client in found.clients)
    assert "shared.gateways.speech" not in found.clients
    assert "Speech" in found.groups, "it says which languages the model takes"


def test_only_the_recognition_functions_reach_speech(product: Program) -> None:
    folders = [folder.name for folder in (ROOT / "functions").iterdir() if (folder / "main.py").exists()]

    begin = {name for name in folders if "shared.gateways.speech.begin" in of(product, name).definitions}

    assert begin == {"on_audio_uploaded", "check_transcription", "split_recording"}


def test_the_baseline_of_a_cold_start_imports_the_reachable_clients() -> None:
    imports = clients_of(catalogue.load().functions["patients"], ROOT / "functions")

    assert any("firestore" in statement for statement in imports)
    assert any("tasks" in statement for statement in imports)  # a withdrawal enqueues a task
    assert not any("storage" in statement or "speech" in statement for statement in imports)


def test_the_data_key_encrypts_only_when_a_keyset_is_created(product: Program) -> None:
    """KmsAead counts as decrypting: only `create` encrypts with it, and no function reaches `create`."""
    users = product.users_of("shared.vault.keyring._data_key")

    assert users == {"shared.vault.keyring.create", "shared.vault.keyring.unlock"}
    assert product.users_of("shared.vault.kms.KmsAead") == {"shared.vault.keyring._data_key"}


def test_every_adapter_in_the_tables_exists(product: Program) -> None:
    assert set(REQUIRED_ROLES) <= product.definitions()


@pytest.mark.parametrize(("decorator", "on_import"), [("singleton", False), ("register", True)])
def test_only_a_singleton_is_not_created_by_the_import(reach: Analyse, decorator: str, on_import: bool) -> None:
    adapter = f"from shared.singleton import {decorator}\n" + STORAGE.replace(
        "def _client", f"@{decorator}\ndef _client"
    )
    modules = {
        "singleton": "def singleton(create): ...\ndef register(function): function()\n",
        "gateways_storage": adapter,
    }

    imported = reach("from shared.gateways.storage import size\n", **modules)
    called = reach("from shared.gateways.storage import read\n\ndef main(request): read()\n", **modules)

    assert ("shared.gateways.storage._client" in imported.definitions) == on_import
    assert "shared.gateways.storage._client" in called.definitions
