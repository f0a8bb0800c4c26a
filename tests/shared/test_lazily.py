"""Lazy imports happen at the first use of a name, once, and only those of the block wait."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from shared.lazily import resolve

MODULE = "slow_to_load"
BLOCK = "from shared.lazily import lazily\nwith lazily(globals()):\n    "


@pytest.fixture(autouse=True)
def slow_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module that notes when it is loaded."""
    source = "import builtins, time\nbuiltins.loaded.append(1)\ntime.sleep(0.05)\nclass Model:\n    kind = 'model'\n"
    (tmp_path / f"{MODULE}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(builtins, "loaded", [], raising=False)
    yield
    sys.modules.pop(MODULE, None)


def loads() -> int:
    return len(getattr(builtins, "loaded"))  # noqa: B009 - the fixture's


def run(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "a_function"}
    exec(source, namespace)
    return namespace


def test_a_name_is_imported_when_an_attribute_is_read() -> None:
    namespace = run(f"{BLOCK}from {MODULE} import Model as Renamed\n")
    assert loads() == 0

    assert namespace["Renamed"].kind == "model"

    assert loads() == 1


def test_a_name_is_imported_when_it_is_called() -> None:
    namespace = run(f"{BLOCK}from {MODULE} import Model\ndef make():\n    return Model()\n")

    assert namespace["make"]().kind == "model"

    assert isinstance(namespace["Model"], type)


def test_resolving_puts_what_was_imported_in_its_place() -> None:
    namespace = run(f"{BLOCK}from {MODULE} import Model\n")

    resolve(namespace, ["Model", "len", "missing"])

    assert isinstance(namespace["Model"], type)
    assert "missing" not in namespace


def test_a_submodule_is_imported_by_its_package() -> None:
    namespace = run(f"{BLOCK}from xml.dom import minicompat\n")

    assert namespace["minicompat"].NodeList


def test_a_name_that_is_not_there_fails_at_its_use() -> None:
    namespace = run(f"{BLOCK}from {MODULE} import Other\n")

    with pytest.raises(AttributeError, match="Other"):
        resolve(namespace, ["Other"])


@pytest.mark.parametrize("statement", [f"import {MODULE}", f"from {MODULE} import *", "from . import x"])
def test_other_forms_are_refused(statement: str) -> None:
    with pytest.raises(ImportError):
        run(f"{BLOCK}{statement}\n")


def test_imports_of_other_modules_do_not_wait() -> None:
    run(f"{BLOCK}exec('from {MODULE} import Model', {{}})\n")

    assert loads() == 1


@pytest.mark.parametrize("inside", ["pass", "raise KeyError"])
def test_after_the_block_imports_are_ordinary(inside: str) -> None:
    ordinary = builtins.__import__

    with suppress(KeyError):
        run(f"{BLOCK}{inside}\n")

    assert builtins.__import__ is ordinary


def test_threads_that_meet_import_once() -> None:
    namespace = run(f"{BLOCK}from {MODULE} import Model\n")
    waiting = namespace["Model"]

    with ThreadPoolExecutor(8) as threads:
        kinds = list(threads.map(lambda _: waiting.kind, range(8)))

    assert (set(kinds), loads()) == ({"model"}, 1)
