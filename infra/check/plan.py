"""A Terraform plan, from the output of `terraform show -json`.

The format is documented at developer.hashicorp.com/terraform/internals/json-format. This project uses no modules.
"""

from __future__ import annotations

import re
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

    @property
    def block(self) -> str:
        """Its address without the key: the block of the configuration that declares it."""
        return self.address.partition("[")[0]

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
    """The planned resources, by type, and the order in which they are applied."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._resources = list(_resources(document))
        declared = document.get("configuration", {}).get("root_module", {}).get("resources", [])
        self._declared = {block["address"]: block for block in declared}
        self.kinds = sorted({resource.kind for resource in self._resources})
        """The types of the planned resources."""
        self.waits = {address for address, block in self._declared.items() if _runs_a_command(block)}
        """The blocks that run a command: those of waits.tf."""

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these types."""
        return [resource for resource in self._resources if resource.kind in kinds]

    def with_suffix(self, *suffixes: str) -> list[Resource]:
        """The resources whose type has one of these suffixes, such as `_iam_member`."""
        return [resource for resource in self._resources if resource.kind.endswith(suffixes)]

    def before(self, address: str) -> set[str]:
        """The blocks that are applied before a resource: those that it and these depend on or refer to.

        References through locals are not in a plan.
        """
        found: set[str] = set()
        pending = [address.partition("[")[0]]
        while pending:
            new = _needed(self._declared.get(pending.pop(), {})) & self._declared.keys() - found
            found |= new
            pending += new
        return found

    def named(self, kind: str, argument: str = "name") -> dict[str, Resource]:
        """The resources of a type, by the value of an argument."""
        return {resource.text(argument): resource for resource in self.of(kind)}


def _resources(document: Mapping[str, Any]) -> Iterator[Resource]:
    for planned in document["planned_values"]["root_module"].get("resources", []):
        if planned["mode"] == "managed":
            yield Resource(planned["address"], planned["type"], str(planned.get("index", "")), planned["values"])


def _runs_a_command(block: Mapping[str, Any]) -> bool:
    return any(provisioner["type"] == "local-exec" for provisioner in block.get("provisioners", []))


def _needed(block: Any) -> set[str]:
    """The blocks that a part of a configuration names in `depends_on` and in its expressions."""
    if isinstance(block, list):
        return set().union(*map(_needed, block))
    if not isinstance(block, dict):
        return set()
    names = [*block.get("depends_on", []), *block.get("references", [])]
    return {".".join(re.split(r"[.\[]", name)[:2]) for name in names}.union(*map(_needed, block.values()))
