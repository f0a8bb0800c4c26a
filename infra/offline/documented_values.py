"""Finds arguments whose value is not among the documented ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.offline.schema_types import Block

Step = str | int
"""One step of the path to a value: the name of an attribute or block, or the index in a list."""


def undocumented(config: Mapping[str, Any], block: Block) -> Iterator[tuple[list[Step], str]]:
    """The path and the fault of each undocumented value in a block and its nested blocks."""
    for name, attribute in block["attributes"].items():
        if allowed := attribute.get("values"):
            written = config[name] if isinstance(config[name], list) else [config[name]]
            for value in written:
                if isinstance(value, str) and value not in ("", *allowed):
                    yield [name], f'{name} is "{value}"; its values are {", ".join(allowed)}.'
    for name, nested in block["block_types"].items():
        for key, inner in _known_blocks(config[name]):
            for steps, fault in undocumented(inner, nested["block"]):
                # Elements of a set have no index, so their faults are reported at the block.
                yield ([name] if nested["nesting_mode"] == "set" else [name, *key, *steps]), fault


def _known_blocks(blocks: Any) -> Iterator[tuple[list[Step], Mapping[str, Any]]]:
    """The blocks of one name that are known, each with its index if there is a list of them."""
    match blocks:
        case dict() as block:
            yield [], block
        case list():
            for index, block in enumerate(blocks):
                if isinstance(block, dict):
                    yield [index], block
