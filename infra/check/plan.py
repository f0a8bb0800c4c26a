"""A Terraform plan, from the output of `terraform show -json`.

The format is documented at developer.hashicorp.com/terraform/internals/json-format. This project uses no modules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resource:
    """A planned resource. `values` lacks the attributes that are known only after apply."""

    address: str
    kind: str
    """Its type, such as `google_storage_bucket`."""
    key: str
    """Its key in a `for_each`; otherwise empty."""
    values: Mapping[str, Any]

    def get(self, *path: str) -> Any:
        """An argument, through blocks that occur at most once; None if it is unset or unknown."""
        value: Any = self.values
        for step in path:
            if isinstance(value, list):
                value = value[0] if value else {}
            value = (value or {}).get(step)
        return value

    def text(self, *path: str) -> str:
        """An argument as a string; empty if it is unset or unknown."""
        value = self.get(*path)
        return "" if value is None else str(value)

    def blocks(self, *path: str) -> list[Mapping[str, Any]]:
        """The blocks at a path, or the elements of a list."""
        return list(self.get(*path) or [])


class Plan:
    """The planned resources, by type."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._resources = list(_resources(document))

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these types."""
        return [resource for resource in self._resources if resource.kind in kinds]

    def with_suffix(self, *suffixes: str) -> list[Resource]:
        """The resources whose type has one of these suffixes, such as `_iam_member`."""
        return [resource for resource in self._resources if resource.kind.endswith(suffixes)]

    def named(self, kind: str, argument: str = "name") -> dict[str, Resource]:
        """The resources of a type, by the value of an argument."""
        return {resource.text(argument): resource for resource in self.of(kind)}


def _resources(document: Mapping[str, Any]) -> Iterator[Resource]:
    for planned in document["planned_values"]["root_module"].get("resources", []):
        if planned["mode"] == "managed":
            yield Resource(planned["address"], planned["type"], str(planned.get("index", "")), planned["values"])
