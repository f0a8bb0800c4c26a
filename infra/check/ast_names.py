"""The names, calls and imports in a piece of source, with every local name resolved to its full name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

Import = ast.Import | ast.ImportFrom
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
Bindings = dict[str, str | None]
"""Full names by local name: an imported name has one, a variable has none."""


@dataclass(frozen=True)
class Call:
    """One call of something that has a full name, such as `shared.settings.load`."""

    target: str
    arguments: tuple[str | None, ...]
    """Positional arguments: the full name of a name, a string as a literal (`'reports'`), None for anything else."""


@dataclass
class Uses:
    """The names in a piece of code (one entry for each use), its calls, and the imports inside its functions."""

    names: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)


def bindings_of(statement: Import) -> Bindings:
    """The names that an import binds, with their full names."""
    if isinstance(statement, ast.Import):
        return {
            a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0]
            for a in statement.names
        }
    return {a.asname or a.name: f"{statement.module}.{a.name}" for a in statement.names}


def executed_children(node: ast.AST) -> Iterable[ast.AST]:
    """The child nodes, without the body of `if TYPE_CHECKING`, which never runs."""
    if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        return node.orelse
    return ast.iter_child_nodes(node)


class NameReader(ast.NodeVisitor):
    """Collects `uses`. Scopes are tracked, because a local variable hides a module of the same name."""

    def __init__(self, binding: Callable[[str], str | None]) -> None:
        """`binding` resolves a name at the top of the module."""
        self.uses = Uses()
        self._binding = binding
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
        for part in executed_children(node):
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
        self._scopes.append(_local_bindings(node))
        for inner in body:
            self.visit(inner)
        self._scopes.pop()
        self._in_class = outside

    def _full_name(self, node: ast.expr) -> str | None:
        """`storage.read_result` as `shared.gateways.storage.read_result`; None for an attribute of a variable."""
        if isinstance(node, ast.Attribute):
            owner = self._full_name(node.value)
            return f"{owner}.{node.attr}" if owner else None
        if not isinstance(node, ast.Name):
            return None
        for scope in reversed(self._scopes):
            if node.id in scope:
                return scope[node.id]
        return self._binding(node.id)

    def _argument(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return repr(node.value)
        return self._full_name(node)


def _local_bindings(function: Function | ast.Lambda) -> Bindings:
    """The local names of a function."""
    parameters = [node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)]
    bound: Bindings = dict.fromkeys(parameters)
    outer: set[str] = set()
    for node in _of_this_scope(function.body if isinstance(function, Function) else [function.body]):
        if isinstance(node, Import):
            bound.update(bindings_of(node))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            outer.update(node.names)
        elif name := _name_bound_by(node):
            bound[name] = None
    return {name: target for name, target in bound.items() if name not in outer}


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
