"""A module of ours as source: its definitions, and what each of them names, calls and imports when it runs.

Annotations of variables, parameters and results do nothing at run time (every module postpones them) and do not count.
Those of a class's fields do: models are built from them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

Import = ast.Import | ast.ImportFrom
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
Bindings = dict[str, str | None]
"""By local name: the full name of what was imported under it, or none for a variable."""


@dataclass(frozen=True)
class Call:
    """One call of something that has a full name, such as `shared.settings.load`."""

    target: str
    arguments: tuple[str | None, ...]
    """The positional ones: the full name of a name, a text as a literal (`'reports'`), none for anything else."""


@dataclass
class Uses:
    """What a piece of code names (each time it does), calls, and imports inside its functions."""

    names: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)


class Module:
    """One file. `imports` are done when it is imported; `definitions` are its functions, classes and constants."""

    def __init__(self, name: str, file: Path) -> None:
        self.name = name
        self.imports: list[Import] = []
        self.definitions: dict[str, list[ast.stmt]] = {}
        self._others: list[ast.AST] = []
        for statement in _statements(ast.parse(file.read_text(encoding="utf-8"), str(file))):
            self._sort_in(statement)
        self._bindings: Bindings = {}
        for statement in self.imports:
            self._bindings.update(bindings_of(statement))

    def uses(self, definition: str) -> Uses:
        """What a definition uses when it runs."""
        return self._read(self.definitions[definition])

    @cached_property
    def on_import(self) -> Uses:
        """What importing the module runs: its other statements, and the calls outside of functions."""
        defined = [statement for statements in self.definitions.values() for statement in statements]
        return self._read([*self._others, *(call for statement in defined for call in _called_at_once(statement))])

    @cached_property
    def decorators(self) -> dict[str, list[str]]:
        """The full names in the decorators of each definition: they get the definition when the module is imported."""
        return {
            name: self._read([d for s in statements if isinstance(s, Definition) for d in s.decorator_list]).names
            for name, statements in self.definitions.items()
        }

    def binding(self, name: str) -> str | None:
        """The full name of what a name at the top of the module means; none when it is no import and no definition."""
        if name in self.definitions:
            return f"{self.name}.{name}"
        return self._bindings.get(name)

    @cached_property
    def keys(self) -> dict[str, set[str]]:
        """The constant keys of the dictionaries that each definition makes or fills."""
        return {name: set(_keys_in(statements)) for name, statements in self.definitions.items()}

    def text(self, name: str) -> str | None:
        """The value of a constant that is a text."""
        for statement in self.definitions.get(name, []):
            value = getattr(statement, "value", None)
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value.value
        return None

    def _read(self, nodes: Iterable[ast.AST]) -> Uses:
        reader = _Reader(self)
        for node in nodes:
            reader.visit(node)
        return reader.uses

    def _sort_in(self, statement: ast.AST) -> None:
        if isinstance(statement, Import):
            self.imports.append(statement)
        elif isinstance(statement, ast.stmt) and (names := _defined(statement)):
            for name in names:
                self.definitions.setdefault(name, []).append(statement)
        else:
            self._others.append(statement)


def _keys_in(statements: Iterable[ast.AST]) -> Iterator[str]:
    for node in (node for statement in statements for node in ast.walk(statement)):
        made = node.keys if isinstance(node, ast.Dict) else []
        filled = [node.slice] if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) else []
        for key in [*made, *filled]:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value


def bindings_of(statement: Import) -> Bindings:
    """The names that an import binds, with their full names."""
    if isinstance(statement, ast.Import):
        return {
            a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0]
            for a in statement.names
        }
    return {a.asname or a.name: f"{statement.module}.{a.name}" for a in statement.names}


def modules_of(statement: Import) -> list[str]:
    """The full names that an import may load as modules, with the packages that hold them."""
    if isinstance(statement, ast.Import):
        named = [alias.name for alias in statement.names]
    else:
        named = [f"{statement.module}.{alias.name}" for alias in statement.names]
    return [".".join(name.split(".")[: end + 1]) for name in named for end in range(name.count(".") + 1)]


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements that a module runs, also inside its blocks; without what is for type checkers only."""
    for child in _run_parts(node):
        if isinstance(child, ast.stmt | ast.excepthandler) and not isinstance(child, Definition) and _is_block(child):
            yield from _statements(child)
        else:
            yield child


