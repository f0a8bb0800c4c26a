"""What a function can really run: from its main.py, definition by definition, through everything of ours that it names.

A module that is imported for one constant brings in that constant, not the module's other functions. So `sessions`,
which reads transcriptions, does not reach the speech gateway that the same module also uses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from infra.check.ast_module import Call, Import, Module, Uses, modules_of

GOOGLE = frozenset({"google", "google_crc32c", "firebase_admin"})
"""The top-level packages of Google's clients."""
LOAD = "shared.settings.load"
ENQUEUE = "shared.gateways.tasks.enqueue"
_MAIN = "main"
_ON_IMPORT = ""
"""Stands for what a module runs when it is imported."""

Piece = tuple[str, str]
"""A module's name, and that of a definition in it."""
_KEEPING: set[Piece] = {("shared.singleton", "singleton")}
"""Our decorators that run what they decorate only when somebody calls it. All others may run it at once."""


class Unclear(Exception):
    """The code does something in a way that cannot be followed; the text says where and what."""


@dataclass(frozen=True)
class Task:
    """One kind of task that a function makes."""

    queue: str
    function: str


@dataclass
class Reach:
    """What a function reaches."""

    definitions: set[str] = field(default_factory=set)
    """Full names, such as `shared.gateways.storage.read_result`."""
    groups: set[str] = field(default_factory=set)
    """The groups of settings that it loads, by class name."""
    tasks: set[Task] = field(default_factory=set)
    clients: dict[str, set[str]] = field(default_factory=dict)
    """The import statements of Google's clients, by the module that has them."""


def google_imports(main: Path, root: Path) -> list[str]:
    """The import statements of Google's clients that can run, each once."""
    return sorted(set().union(*reach_of(main, root).clients.values()))


def reach_of(main: Path, root: Path) -> Reach:
    """Everything that a function reaches; `root` holds `shared/`. Raises Unclear."""
    return Program(root).reach(main)


class Program:
    """The product's modules; each is parsed once, and each function followed once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        """The folder that holds `functions/` and `shared/`."""
        files = sorted((root / "shared").rglob("*.py"))
        self._modules = {name: Module(name, file) for file in files for name in [_name_of(file, root)]}
        self._reaches: dict[Path, Reach] = {}

    def definitions(self) -> set[str]:
        """The full names of all definitions."""
        return {f"{module.name}.{name}" for module in self._modules.values() for name in module.definitions}

    def users_of(self, full_name: str) -> set[str]:
        """The definitions that name this one."""
        return {
            f"{module.name}.{name}"
            for module in self._modules.values()
            for name in module.definitions
            if full_name in module.uses(name).names
        }

    def writers_of(self, key: str) -> set[str]:
        """The definitions that write this field of a document: a key in a dictionary of theirs."""
        return {
            f"{module.name}.{name}"
            for module in self._modules.values()
            for name, keys in module.keys.items()
            if key in keys
        }

    def clients_of(self, full_name: str) -> set[str]:
        """The import statements of Google's clients that one definition reaches."""
        module, _, definition = full_name.rpartition(".")
        walk = _Walk(self._modules)
        walk.want((module, definition))
        return set().union(*walk.finish().clients.values())

    def reach(self, main: Path) -> Reach:
        """Everything that this main.py reaches: all of the file is the function. Raises Unclear."""
        if main not in self._reaches:
            walk = _Walk(self._modules | {_MAIN: Module(_MAIN, main)})
            walk.enter(_MAIN, wholly=True)
            self._reaches[main] = walk.finish()
        return self._reaches[main]


