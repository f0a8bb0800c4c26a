"""Which of Google's clients a function can reach: from its main.py through everything of ours that it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

GOOGLE = frozenset({"google", "google_crc32c", "firebase_admin"})
"""The top-level packages of Google's clients."""
OURS = "shared"

Import = ast.Import | ast.ImportFrom


def google_imports(main: Path, root: Path) -> list[str]:
    """The import statements of Google's clients, each once, at the top of a module or inside its functions."""
    found: set[str] = set()
    seen: set[Path] = set()
    waiting = [main]
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            for statement in _imports(ast.parse(file.read_text(encoding="utf-8"))):
                found.update(_google(statement))
                waiting += _ours(statement, root)
    return sorted(found)


def _imports(node: ast.AST) -> Iterator[Import]:
    """The import statements that are ever run: not those for type checkers."""
    if isinstance(node, Import):
        yield node
    for child in _run_parts(node):
        yield from _imports(child)


def _run_parts(node: ast.AST) -> Iterable[ast.AST]:
    """The parts of a piece of code, without what is only for type checkers."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return node.orelse
    return ast.iter_child_nodes(node)


def _google(statement: Import) -> list[str]:
    if isinstance(statement, ast.ImportFrom):
        package = (statement.module or "").partition(".")[0]
        return [ast.unparse(statement)] if package in GOOGLE else []
    return [f"import {name.name}" for name in statement.names if name.name.partition(".")[0] in GOOGLE]


def _ours(statement: Import, root: Path) -> list[Path]:
    """The files of ours that a statement loads: the modules it names, or the modules that hold what it names."""
    if isinstance(statement, ast.Import):
        named = [name.name for name in statement.names]
    else:
        named = [f"{statement.module}.{name.name}" for name in statement.names] + [str(statement.module)]
    files = [(root / name.replace(".", "/")).with_suffix(".py") for name in named if name.partition(".")[0] == OURS]
    return [file for file in files if file.is_file()]
