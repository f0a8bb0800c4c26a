"""The variables of a deployment: infra/terraform.tfvars, and the defaults of infra/*.tf."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.catalogue import ROOT

FILE = ROOT / "infra" / "terraform.tfvars"
_DECLARED = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.M | re.S)
_SET = re.compile(r"^\s*(\w+)\s*=\s*(\[.*?\]|[^\n]*)", re.M | re.S)
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|(?:#|//)[^\n]*')
_TRAILING_COMMA = re.compile(r",\s*\]")


def load(file: Path = FILE) -> Mapping[str, Any]:
    """Each variable by name; one without a value is None. Values are strings, numbers, booleans and lists of strings.

    Raises LookupError without the file, and ValueError that names a value of another form."""
    if not file.exists():
        raise LookupError(f"{file} does not exist: copy infra/terraform.tfvars.example and fill it in")
    files = sorted((ROOT / "infra").glob("*.tf"))
    declared = [found for one in files for found in _DECLARED.findall(one.read_text(encoding="utf-8"))]
    defaults = {name: dict(_assigned(body, "default")).get("default") for name, body in declared}
    return {**defaults, **dict(_assigned(file.read_text(encoding="utf-8")))}


def _assigned(text: str, only: str = "") -> Iterator[tuple[str, Any]]:
    for name, literal in _SET.findall(_COMMENT.sub(lambda found: found[1] or "", text)):
        if only in ("", name):
            yield name, _value(name, literal)


def _value(name: str, literal: str) -> Any:
    try:
        return json.loads(_TRAILING_COMMA.sub("]", literal.strip()))
    except ValueError:
        raise ValueError(f"{name} has a value of another form: a string, number, true, false or list") from None
