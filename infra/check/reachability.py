"""The code that a function can run: every definition that its main.py reaches, by the names that each one uses.

The other modules of a function's folder are followed as those of `shared/`: as far as main.py imports them.

A module that is imported for one constant contributes that constant and not its other functions. For example,
`sessions` reads transcriptions and does not reach the speech gateway, which the same module also uses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from infra.check.ast_module import Module, modules_of
from infra.check.ast_names import Call, Import, Uses

GOOGLE = frozenset({"google", "google_crc32c", "firebase_admin"})
"""The top-level packages of Google's clients."""
LOAD = "shared.settings.load"
ENQUEUE = "shared.gateways.tasks.enqueue"
_MAIN = "main"
_ON_IMPORT = ""
"""Stands for the code of a module that runs on import."""

Symbol = tuple[str, str]
"""The name of a module, and of a definition in it."""
_LAZY_DECORATORS: set[Symbol] = {("shared.singleton", "singleton")}
"""Decorators of the product that do not call the decorated function on import. All others may call it."""


class Unresolved(Exception):
    """The code does something that static analysis cannot follow; the message says where and what."""


@dataclass(frozen=True)
class TaskTarget:
    """The queue and the function of a task that the code enqueues."""

    queue: str
    function: str


@dataclass
class Reachable:
    """Everything that a function reaches."""

    definitions: set[str] = field(default_factory=set)
    """Full names, such as `shared.gateways.storage.read_result`."""
    groups: set[str] = field(default_factory=set)
    """The groups of settings that it loads, by class name."""
    tasks: set[TaskTarget] = field(default_factory=set)
    clients: dict[str, set[str]] = field(default_factory=dict)
    """The import statements of Google's clients, by importing module."""


def google_imports(main: Path, root: Path) -> list[str]:
    """The import statements of Google's clients that a main.py reaches, without duplicates."""
    return sorted(set().union(*reach_of(main, root).clients.values()))


def reach_of(main: Path, root: Path) -> Reachable:
    """Everything that a main.py reaches; `root` contains `shared/`. Raises Unresolved."""
    return Program(root).reach(main)


class Program:
    """The modules of the product. Each module is parsed once, and each function followed once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        """The folder that contains `functions/` and `shared/`."""
        beside_mains = (file for file in (root / "functions").glob("*/*.py") if file.name != f"{_MAIN}.py")
        files = sorted([*(root / "shared").rglob("*.py"), *beside_mains])
        self._modules = {name: Module(name, file) for file in files for name in [_name_of(file, root)]}
        self._reachable: dict[Path, Reachable] = {}

    def definitions(self) -> set[str]:
        """The full names of all definitions."""
        return {f"{module.name}.{name}" for module in self._modules.values() for name in module.definitions}

    def users_of(self, full_name: str) -> set[str]:
        """The definitions that use this name."""
        return {
            f"{module.name}.{name}"
            for module in self._modules.values()
            for name in module.definitions
            if full_name in module.uses(name).names
        }

    def writers_of(self, key: str) -> set[str]:
        """The definitions that write this field of a document: a key of one of their dictionaries."""
        return {
            f"{module.name}.{name}"
            for module in self._modules.values()
            for name, keys in module.keys.items()
            if key in keys
        }

    def clients_of(self, full_name: str) -> set[str]:
        """The import statements of Google's clients that one definition reaches."""
        module, _, definition = full_name.rpartition(".")
        traversal = _Traversal(self._modules)
        traversal.add((module, definition))
        return set().union(*traversal.run().clients.values())

    def reach(self, main: Path) -> Reachable:
        """Everything that this main.py reaches; any of its definitions may be called. Raises Unresolved."""
        if main not in self._reachable:
            traversal = _Traversal(self._modules | {_MAIN: Module(_MAIN, main)})
            traversal.add_module(_MAIN, all_definitions=True)
            self._reachable[main] = traversal.run()
        return self._reachable[main]


