"""The modules that all functions have when they start: loaded once, and not those of a function alone."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from local.services.functions.processes import Functions
from local.services.kit.service import Preloaded
from local.stack.preloading import preloaded
from tests.support.toy_functions import toy_catalogue, write_functions

MAIN = """
    import json, os
    import pack.common, pack.own

    def main(request):
        return json.dumps({
            "process": os.getpid(),
            "loaded_in": pack.common.PROCESS,
            "own": pack.own.NAME,
            "set": os.environ["SET_BY_COMMON"],
            "own_variable": os.environ["NAME"],
        })
"""
COMMON = """
import os
PROCESS = os.getpid()
os.environ["SET_BY_COMMON"] = "yes"
"""
CATALOGUE = toy_catalogue(first={"kind": "http", "path": "/first"}, second={"kind": "http", "path": "/second"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two functions, each with its own copy of a package, of which one module differs."""
    write_functions(tmp_path, {"first": MAIN, "second": MAIN})
    for name in ("first", "second"):
        package = tmp_path / name / "pack"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "common.py").write_text(COMMON)
        (package / "own.py").write_text(f"NAME = {name!r}\n")
    return tmp_path


@pytest.fixture
def functions(folder: Path) -> Iterator[Functions]:
    functions = Functions(
        CATALOGUE,
        lambda name: folder / name,
        lambda name: {"NAME": name},
        folder / "logs",
        preloading=lambda: Preloaded(folder / "first", ["pack.common"]),
    )
    yield functions
    functions.stop()


@pytest.fixture
def many_open_files() -> Iterator[None]:
    """The lowest free file descriptor is over 1023, as when hundreds of requests are open."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before, min(2048, most)), most))
    with ExitStack() as held:
        held.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (before, most))
        while held.enter_context(Path(os.devnull).open()).fileno() < 1024:
            continue
        yield


def asked(functions: Functions, name: str) -> Any:
    return json.loads(functions.request(name, "GET", f"/{name}").body)


def test_functions_share_what_was_loaded_before_they_started(functions: Functions) -> None:
    first, second = asked(functions, "first"), asked(functions, "second")

    assert first["process"] != second["process"]
    assert first["loaded_in"] == second["loaded_in"]
    assert first["loaded_in"] not in (first["process"], second["process"])
    assert (first["set"], second["set"]) == ("yes", "yes"), "as if each function had loaded the module"


def test_a_function_loads_its_further_modules_from_its_own_folder(functions: Functions) -> None:
    assert [asked(functions, name)["own"] for name in ("first", "second")] == ["first", "second"]
    assert [asked(functions, name)["own_variable"] for name in ("first", "second")] == ["first", "second"]


@pytest.mark.usefixtures("many_open_files")
def test_functions_start_from_a_process_that_has_many_open_files(functions: Functions) -> None:
    assert [asked(functions, name)["own"] for name in ("first", "second")] == ["first", "second"]


def test_the_modules_are_those_of_the_product_that_functions_import_first(tmp_path: Path) -> None:
    late = "from shared.web.api import Api\n\ndef main(request):\n    from shared.render import pdf\n"
    catalogue = toy_catalogue(
        first={"kind": "http", "path": "/first", "prints": True},
        second={"kind": "http", "path": "/second"},
        third={"kind": "http", "path": "/third"},
    )
    sources = {"first": late, "second": "import json\nfrom shared.workflows.billing import bills\n", "third": MAIN}
    write_functions(tmp_path, {**sources, "lost": "import flask\n"})
    (tmp_path / "third" / "pages.py").write_text("from shared.web import health\n")

    found = preloaded(catalogue, tmp_path, lambda name: tmp_path / name)

    billing = ["shared.workflows.billing", "shared.workflows.billing.bills"]
    assert found.modules == ["shared.web", "shared.web.api", "shared.web.health", *billing]
    assert found.folder == tmp_path / "first", "a function that prints has the fonts too"


def test_a_function_that_is_missing_or_broken_does_not_keep_others_from_starting(folder: Path) -> None:
    write_functions(folder, {"second": "from shared import lazily\n    def"})

    found = preloaded(CATALOGUE, folder, lambda name: folder / name)

    assert (found.folder, found.modules) == (folder / "first", [])