class _Walk:
    def __init__(self, modules: dict[str, Module]) -> None:
        self._modules = modules
        self._seen: set[Piece] = set()
        self._waiting: list[Piece] = []
        self._reach = Reach()

    def enter(self, name: str, *, wholly: bool = False) -> None:
        """A module is imported; `wholly` when any of its definitions may be used."""
        module = self._modules[name]
        self.want((name, _ON_IMPORT))
        for definition, decorators in module.decorators.items():
            if wholly or any(self._place(decorator) not in (None, *_KEEPING) for decorator in decorators):
                self.want((name, definition))

    def want(self, piece: Piece) -> None:
        """A definition may be used."""
        if piece not in self._seen:
            self._seen.add(piece)
            self._waiting.append(piece)

    def finish(self) -> Reach:
        """Everything that was reached."""
        while self._waiting:
            name, definition = self._waiting.pop()
            self._follow(name, definition)
        return self._reach

    def _follow(self, name: str, definition: str) -> None:
        module = self._modules[name]
        if definition == _ON_IMPORT:
            uses = module.on_import
            self._import(module, module.imports)
        else:
            uses = module.uses(definition)
            self._reach.definitions.add(f"{name}.{definition}")
        self._import(module, uses.imports)
        for target in uses.names:
            self._name(target)
        self._note(f"{name}.{definition}", uses)

    def _import(self, module: Module, statements: Iterable[Import]) -> None:
        for statement in statements:
            if clients := list(_google(statement)):
                self._reach.clients.setdefault(module.name, set()).update(clients)
            for name in modules_of(statement):
                if name in self._modules:
                    self.enter(name)

    def _name(self, full_name: str) -> None:
        place = self._place(full_name)
        if place is None:
            return
        name, definition = place
        self.enter(name, wholly=not definition)  # a module as a value: anything of it may be used
        if definition:
            self.want((name, definition))

    def _place(self, full_name: str) -> Piece | None:
        """The definition of ours that a full name means, through re-exports; none when it is not ours."""
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
            return self._place(".".join([bound, *parts[end + 1 :]]))
        return None

    def _note(self, where: str, uses: Uses) -> None:
        """The settings that are loaded and the tasks that are made."""
        loads = [call for call in uses.calls if self._means(call.target, LOAD)]
        tasks = [call for call in uses.calls if self._means(call.target, ENQUEUE)]
        mentions = [name for name in uses.names if self._means(name, LOAD) or self._means(name, ENQUEUE)]
        if len(mentions) > len(loads) + len(tasks):
            raise Unclear(f"{where} hands on settings.load or tasks.enqueue: what it is called with cannot be seen")
        self._reach.groups |= {self._group(where, call) for call in loads}
        self._reach.tasks |= {self._task(where, call) for call in tasks}

    def _means(self, full_name: str, wanted: str) -> bool:
        place = self._place(full_name)
        return place is not None and ".".join(place) == wanted

    def _group(self, where: str, call: Call) -> str:
        place = self._place(call.arguments[0] or "") if call.arguments else None
        if place is None or place[0] != "shared.settings" or not place[1]:
            raise Unclear(f"{where} loads settings whose group is not named there")
        return place[1]

    def _task(self, where: str, call: Call) -> Task:
        texts = [self._text(argument) for argument in call.arguments[:2]]
        if len(texts) < 2 or not texts[0] or not texts[1]:
            raise Unclear(f"{where} enqueues a task whose queue and function are not constants")
        return Task(texts[0], texts[1])

    def _text(self, argument: str | None) -> str | None:
        """The text that an argument is: a literal, or a constant of a module."""
        if argument is None:
            return None
        if argument.startswith(("'", '"')):
            return str(ast.literal_eval(argument))
        place = self._place(argument)
        return self._modules[place[0]].text(place[1]) if place else None


def _google(statement: Import) -> Iterator[str]:
    """The parts of a statement that import Google's clients, each as a statement."""
    if isinstance(statement, ast.Import):
        yield from (f"import {alias.name}" for alias in statement.names if alias.name.partition(".")[0] in GOOGLE)
    elif (statement.module or "").partition(".")[0] in GOOGLE:
        yield ast.unparse(statement)


def _name_of(file: Path, root: Path) -> str:
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
