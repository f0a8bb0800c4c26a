"""The description of the whole API: that of every HTTP function of the catalogue together."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from local import catalogue
from local.catalogue import HttpFunction


@cache
def document() -> Mapping[str, Any]:
    """The OpenAPI document. The functions are loaded when it is first asked for."""
    from shared.web.openapi import describe

    functions = catalogue.load().of_kind(HttpFunction)
    apis = [importlib.import_module(f"functions.{function.name}.main").api for function in functions]
    return describe(apis, "SynapseAI", "1.0.0")