def _is_block(node: ast.AST) -> bool:
    return isinstance(getattr(node, "body", None), list)


def _run_parts(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        return node.orelse
    return ast.iter_child_nodes(node)


def _defined(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module defines."""
    if isinstance(statement, Definition):
        return [statement.name]
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return []


def _called_at_once(node: ast.AST) -> Iterator[ast.AST]:
    """The calls and decorators that run when a definition is made."""
    if isinstance(node, ast.Call):
        yield node
        return
    if isinstance(node, Definition):
        yield from node.decorator_list
    deferred = node.body if isinstance(node, Function) else [node.body] if isinstance(node, ast.Lambda) else []
    for child in ast.iter_child_nodes(node):
        if child not in deferred:
            yield from _called_at_once(child)


class _Reader(ast.NodeVisitor):
    """Collects what is used, with an eye on local names: a variable hides a module of the same name."""

    def __init__(self, module: Module) -> None:
        self.uses = Uses()
        self._module = module
        self._scopes: list[Bindings] = []
        self._in_class = False

    def visit_Name(self, node: ast.Name) -> None:
        if name := self._full_name(node):
            self.uses.names.append(name)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if name := self._full_name(node):
            self.uses.names.append(name)
        else:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        if target := self._full_name(node.func):
            self.uses.calls.append(Call(target, tuple(self._argument(argument) for argument in node.args)))
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.uses.imports.append(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.uses.imports.append(node)

    def visit_If(self, node: ast.If) -> None:
        for part in _run_parts(node):
            self.visit(part)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if self._in_class:
            self.visit(node.annotation)
        if node.value:
            self.visit(node.value)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outside, self._in_class = self._in_class, True
        self.generic_visit(node)
        self._in_class = outside

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node, node.decorator_list, node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node, node.decorator_list, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node, [], [node.body])

    def _function(self, node: Function | ast.Lambda, decorators: list[ast.expr], body: Iterable[ast.AST]) -> None:
        for part in [*decorators, *node.args.defaults, *(d for d in node.args.kw_defaults if d)]:
            self.visit(part)
        outside, self._in_class = self._in_class, False
        self._scopes.append(_bound_in(node))
        for inner in body:
            self.visit(inner)
        self._scopes.pop()
        self._in_class = outside

    def _full_name(self, node: ast.expr) -> str | None:
        """`storage.read_result` as `shared.gateways.storage.read_result`; none for what belongs to a variable."""
        if isinstance(node, ast.Attribute):
            owner = self._full_name(node.value)
            return f"{owner}.{node.attr}" if owner else None
        if not isinstance(node, ast.Name):
            return None
        for scope in reversed(self._scopes):
            if node.id in scope:
                return scope[node.id]
        return self._module.binding(node.id)

    def _argument(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return repr(node.value)
        return self._full_name(node)


def _bound_in(function: Function | ast.Lambda) -> Bindings:
    """The names that are a function's own."""
    parameters = [node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)]
    bound: Bindings = dict.fromkeys(parameters)
    shared: set[str] = set()
    for node in _of_this_scope(function.body if isinstance(function, Function) else [function.body]):
        if isinstance(node, Import):
            bound.update(bindings_of(node))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            shared.update(node.names)
        elif name := _name_bound_by(node):
            bound[name] = None
    return {name: target for name, target in bound.items() if name not in shared}


def _of_this_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        yield node
        if not isinstance(node, Definition | ast.Lambda):
            yield from _of_this_scope(ast.iter_child_nodes(node))


def _name_bound_by(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id if isinstance(node.ctx, ast.Store) else None
    if isinstance(node, Definition | ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return node.name
    return None
