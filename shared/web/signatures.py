"""Signatures of handlers: the parameters in the path, in the query string and in the body, and the result."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any, NamedTuple

from pydantic import BaseModel

from shared.lazily import resolve
from shared.store.clinic import Clinic


@dataclass(frozen=True)
class RawBody:
    """Marks an argument that takes the request's whole body unparsed: `Annotated[bytes, RawBody(…)]`."""

    media_types: tuple[str, ...]
    largest: int
    """Bytes."""
    digested: bool = False
    """True if the Content-Digest header (RFC 9530) is required: nothing is done with a body that differs from it."""


class Signature(NamedTuple):
    """The parameters and the result of a handler."""

    argument: str
    """The handler's argument with the body, or with the query string of a GET or a DELETE; empty if there is none."""
    query: type[BaseModel] | None
    """The model of the query string of a GET or a DELETE, or of an upload."""
    body: type[BaseModel] | None
    """The model of the JSON body."""
    upload: RawBody | None
    """The body, if it is not JSON."""
    parameters: tuple[str, ...]
    """Those of the path."""
    returns: Any
    optional_body: bool
    """True if the JSON body may be missing."""
    query_argument: str = ""
    """The handler's argument with the query string of an upload; empty for other operations."""


def read(method: str, path: str, handler: Callable[..., Any]) -> Signature:
    """Read a handler's signature: `clinic`, path parameters by name, and at most one further argument.

    The further argument is a model (of the query string of a GET or DELETE, of the JSON body otherwise) or bytes marked
    with `RawBody`, beside which there may be a model of the query string. A body whose type allows None may be missing.
    Raises TypeError for any other signature.
    """
    hints = hints_of(handler)
    returns = hints.pop("return", None)
    if hints.pop("clinic", None) is not Clinic:
        raise TypeError(f"{handler.__name__} must take clinic: Clinic first")
    parameters = tuple(name for name in hints if f"{{{name}}}" in path)
    others = {name: hint for name, hint in hints.items() if name not in parameters}
    upload_argument = next((name for name, hint in others.items() if _upload(hint)), "")
    query_argument = next((name for name in others if name != upload_argument), "") if upload_argument else ""
    beside = _model(others.pop(query_argument, None))
    if len(others) > 1:
        raise TypeError(f"{handler.__name__}: one argument at most that is not in the path")
    argument, hint = next(iter(others.items()), ("", None))
    hint, optional = _without_none(hint)
    upload = _upload(hint)
    in_query = method in ("GET", "DELETE")
    model = _model(hint)
    if argument and not (upload or model):
        raise TypeError(f"{handler.__name__}: {argument} is neither in the path nor a model nor an upload")
    return Signature(
        argument=argument,
        query=model if in_query else beside,
        body=None if in_query else model,
        upload=upload,
        parameters=parameters,
        returns=returns,
        optional_body=optional,
        query_argument=query_argument,
    )


def hints_of(handler: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a handler. What it uses of lazy imports is imported."""
    assert isinstance(handler, FunctionType)
    postponed = (compile(text, handler.__name__, "eval") for text in handler.__annotations__.values())
    for code in (handler.__code__, *postponed):
        resolve(handler.__globals__, code.co_names)
    return typing.get_type_hints(handler, include_extras=True)


def _model(hint: Any) -> type[BaseModel] | None:
    return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None


def _without_none(hint: Any) -> tuple[Any, bool]:
    """The type of an argument without None, and whether it had None."""
    kinds = [kind for kind in typing.get_args(hint) if kind is not type(None)]
    optional = len(kinds) == 1 and type(None) in typing.get_args(hint)
    return (kinds[0], True) if optional else (hint, False)


def _upload(hint: Any) -> RawBody | None:
    return next((mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, RawBody)), None)
