"""Imports that wait until their names are used, as `lazy from … import …` of Python 3.15 does (PEP 810).

with lazily(globals()):
    from shared.workflows.patients import registration

A function has many operations, and a cold start answers one: it loads the modules of this one alone. Linters, type
checkers and the checks of this repository see ordinary imports. docs/adr/0024 says what it costs and saves.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

_IMPORT = builtins.__import__
"""Python's own."""
_ONE_BLOCK = Lock()
"""Held while a block runs, because the import hook is one for all threads."""


class _Later:
    """Stands for a name until it is used: attributes and calls are those of what it stands for, which replaces it."""

    def __init__(self, namespace: dict[str, Any], module: str, attribute: str) -> None:
        vars(self).update(_namespace=namespace, _module=module, _attribute=attribute)

    def __getattr__(self, name: str) -> Any:
        return getattr(_loaded(self), name)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return _loaded(self)(*arguments, **named)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_loaded(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_loaded(self), name)


class _Source:
    """Stands for a module during a block: each of its attributes is imported later."""

    def __init__(self, namespace: dict[str, Any], module: str) -> None:
        self._namespace = namespace
        self._module = module

    def __getattr__(self, name: str) -> _Later:
        return _Later(self._namespace, self._module, name)


@contextmanager
def lazily(namespace: dict[str, Any]) -> Iterator[None]:
    """Defer the imports of the block, in the namespace of its module: each to the first use of its name.

    That is an attribute of it (`registration.register`), a call (`hand_over(…)`), or `resolve`, which `Operation` calls
    with all names that a handler uses. Other uses (a base class, a decorator, a value in a function that is no handler)
    need an ordinary import. Raises ImportError for other forms than `from module import name`.
    """

    def deferred(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:  # noqa: A002
        if globals is not namespace:
            return _IMPORT(name, globals, locals, fromlist, level)
        if level or not fromlist or "*" in fromlist:
            raise ImportError(f"only `from module import name` can wait, not that of {name}")
        return _Source(namespace, name)

    with _ONE_BLOCK:
        builtins.__import__ = deferred
        try:
            yield
        finally:
            builtins.__import__ = _IMPORT


def resolve(namespace: dict[str, Any], names: Iterable[str]) -> None:
    """Import those of the names that still wait in this namespace."""
    for name in names:
        if isinstance(waiting := namespace.get(name), _Later):
            _loaded(waiting)


def _loaded(waiting: _Later) -> Any:
    """What a name stands for. It takes the place of the name, so the next use is an ordinary one."""
    namespace, module, attribute = (vars(waiting)[key] for key in ("_namespace", "_module", "_attribute"))
    found = getattr(_IMPORT(module, fromlist=(attribute,)), attribute)
    for name in [name for name, value in list(namespace.items()) if value is waiting]:
        namespace[name] = found
    return found
