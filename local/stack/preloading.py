"""Which modules of the product all functions of a stack have when they start.

Each function imports some hundred modules, mostly the same ones. Loaded once, before the functions are
forked, they take a second of the start of a stack instead of ten.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.catalogue import ROOT, Catalogue
from local.services.kit.service import Preloaded

_PRODUCT = "shared"


def preloaded(catalogue: Catalogue, functions_root: Path, stage: Callable[[str], Path]) -> Preloaded:
    """The modules that any function imports first, in the folder of a function that has all files. One that is not
    there fails when it is started."""
    there = [each for each in catalogue.functions.values() if (functions_root / each.name / "main.py").exists()]
    files = [file for each in there for file in (functions_root / each.name).glob("*.py")]
    modules = {module for file in files for module in _first_imports(file)}
    largest = max(there, key=lambda function: function.prints)
    return Preloaded(stage(largest.name), sorted(modules))


def _first_imports(file: Path) -> Iterator[str]:
    """None of a file that is no Python: the function says so when it starts, and the others start."""
    try:
        source = ast.parse(file.read_text(encoding="utf-8"))
    except SyntaxError:
        return
    for statement in source.body:
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").partition(".")[0] == _PRODUCT:
            yield from _modules_of(str(statement.module), [alias.name for alias in statement.names])


def _modules_of(package: str, names: list[str]) -> Iterator[str]:
    """The module or package, and those of the names that are modules in it."""
    yield package
    folder = ROOT.joinpath(*package.split("."))
    for name in names:
        if (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists():
            yield f"{package}.{name}"
