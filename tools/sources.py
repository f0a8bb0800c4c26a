"""The source of a class as a syntax tree; each module is parsed once, however many of its classes are asked for."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache


def definition_of(wanted: type) -> ast.ClassDef:
    """The definition of a class. Raises KeyError for a class that no statement of its module defines."""
    return _definitions(wanted.__module__)[wanted.__qualname__]


@cache
def _definitions(module: str) -> Mapping[str, ast.ClassDef]:
    """The classes of a module by qualified name; of equal names the last one."""
    return dict(_classes_in(ast.parse(inspect.getsource(sys.modules[module])), ""))


def _classes_in(node: ast.AST, outer: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        inner = outer
        if isinstance(child, ast.ClassDef):
            yield outer + child.name, child
            inner = f"{outer}{child.name}."
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{outer}{child.name}.<locals>."
        yield from _classes_in(child, inner)