class _Traversal:
    def __init__(self, modules: dict[str, Module]) -> None:
        self._modules = modules
        self._seen: set[Symbol] = set()
        self._pending: list[Symbol] = []
        self._reachable = Reachable()

    def add_module(self, name: str, *, all_definitions: bool = False) -> None:
        """Add the code that importing a module runs, or all of its definitions."""
        module = self._modules[name]
        self.add((name, _ON_IMPORT))
        for definition, decorators in module.decorators.items():
            if all_definitions or any(self._resolve(d) not in (None, *_LAZY_DECORATORS) for d in decorators):
                self.add((name, definition))

    def add(self, symbol: Symbol) -> None:
        """Add a definition that may be used."""
        if symbol not in self._seen:
            self._seen.add(symbol)
            self._pending.append(symbol)

    def run(self) -> Reachable:
        """Follow all added definitions and everything that they use."""
        while self._pending:
            name, definition = self._pending.pop()
            self._follow(name, definition)
        return self._reachable

    def _follow(self, name: str, definition: str) -> None:
        module = self._modules[name]
        if definition == _ON_IMPORT:
            uses = module.on_import
            self._add_imports(module, module.imports)
        else:
            uses = module.uses(definition)
            self._reachable.definitions.add(f"{name}.{definition}")
        self._add_imports(module, uses.imports)
        for full_name in uses.names:
            self._add_name(full_name)
        self._collect_calls(f"{name}.{definition}", uses)

    def _add_imports(self, module: Module, statements: Iterable[Import]) -> None:
        for statement in statements:
            if clients := list(_google(statement)):
                self._reachable.clients.setdefault(module.name, set()).update(clients)
            for name in modules_of(statement):
                if name in self._modules:
                    self.add_module(name)

    def _add_name(self, full_name: str) -> None:
        symbol = self._resolve(full_name)
        if symbol is None:
            return
        name, definition = symbol
        self.add_module(name, all_definitions=not definition)  # a module used as a value: any definition may be used
        if definition:
            self.add((name, definition))

    def _resolve(self, full_name: str) -> Symbol | None:
        """The definition of the product that a full name refers to, through re-exports; None for any other name."""
        parts = full_name.split(".")
        for end in range(len(parts), 0, -1):
            module = self._modules.get(".".join(parts[:end]))
            if module is None:
                continue
            if end == len(parts):
                return module.name, ""
            bound = module.binding(parts[end])
            if bound is None or bound == f"{module.name}.{parts[end]}":
                return (module.name, parts[end]) if bound else (module.name, "")
            return self._resolve(".".join([bound, *parts[end + 1 :]]))
        return None

    def _collect_calls(self, where: str, uses: Uses) -> None:
        """Collect the settings that are loaded and the tasks that are enqueued."""
        loads = [call for call in uses.calls if self._refers_to(call.target, LOAD)]
        tasks = [call for call in uses.calls if self._refers_to(call.target, ENQUEUE)]
        mentions = [name for name in uses.names if self._refers_to(name, LOAD) or self._refers_to(name, ENQUEUE)]
        if len(mentions) > len(loads) + len(tasks):
            raise Unresolved(f"{where} hands on settings.load or tasks.enqueue: its arguments cannot be seen")
        self._reachable.groups |= {self._group(where, call) for call in loads}
        self._reachable.tasks |= {self._task(where, call) for call in tasks}

    def _refers_to(self, full_name: str, definition: str) -> bool:
        symbol = self._resolve(full_name)
        return symbol is not None and ".".join(symbol) == definition

    def _group(self, where: str, call: Call) -> str:
        symbol = self._resolve(call.arguments[0] or "") if call.arguments else None
        if symbol is None or symbol[0] != "shared.settings" or not symbol[1]:
            raise Unresolved(f"{where} loads settings whose group is not named there")
        return symbol[1]

    def _task(self, where: str, call: Call) -> TaskTarget:
        texts = [self._text(argument) for argument in call.arguments[:2]]
        if len(texts) < 2 or not texts[0] or not texts[1]:
            raise Unresolved(f"{where} enqueues a task whose queue and function are not constants")
        return TaskTarget(texts[0], texts[1])

    def _text(self, argument: str | None) -> str | None:
        """The value of an argument that is a string literal or a string constant of a module."""
        if argument is None:
            return None
        if argument.startswith(("'", '"')):
            return str(ast.literal_eval(argument))
        symbol = self._resolve(argument)
        return self._modules[symbol[0]].text(symbol[1]) if symbol else None


def _google(statement: Import) -> Iterator[str]:
    """The parts of a statement that import Google's clients, each as a statement."""
    if isinstance(statement, ast.Import):
        yield from (f"import {alias.name}" for alias in statement.names if alias.name.partition(".")[0] in GOOGLE)
    elif (statement.module or "").partition(".")[0] in GOOGLE:
        yield ast.unparse(statement)


def _name_of(file: Path, root: Path) -> str:
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
