"""The names and paths of the API's operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.web import PREFIX
from shared.web.api import Api
from shared.web.operations import Operation


def operations_of(apis: Iterable[Api]) -> Iterator[tuple[Api, Operation]]:
    """Every operation with its resource, in the order of the code."""
    return ((api, operation) for api in apis for operation in api.operations)


def path_of(api: Api, operation: Operation) -> str:
    """The whole path, with parameters in braces."""
    return f"{PREFIX}/{api.resource}{operation.path}".removesuffix("/")


def operation_id(api: Api, operation: Operation) -> str:
    """The operation's name in generated clients, such as `patients_get`."""
    return f"{api.resource}_{operation.name}"


def operation_name(api: Api, operation: Operation) -> str:
    """The operation's resource and name, such as `patients.get`."""
    return f"{api.resource}.{operation.name}"
