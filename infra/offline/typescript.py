"""Reads the schema of a resource, data source or provider from the TypeScript of its CDK for Terraform bindings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.offline.schema_types import Block, Nested, SchemaError, Type

_CLASS = re.compile(r"^export class (\w+) extends \w+\.(\w+)(.*?)^\}", re.M | re.S)
_CONSTRUCTS = {"TerraformResource", "TerraformDataSource", "TerraformProvider"}
# The interface of a resource's own arguments has the name of the resource, with the suffix Config.
_INTERFACE = re.compile(
    r"^export interface (\w+?)(?:Config extends \S+\.TerraformMetaArguments)? \{(.*?)^\}", re.M | re.S
)
_PROPERTY = re.compile(r"/\*\*((?:(?!\*/).)*?)\*/\s*readonly (\w+)\??:", re.S)
_TO_HCL = re.compile(r"^export function (\w+)ToHclTerraform\((.*?)^\}", re.M | re.S)
_MEMBER = re.compile(
    r"^\s*// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n(.*\n.*)$", re.M
)
_ARGUMENT = re.compile(
    r'^ +(\w+): \{\n +value: .*\n +isBlock: (true|false),\n +type: "(\w+)",\n +storageClassType: "(\w+)",', re.M
)
_NEW_PART = re.compile(r"= new (?:\w+\.)?(\w+)\(this, \"\w+\"(?:, (true|false))?\)")
_GETTER = re.compile(r"return (cdkt[fn]\.Fn\.tolist\()?this\.(get\w+)\(")
_PART = re.compile(r"(OutputReference|List)$")

_ARGUMENT_TYPES: dict[tuple[str, str], Type] = {
    ("simple", "string"): "string",
    ("simple", "number"): "number",
    ("simple", "boolean"): "bool",
    ("list", "stringList"): ["list", "string"],
    ("set", "stringList"): ["set", "string"],
    ("list", "numberList"): ["list", "number"],
    ("map", "stringMap"): ["map", "string"],
}
"""By the collection type and the storage class of an argument."""
_GETTER_TYPES: dict[str, Type] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "StringMap": ["map", "string"],
    "StringMapList": ["list", ["map", "string"]],
}
"""By the getter or the class that reads a computed attribute."""


@dataclass(frozen=True)
class _Argument:
    """How the bindings write an argument in Terraform's language."""

    is_block: bool
    collection: str
    """simple, list, set, map or struct."""
    storage: str


class TypeScriptSource:
    """The TypeScript of one resource, data source or provider."""

    def __init__(self, source: str) -> None:
        self._classes = {name: (base, body) for name, base, body in _CLASS.findall(source)}
        self._arguments = {name.lower(): _arguments(body) for name, body in _TO_HCL.findall(source)}
        self._values = {
            (interface, name): values
            for interface, body in _INTERFACE.findall(source)
            for documentation, name in _PROPERTY.findall(body)
            if (values := _documented_values(documentation))
        }

    def schema(self) -> Block:
        """The block of the resource, data source or provider. Raises SchemaError."""
        name = next(name for name, (base, _) in self._classes.items() if base in _CONSTRUCTS)
        return self._block(name, name, _arguments(self._classes[name][1]))

    def _block(self, cls: str, struct: str, arguments: Mapping[str, _Argument]) -> Block:
        block = Block(attributes={}, block_types={})
        for name, computed, optional, required, declaration in _MEMBER.findall(self._classes[cls][1]):
            flags = {"computed": computed, "optional": optional, "required": required}
            argument = arguments.get(name)
            part = _NEW_PART.search(declaration)
            if argument and argument.is_block:
                if part:  # `batching` of the provider itself has no class and is left out
                    block["block_types"][name] = self._nested(part[1], argument, required == "true")
                continue
            attribute: Any = {"type": self._type(struct, name, argument, declaration)}
            attribute |= {flag: True for flag, value in flags.items() if value == "true"}
            if values := self._values.get((struct, _camel(name))):
                attribute["values"] = values
            block["attributes"][name] = attribute
        return block

    def _part(self, cls: str) -> Block:
        """The block of class `cls`, or of the elements of the list class `cls`."""
        struct = _PART.sub("", cls)
        return self._block(f"{struct}OutputReference", struct, self._arguments.get(struct.lower(), {}))

    def _nested(self, cls: str, argument: _Argument, required: bool) -> Nested:
        nested = Nested(
            nesting_mode="single" if argument.collection == "struct" else argument.collection,
            block=self._part(cls),
        )
        if cls.endswith("OutputReference") and argument.collection != "struct":
            nested["max_items"] = 1
        if required:
            nested["min_items"] = 1
        return nested

    def _type(self, struct: str, name: str, argument: _Argument | None, declaration: str) -> Type:
        """The type of an attribute, from its argument or, for a computed attribute, from its getter."""
        if argument:
            return _ARGUMENT_TYPES[argument.collection, argument.storage]
        if part := _NEW_PART.search(declaration):
            if part[1] in _GETTER_TYPES:
                return _GETTER_TYPES[part[1]]
            inner = {name: attribute["type"] for name, attribute in self._part(part[1])["attributes"].items()}
            return ["set" if part[2] == "true" else "list", ["object", inner]]
        if getter := _GETTER.search(declaration):
            read = _GETTER_TYPES[getter[2]]
            return ["set", read[1]] if getter[1] else read
        raise SchemaError(f"{struct}.{name}: its type is not understood: {declaration.strip()}")


def _arguments(body: str) -> dict[str, _Argument]:
    return {
        name: _Argument(is_block == "true", collection, storage)
        for name, is_block, collection, storage in _ARGUMENT.findall(body)
    }


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda letter: letter[1].upper(), name)


_LISTED = re.compile(r"Possible values: \[([^\]]*)\]")
_DELETION = "Whether Terraform will be prevented from destroying the instance."
_VALUE = r"(?:[`'\"][\w.-]+[`'\"]|[A-Z][A-Z0-9_]+|[A-Z][a-z]+[A-Za-z]*)"
_SENTENCE = re.compile(
    r"(?:[Pp]ossible|[Ss]upported|[Vv]alid|[Aa]llowed) values?(?: is| are| include)?:? "
    rf"({_VALUE}(?:(?:,|,? and|,? or) {_VALUE})+|[`'\"][\w.-]+[`'\"])(?:\.\s|\.?$)"
    rf"|[Mm]ust be one of:? ({_VALUE}(?:(?:,|,? and|,? or) {_VALUE})+)(?:\.\s|\.?$)"
)


def _documented_values(documentation: str) -> list[str]:
    """The values of an argument, if its documentation lists all of them; otherwise none."""
    text = re.sub(r"\s*\n\s*\* ?", " ", documentation).split("Docs at Terraform")[0].strip()
    if listed := _LISTED.search(text):
        return re.findall(r'"([^"]+)"', listed[1])
    if text.startswith(_DELETION):
        return ["DELETE", "PREVENT", "ABANDON"]
    if sentence := _SENTENCE.search(text):
        return [value.strip("`'\"") for value in re.findall(_VALUE, sentence[1] or sentence[2])]
    return []
