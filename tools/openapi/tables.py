"""The tables of docs/api.md that are generated from the code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from infra.catalogue import ROOT
from shared.records.permissions import RULES, Relation
from shared.records.types import Role
from tools.openapi.document import apis
from tools.openapi.names import operations_of, path_of
from tools.problems import problem_types

PAGE = ROOT / "docs" / "api.md"


def page_text(written: str) -> str:
    """The page for developers, with the tables as the code says them. Raises ValueError where a table has no place."""
    for name, rows in _TABLES.items():
        table = "\n".join(rows())
        between = re.compile(f"(<!-- {name} -->\n).*(<!-- end of {name} -->\n)", re.S)
        parts = between.split(written)
        if len(parts) != 4:
            raise ValueError(f"{PAGE.name} has not one place for the table of {name}")
        written = f"{parts[0]}{parts[1]}\n{table}\n\n{parts[2]}{parts[3]}"
    return written


def _operations() -> Iterator[str]:
    yield f"| operation | {' | '.join(Role)} | |"
    yield f"| --- | {' | '.join(':-:' for _ in Role)} | --- |"
    for api, operation in operations_of(apis()):
        marks = " | ".join("✓" if role in operation.roles else " " for role in Role)
        path = path_of(api, operation).removeprefix("/api/v1")
        yield f"| `{operation.method} {path}` | {marks} | {operation.summary.rstrip('.')} |"


def _permissions() -> Iterator[str]:
    shown = [relation for relation in Relation if any(relation in allowed for allowed in RULES.values())]
    yield f"| action | {' | '.join(shown)} |"
    yield f"| --- | {' | '.join(':-:' for _ in shown)} |"
    for action, allowed in RULES.items():
        yield f"| {action} | {' | '.join('✓' if relation in allowed else ' ' for relation in shown)} |"


def _problems() -> Iterator[str]:
    yield "| status | `urn:synapseai:problem:…` | Meaning |"
    yield "| --- | --- | --- |"
    for kind in problem_types():
        yield f"| {kind.status} | `{kind.name}` | {kind.title} |"


_TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "problems": _problems,
    "operations": _operations,
    "permissions": _permissions,
}
"""What is generated in the page, by the name in its markers."""
