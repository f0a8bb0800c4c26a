"""The types of resources and data sources that a Terraform configuration uses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infra.offline.schema_types import PROVIDERS, load, section

INFRA = Path(__file__).parent.parent
_DECLARATION = re.compile(r'^(resource|data) "(google_\w+)" "[\w-]+" \{(?:\}|\n(.*?)^\})', re.M | re.S)
_BETA = re.compile(r"^\s+provider\s*=\s*google-beta\s*$", re.M)


@dataclass(frozen=True, order=True)
class UsedType:
    """A type of resource or data source that the configuration declares."""

    provider: str
    kind: Literal["resource", "data"]
    type: str


def used_types(infra: Path = INFRA) -> set[UsedType]:
    """The types of the Google providers that the formatted *.tf files of a folder declare."""
    return {
        UsedType("google-beta" if _BETA.search(body) else "google", kind, type_name)
        for file in sorted(infra.glob("*.tf"))
        for kind, type_name, body in _DECLARATION.findall(file.read_text())
    }


def missing_types(infra: Path = INFRA) -> list[str]:
    """One fault for each type that infra/*.tf uses and the stored schemas lack.

    Checked by itself because Terraform's own message does not say how to add the type.
    """
    schemas = {provider: load(provider) for provider in PROVIDERS}
    return [
        f'{used.kind} "{used.type}" of {used.provider} is misspelt, or new to infra/offline/schemas: make infra-schemas'
        for used in sorted(used_types(infra))
        if used.type not in section(schemas[used.provider], used.kind)
    ]
