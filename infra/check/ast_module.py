"""A module of the product as source: its definitions, and the names, calls and imports of each.

Annotations of variables, parameters and results have no effect at run time (every module postpones them) and are
ignored. Annotations of class fields count, because models are built from them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from infra.check.ast_names import (
    Bindings,
    Definition,
    Function,
    Import,
    NameReader,
    Uses,
    bindings_of,
    executed_children,
)


class Module:
    """One file: `imports` are its imports at the top, `definitions` its functions, classes and constants."""

    def __init__(self, name: str, file: Path) -> None:
        self.name = name
        self.imports: list[Import] = []
        self.definitions: dict[str, list[ast.stmt]] = {}
        self._others: list[ast.AST] = []
        self._uses: dict[str, Uses] = {}
        for statement in _statements(ast.parse(file.read_text(encoding="utf-8"), str(file))):
            self._classify(statement)
        self._bindings: Bindings = {}
        for statement in self.imports:
            self._bindings.update(bindings_of(statement))

    def uses(self, definition: str) -> Uses:
        """The uses in a definition when it runs."""
        if definition not in self._uses:  # every function of the catalogue reaches the shared definitions
            self._uses[definition] = self._read(self.definitions[definition])
        return self._uses[definition]

    @cached_property
    def on_import(self) -> Uses:
        """The uses when the module is imported: its other statements, and the calls outside of functions."""
        defined = [statement for statements in self.definitions.values() for statement in statements]
        return self._read([*self._others, *(call for statement in defined for call in _run_by_definition(statement))])

    @cached_property
    def decorators(self) -> dict[str, list[str]]:
        """The full names in the decorators of each definition. Importing the module calls the decorators."""
        return {
            name: self._read([d for s in statements if isinstance(s, Definition) for d in s.decorator_list]).names
            for name, statements in self.definitions.items()
        }

    def binding(self, name: str) -> str | None:
        """The full name of a name at the top of the module; None if it is neither an import nor a definition."""
        if name in self.definitions:
            return f"{self.name}.{name}"
        return self._bindings.get(name)

    @cached_property
    def keys(self) -> dict[str, set[str]]:
        """The constant keys of the dictionaries that each definition creates or assigns to."""
        return {name: set(_keys_in(statements)) for name, statements in self.definitions.items()}

    def text(self, name: str) -> str | None:
        """The value of a string constant."""
        for statement in self.definitions.get(name, []):
            value = getattr(statement, "value", None)
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value.value
        return None

    def _read(self, nodes: Iterable[ast.AST]) -> Uses:
        reader = NameReader(self.binding)
        for node in nodes:
            reader.visit(node)
        return reader.uses

    def _classify(self, statement: ast.AST) -> None:
        if isinstance(statement, Import):
            self.imports.append(statement)
        elif isinstance(statement, ast.stmt) and (names := _defined(statement)):
            for name in names:
                self.definitions.setdefault(name, []).append(statement)
        else:
            self._others.append(statement)


def modules_of(statement: Import) -> list[str]:
    """The full names that an import may load as modules, including the packages that contain them."""
    if isinstance(statement, ast.Import):
        names = [alias.name for alias in statement.names]
    else:
        names = [f"{statement.module}.{alias.name}" for alias in statement.names]
    return [".".join(name.split(".")[: end + 1]) for name in names for end in range(name.count(".") + 1)]


def _keys_in(statements: Iterable[ast.AST]) -> Iterator[str]:
    for node in (node for statement in statements for node in ast.walk(statement)):
        displayed = node.keys if isinstance(node, ast.Dict) else []
        assigned = [node.slice] if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) else []
        for key in [*displayed, *assigned]:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements that a module runs, also inside its blocks, without those for type checkers only."""
    for child in executed_children(node):
        if isinstance(child, ast.stmt | ast.excepthandler) and not isinstance(child, Definition) and _is_block(child):
            yield from _statements(child)
        else:
            yield child


def _is_block(node: ast.AST) -> bool:
    return isinstance(getattr(node, "body", None), list)


def _defined(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module defines."""
    if isinstance(statement, Definition):
        return [statement.name]
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return []


def _run_by_definition(node: ast.AST) -> Iterator[ast.AST]:
    """The calls and decorators that run when a definition is evaluated."""
    if isinstance(node, ast.Call):
        yield node
        return
    if isinstance(node, Definition):
        yield from node.decorator_list
    deferred = node.body if isinstance(node, Function) else [node.body] if isinstance(node, ast.Lambda) else []
    for child in ast.iter_child_nodes(node):
        if child not in deferred:
            yield from _run_by_definition(child)
