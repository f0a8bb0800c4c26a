"""What a project has after an apply, as Google's APIs give it back to the next plan.

A value that Google changes, or that the provider drops on its way, is a change in every later plan. These differences
are known from the provider's source (`Config.yaml` of identityplatform, resource_logging_exclusion.go, Metric.yaml).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgpack

from infra.offline.schema_types import PROVIDERS, Block, load

_Values = dict[str, Any]
_SENT_EMPTY = {"ttl_config", "index_config"}
"""Blocks that mean something without arguments: the provider sends them (`send_empty_value`)."""
_ZERO: Mapping[str, Any] = {"string": "computed", "number": 0, "bool": False}


def applied(planned: Mapping[str, Any], block: Block) -> _Values:
    """The planned values, with a value in place of each one that is known only after apply, or absent."""
    values = {name: planned.get(name) for name in [*block["attributes"], *block["block_types"]]}
    for name, attribute in block["attributes"].items():
        if name not in planned or isinstance(values[name], msgpack.ExtType):
            kind = attribute["type"]
            values[name] = _ZERO[kind] if isinstance(kind, str) else {} if kind[0] == "map" else []
    return _within(values, block, applied)


def returned(stored: Mapping[str, Any], block: Block) -> _Values:
    """The values as the provider reads them: filters are trimmed, and a block without any value is gone."""
    values = dict(stored)
    if isinstance(values.get("filter"), str):
        values["filter"] = values["filter"].strip()
    for name in block["block_types"].keys() - _SENT_EMPTY:
        if isinstance(values[name], list):
            values[name] = [inner for inner in values[name] if not _is_empty(inner)]
    return _within(values, block, returned)


def imported(identifier: str, block: Block) -> _Values:
    """A resource of which only the id is known."""
    values: _Values = dict.fromkeys(block["attributes"])
    for name, nested in block["block_types"].items():
        values[name] = None if nested["nesting_mode"] == "single" else []
    return {**values, "id": identifier}


def after(plan: Mapping[str, Any]) -> _Values:
    """The state file of a project to which this plan (`terraform show -json`) was applied, without its outputs."""
    return {
        "version": 4,
        "terraform_version": plan["terraform_version"],
        "serial": 1,
        "lineage": "offline",
        "outputs": {},
        "resources": list(_resources(plan)),
    }


def _resources(plan: Mapping[str, Any]) -> Iterator[_Values]:
    schemas = {f"hashicorp/{name}": load(name)["resource"] for name in PROVIDERS}
    for change in plan["resource_changes"]:
        provider = change["provider_name"].partition("/")[2]
        planned, block = change["change"]["after"], schemas.get(provider, {}).get(change["type"])
        if planned is None or block is None:  # data; resources of Terraform itself have no schema here
            continue
        instance: _Values = {"schema_version": 0, "attributes": applied(planned, block)}
        if "index" in change:
            instance["index_key"] = change["index"]
        yield {
            "mode": "managed",
            "type": change["type"],
            "name": change["name"],
            "provider": f'provider["{change["provider_name"]}"]',
            "instances": [instance],
        }


def _within(values: _Values, block: Block, change: Callable[[Mapping[str, Any], Block], _Values]) -> _Values:
    """The values, with each nested block changed."""
    for name, nested in block["block_types"].items():
        if isinstance(values[name], list):
            values[name] = [change(inner, nested["block"]) for inner in values[name]]
        elif isinstance(values[name], dict):
            values[name] = change(values[name], nested["block"])
    return values


def _is_empty(value: Any) -> bool:
    """True for null, and for a list or a block of nothing but such values."""
    if isinstance(value, Mapping):
        return all(map(_is_empty, value.values()))
    return value is None or (isinstance(value, list) and all(map(_is_empty, value)))
