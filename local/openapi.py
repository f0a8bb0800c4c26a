"""The description of the whole API: that of every HTTP function of the catalogue together.

`python -m local.openapi` writes what is generated from the code into the files that hold it: the document that the
function `api_docs` serves, and the tables in docs/api.md.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import catalogue
from local.catalogue import ROOT, HttpFunction
from shared.records.problems import Problem
from shared.records.types import Role

if TYPE_CHECKING:
    from shared.web.api import Api

DOCUMENT = ROOT / "functions" / "api_docs" / "openapi.json"
PAGE = ROOT / "docs" / "api.md"


@cache
def apis() -> tuple[Api, ...]:
    """Every resource, in the order of the catalogue. The functions are loaded when it is first asked for."""
    functions = catalogue.load().of_kind(HttpFunction)
    modules = [importlib.import_module(f"functions.{function.name}.main") for function in functions]
    return tuple(module.api for module in modules if hasattr(module, "api"))  # one serves this very document


@cache
def document() -> Mapping[str, Any]:
    """The OpenAPI document."""
    from shared.web.openapi import describe

    return describe(apis(), "SynapseAI", "1.0.0")


def document_text() -> str:
    """The document as it is kept."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


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
    from shared.web.openapi import of, path_of

    yield f"| operation | {' | '.join(Role)} | |"
    yield f"| --- | {' | '.join(':-:' for _ in Role)} | --- |"
    for api, operation in of(apis()):
        marks = " | ".join("✓" if role in operation.roles else " " for role in Role)
        path = path_of(api, operation).removeprefix("/api/v1")
        yield f"| `{operation.method} {path}` | {marks} | {operation.summary.rstrip('.')} |"


def _problems() -> Iterator[str]:
    yield "| status | `urn:synapseai:problem:…` | what it says |"
    yield "| --- | --- | --- |"
    kinds: list[type[Problem]] = [Problem, *Problem.__subclasses__()]
    for kind in sorted(kinds, key=lambda kind: (kind.status, kind.name)):
        yield f"| {kind.status} | `{kind.name}` | {kind.title} |"


_TABLES: Mapping[str, Callable[[], Iterator[str]]] = {"problems": _problems, "operations": _operations}
"""What is generated in the page, by the name in its markers."""


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    print(f"{file.relative_to(ROOT)} is written")


if __name__ == "__main__":
    _write(DOCUMENT, document_text())
    _write(PAGE, page_text(PAGE.read_text(encoding="utf-8")))
