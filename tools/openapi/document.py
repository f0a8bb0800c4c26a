"""The OpenAPI document of the whole API: every HTTP function of the catalogue together."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from infra import catalogue
from infra.catalogue import ROOT, HttpFunction
from shared.web.api import Api

DOCUMENT = ROOT / "functions" / "api_docs" / "openapi.json"


@cache
def apis() -> tuple[Api, ...]:
    """Every resource, in the order of the catalogue. The functions are loaded when it is first asked for."""
    functions = catalogue.load().of_kind(HttpFunction)
    modules = [importlib.import_module(f"functions.{function.name}.main") for function in functions]
    return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Api))


@cache
def document() -> Mapping[str, Any]:
    """The OpenAPI document."""
    from tools.openapi.describe import describe

    return describe(apis(), "SynapseAI", "1.0.0")


def document_text() -> str:
    """The document as it is kept."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
