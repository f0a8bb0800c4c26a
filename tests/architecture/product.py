"""The source of the product's modules, and their imports."""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from infra.catalogue import ROOT

_LINTERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
HEAVY = tuple(_LINTERS["flake8-tidy-imports"]["banned-module-level-imports"])
"""Packages that are slow to import."""


@dataclass(frozen=True)
class Import:
    """A name that a module imports, fully qualified: `shared.store.clinic.Clinic`, `google.cloud.storage`."""

    name: str
    line: int
    eager: bool
    """True if it is imported with the module: not inside a function, and not for the type checker only."""

    def is_of(self, *packages: str) -> bool:
        """True if it is one of these packages or inside one."""
        return any(self.name == package or self.name.startswith(f"{package}.") for package in packages)


@dataclass(frozen=True)
class Module:
    """A module of the product, or one that a test adds."""

    name: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def layer(self) -> str:
        """`functions`, `settings`, or the package below `shared`."""
        return layer_of(self.name)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(_imports(self.tree, self.name.split("."), eager=True))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the tree. Many tests ask for them."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def _used(self) -> Mapping[str, set[int]]:
        """The lines at which a name is imported, or used as a name or an attribute."""
        lines: dict[str, set[int]] = defaultdict(set)
        for one in self.imports:
            lines[one.name.rpartition(".")[2]].add(one.line)
        for node in self.nodes:
            if isinstance(node, ast.Attribute | ast.Name):
                lines[node.attr if isinstance(node, ast.Attribute) else node.id].add(node.lineno)
        return lines

    def uses(self, *names: str) -> list[str]:
        """The places (`module:line`) that import one of these names, or use it as a name or an attribute."""
        found = [(name, line) for name in {*names} & self._used.keys() for line in self._used[name]]
        return [f"{self.name}:{line}" for _, line in sorted(found)]


def layer_of(name: str) -> str:
    """The layer of a module or of a name in it; empty outside the product."""
    top, _, rest = name.partition(".")
    return {"functions": "functions", "shared": rest.partition(".")[0]}.get(top, "")


@cache
def product() -> tuple[Module, ...]:
    """All modules that are deployed."""
    files = [*sorted((ROOT / "functions").glob("*/*.py")), *sorted((ROOT / "shared").rglob("*.py"))]
    return tuple(Module(_name_of(file), file.read_text()) for file in files)


def _name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(node: ast.AST, place: list[str], *, eager: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, node.lineno, eager) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = ".".join([*place[: -node.level], node.module or ""]).strip(".") if node.level else node.module
        yield from (Import(f"{start}.{alias.name}", node.lineno, eager) for alias in node.names)
    for inner in ast.iter_child_nodes(node):
        yield from _imports(inner, place, eager=eager and not _defers(node))


def _defers(node: ast.AST) -> bool:
    """True if the imports inside the node run later or never."""
    checks_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    return checks_types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
