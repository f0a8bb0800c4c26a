"""A Terraform plan as `terraform show -json` writes it: what will be there.

The format is documented at developer.hashicorp.com/terraform/internals/json-format. Modules are not used here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resource:
    """A resource as planned. What only the provider knows, after it made the resource, is missing from `values`."""

    address: str
    kind: str
    """Its type, such as `google_storage_bucket`."""
    key: str
    """Its key where the resource is made for each of something; else empty."""
    values: Mapping[str, Any]

    def get(self, *path: str) -> Any:
        """An argument, through blocks of which there is one at most; none when it is not set or not known."""
        value: Any = self.values
        for step in path:
            if isinstance(value, list):
                value = value[0] if value else {}
            value = (value or {}).get(step)
        return value

    def text(self, *path: str) -> str:
        """An argument as a text; empty when it is not set or not known."""
        value = self.get(*path)
        return "" if value is None else str(value)

    def blocks(self, *path: str) -> list[Mapping[str, Any]]:
        """The blocks at a place, or the elements of a list."""
        return list(self.get(*path) or [])


class Plan:
    """What is planned, by type."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._resources = list(_resources(document))

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these types."""
        return [resource for resource in self._resources if resource.kind in kinds]

    def of_form(self, *endings: str) -> list[Resource]:
        """The resources whose types end so, such as `_iam_member`."""
        return [resource for resource in self._resources if resource.kind.endswith(endings)]

    def named(self, kind: str, argument: str = "name") -> dict[str, Resource]:
        """The resources of a type by the value of an argument."""
        return {resource.text(argument): resource for resource in self.of(kind)}


def _resources(document: Mapping[str, Any]) -> Iterator[Resource]:
    for planned in document["planned_values"]["root_module"].get("resources", []):
        if planned["mode"] == "managed":
            yield Resource(planned["address"], planned["type"], str(planned.get("index", "")), planned["values"])
