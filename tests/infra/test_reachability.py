"""What a function reaches is what it can run: no more, or it gets rights it does not use; no less, or it fails."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.catalogue import ROOT
from infra.check.permissions import REQUIRED_ROLES, WITHOUT_ROLES
from infra.check.reachability import Program, Reachable, TaskTarget, Unresolved, google_imports

Reacher = Callable[..., Reachable]

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
def reach(tmp_path: Path) -> Reacher:
    """What a main.py reaches in a product of these modules, given as `gateways_storage="…"` for their source."""

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
def test_whatever_way_it_is_named_it_is_reached(reach: Reacher, main: str) -> None:
    found = reach(main)

    assert READ in found.definitions
    assert found.clients == {"shared.gateways.storage": {"from google.cloud import storage"}}


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
def test_what_only_stands_beside_it_is_not_reached(reach: Reacher, main: str) -> None:
    found = reach(main)

    assert READ not in found.definitions
    assert found.clients == {}


def test_what_a_workflow_does_not_use_of_its_own_module_is_not_reached(reach: Reacher) -> None:
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
def test_what_an_import_runs_is_reached(reach: Reacher, module: str) -> None:
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
def test_what_an_import_only_defines_is_not_reached(reach: Reacher, module: str) -> None:
    found = reach("from shared.web.x import NAME\nmain = NAME", web_x=module)

    assert READ not in found.definitions


def test_a_name_that_a_module_hands_on_is_followed_to_its_definition(reach: Reacher) -> None:
    found = reach("from shared.web.x import read\nmain = read", web_x="from shared.gateways.storage import read")

    assert READ in found.definitions


def test_settings_are_those_of_the_calls_that_are_reached(reach: Reacher) -> None:
    assert reach(S + "main = storage.size").groups == {"Buckets"}
    assert reach(S + "main = storage.read").groups == set()
    assert reach("from shared.settings import Web, load\ndef main(x): return load(Web).name").groups == {"Web"}


def test_a_task_is_known_by_its_queue_and_function(reach: Reacher) -> None:
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
def test_what_cannot_be_followed_is_refused(reach: Reacher, main: str) -> None:
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
    assert "Speech" not in found.groups


def test_only_those_who_recognise_reach_speech(product: Program) -> None:
    folders = [folder.name for folder in (ROOT / "functions").iterdir() if (folder / "main.py").exists()]

    begin = {name for name in folders if "shared.gateways.speech.begin" in of(product, name).definitions}

    assert begin == {"on_audio_uploaded", "check_transcription"}


def test_the_floor_of_a_cold_start_is_the_clients_that_are_reached() -> None:
    imports = google_imports(ROOT / "functions" / "patients" / "main.py", ROOT)

    assert "from google.cloud import firestore" in imports
    assert "from google.cloud import kms_v1" in imports
    assert not any("storage" in statement or "speech" in statement or "tasks" in statement for statement in imports)


def test_the_key_of_keysets_encrypts_only_where_a_clinic_gets_its_keys(product: Program) -> None:
    """KmsAead counts as decrypting: only `create` hands it to Tink to encrypt with, and no function reaches that."""
    users = product.users_of("shared.vault.keyring._data_key")

    assert users == {"shared.vault.keyring.create", "shared.vault.keyring.unlock"}
    assert product.users_of("shared.vault.kms.KmsAead") == {"shared.vault.keyring._data_key"}


def test_every_adapter_of_the_table_is_in_the_code(product: Program) -> None:
    assert set(REQUIRED_ROLES) <= product.definitions()
    assert set(WITHOUT_ROLES) <= {name.rpartition(".")[0] for name in product.definitions()}


def test_what_is_made_once_is_not_made_by_the_import(reach: Reacher) -> None:
    once = "def once(make): ...\n"
    adapter = "from shared.singleton import once\n" + STORAGE.replace("def _client", "@once\ndef _client")

    loaded = reach("from shared.gateways.storage import size\n", once=once, gateways_storage=adapter)
    called = reach("from shared.gateways.storage import read\n\ndef main(request): read()\n", once=once)

    assert "shared.gateways.storage._client" not in loaded.definitions
    assert "shared.gateways.storage._client" in called.definitions
