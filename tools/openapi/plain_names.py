"""Names of schemas that a client developer expects: `Patient`, and not `Patient` or `Address-Output`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.web.operations import Operation
from tools.openapi.answers import is_detailed, is_page, merged_name, models_of, page_name
from tools.openapi.references import Schema, name_of, reference_to

_SENT, _ANSWERED = "-Input", "-Output"
"""How pydantic tells the two schemas of a model apart whose requests and answers differ."""


def with_plain_names(document: Schema, operations: Sequence[Operation]) -> Schema:
    """The document with its schemas renamed, in `components` and in each reference."""
    schemas: Mapping[str, Schema] = document["components"]["schemas"]
    names = plain_names(schemas, operations)
    renamed = {names.get(name, name): _titled(schema, names.get(name)) for name, schema in schemas.items()}
    components = {**document["components"], "schemas": dict(sorted(renamed.items()))}
    result: Schema = _renamed({**document, "components": components}, names)
    return result


def plain_names(schemas: Collection[str], operations: Sequence[Operation]) -> Mapping[str, str]:
    """The new name of each schema whose name shows how it was made.

    A record with other fields is named after the record, or `…Detail` where the record itself is answered too; of
    several such schemas, the one of most operations. The others are named after both, such as `ReopenedSession`. What
    is sent is `…Input` where it differs from the answer. A name that would then be there twice stays as it is.
    """
    merged = Counter(models_of(one) for one in operations if is_detailed(one))
    names: dict[str, str] = {}
    for models, _ in merged.most_common():
        record, extra = (model.__name__ for model in models)
        plain = f"{record}Detail" if record in schemas else record
        name = f"{extra}{record}" if plain in names.values() else plain
        names[merged_name(models)] = name
    for one in operations:
        if is_detailed(one) and is_page(one):
            merged_item = merged_name(models_of(one))
            names[page_name(one, merged_item)] = page_name(one, names[merged_item])
    for name in schemas:
        if name.endswith(_SENT):
            names[name] = name.removesuffix(_SENT) + "Input"
        elif name.endswith(_ANSWERED):
            names[name] = name.removesuffix(_ANSWERED)
    uses = Counter([*schemas, *(new for old, new in names.items() if old in schemas)])
    return {old: new for old, new in names.items() if old in schemas and uses[new] == 1}


def _titled(schema: Schema, name: str | None) -> Schema:
    return {**schema, "title": name} if name and "title" in schema else schema


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        if str(node.get("$ref", "")).startswith("#/components/schemas/"):
            return node | reference_to("schemas", names.get(name_of(node), name_of(node)))
        return {key: _renamed(child, names) for key, child in node.items()}
    return [_renamed(child, names) for child in node] if isinstance(node, list) else node
