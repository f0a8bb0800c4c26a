"""The trimmed schemas of the Google providers, and how they are rebuilt:

    python -m infra.offline.schema GOOGLE_WHEEL GOOGLE_BETA_WHEEL   (make infra-schemas downloads the wheels first)

A provider states its schema only when it runs, and it is a program of 100 MB. The bindings of CDK for Terraform are
generated from the same schema: their wheel holds an archive of JavaScript files, each with its TypeScript source in a
source map, and that source tells of every argument its type, whether it is required, optional or computed, how its
blocks nest, and in the documentation which values it takes. `schemas/` keeps the resources and data sources that
infra/*.tf uses, in the form of `terraform providers schema -json`, and `values` besides.

This cannot know what a provider checks in code: patterns, lengths, and arguments that exclude each other.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict

SCHEMAS = Path(__file__).parent / "schemas"
INFRA = Path(__file__).parent.parent
PROVIDERS = ("google", "google-beta")
Type = str | list[Any]
"""In Terraform's JSON notation: "string", ["list", "string"], ["object", {"name": "string"}]."""


class Attribute(TypedDict):
    """An argument, or a value that the provider computes, or both."""

    type: Type
    required: NotRequired[bool]
    optional: NotRequired[bool]
    computed: NotRequired[bool]
    values: NotRequired[list[str]]
    """The documented ones, where there are only so many."""


class Nested(TypedDict):
    """A block inside a block."""

    nesting_mode: str
    block: Block
    min_items: NotRequired[int]
    max_items: NotRequired[int]


class Block(TypedDict):
    """What a resource, or a block in it, may hold."""

    attributes: dict[str, Attribute]
    block_types: dict[str, Nested]


class Schema(TypedDict):
    """A provider: its own configuration, and its resources and data sources by type."""

    provider_version: str
    provider: Block
    resource: dict[str, Block]
    data: dict[str, Block]


class SchemaError(Exception):
    """A schema cannot be made or is not there; the message says which and why."""


@dataclass(frozen=True, order=True)
class Use:
    """A type of resource or data source that the configuration uses."""

    provider: str
    kind: str
    """`resource` or `data`."""
    type: str


def load(provider: str) -> Schema:
    """The trimmed schema of `google` or `google-beta`."""
    schema: Schema = json.loads((SCHEMAS / f"{provider}.json").read_text())
    return schema


# --- what is used -----------------------------------------------------------------------------------------------------

_DECLARED = re.compile(r'^(resource|data) "(google_\w+)" "[\w-]+" \{(?:\}|\n(.*?)^\})', re.M | re.S)
_BETA = re.compile(r"^\s+provider\s*=\s*google-beta\s*$", re.M)


def used(infra: Path = INFRA) -> set[Use]:
    """The types of Google's that the formatted *.tf files of a folder declare."""
    return {
        Use("google-beta" if _BETA.search(body) else "google", kind, type_name)
        for file in sorted(infra.glob("*.tf"))
        for kind, type_name, body in _DECLARED.findall(file.read_text())
    }


def missing(infra: Path = INFRA) -> list[str]:
    """What infra/*.tf uses and the schemas do not have: an error of its own, before Terraform says less."""
    schemas = {provider: load(provider) for provider in PROVIDERS}
    return [
        f'{use.kind} "{use.type}" of {use.provider} is misspelt, or new to infra/check/schemas: make infra-schemas'
        for use in sorted(used(infra))
        if use.type not in _section(schemas[use.provider], use.kind)
    ]


def _section(schema: Schema, kind: str) -> dict[str, Block]:
    return schema["resource"] if kind == "resource" else schema["data"]


# --- from the wheels --------------------------------------------------------------------------------------------------

_SOURCE_MAP = re.compile(r"sourceMappingURL=data:application/json;base64,([A-Za-z0-9+/=]+)")
_VERSION = re.compile(r"providerVersion: '([^']+)'")


def rebuild(wheel: Path, provider: str, uses: Iterable[Use]) -> Schema:
    """The schema of a provider with only the types in `uses`. Raises SchemaError."""
    folders = {_folder(use): use for use in uses if use.provider == provider}
    sources = _sources(wheel, {"provider", *folders})
    if absent := {"provider", *folders} - set(sources):
        raise SchemaError(f"{wheel.name} has no {', '.join(sorted(absent))}")
    version = _VERSION.search(sources["provider"])
    if version is None:
        raise SchemaError(f"{wheel.name} does not state the version of the provider")
    schema = Schema(provider_version=version[1], provider=_Source(sources["provider"]).schema(), resource={}, data={})
    for folder, use in sorted(folders.items()):
        block = _Source(sources[folder]).schema()
        for path, values in _values_of_the_apis().get(use.type, {}).items():
            _attribute(block, path)["values"] = values
        _section(schema, use.kind)[use.type] = block
    return schema


def text(schema: Schema) -> str:
    """The schema as it is kept: JSON with a line for each type, sorted."""

    def compact(value: Any) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))

    def section(blocks: Mapping[str, Block]) -> str:
        return "{" + ",".join(f"\n{compact(name)}:{compact(block)}" for name, block in sorted(blocks.items())) + "}"

    return (
        f'{{"provider_version":{compact(schema["provider_version"])},\n"provider":{compact(schema["provider"])},\n'
        f'"resource":{section(schema["resource"])},\n"data":{section(schema["data"])}}}\n'
    )


def _values_of_the_apis() -> dict[str, dict[str, list[str]]]:
    """Values that the providers' documentation leaves to the APIs: from Google's own clients, where we have one."""
    from google.cloud import kms, tasks_v2

    return {
        "google_cloud_scheduler_job": {"http_target.http_method": _names(tasks_v2.HttpMethod)},
        "google_compute_security_policy": {
            # https://cloud.google.com/compute/docs/reference/rest/v1/securityPolicies
            "rule.match.versioned_expr": ["SRC_IPS_V1"],
            "rule.rate_limit_options.enforce_on_key": [
                *("ALL", "IP", "HTTP_HEADER", "XFF_IP", "HTTP_COOKIE", "HTTP_PATH", "SNI", "REGION_CODE"),
                *("TLS_JA3_FINGERPRINT", "TLS_JA4_FINGERPRINT", "USER_IP"),
            ],
        },
        "google_kms_crypto_key": {
            "purpose": _names(kms.CryptoKey.CryptoKeyPurpose),
            "version_template.algorithm": _names(kms.CryptoKeyVersion.CryptoKeyVersionAlgorithm),
        },
        # https://cloud.google.com/storage/docs/public-access-prevention
        "google_storage_bucket": {"public_access_prevention": ["inherited", "enforced"]},
    }


def _names(values: Any) -> list[str]:
    return [value.name for value in values if not value.name.endswith("_UNSPECIFIED")]


def _attribute(block: Block, path: str) -> Attribute:
    *blocks, name = path.split(".")
    for inner in blocks:
        block = block["block_types"][inner]["block"]
    return block["attributes"][name]


def _folder(use: Use) -> str:
    """Where the bindings keep a type: google_kms_key_ring is in `kms-key-ring`."""
    name = use.type.replace("_", "-")
    if use.kind == "data":
        return f"data-{name}"
    return name if use.provider == "google-beta" else name.removeprefix("google-")


def _sources(wheel: Path, folders: set[str]) -> dict[str, str]:
    """The TypeScript of some folders of the bindings, each in one piece."""
    found: dict[str, list[str]] = {}
    with zipfile.ZipFile(wheel) as packed:
        archive = next(name for name in packed.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(packed.read(archive)), mode="r:gz") as files:
            for file in files:
                place = Path(file.name).parts  # package/lib/<folder>/…/index.js
                if file.name.endswith(".js") and place[1:2] == ("lib",) and place[2] in folders:
                    content = files.extractfile(file)
                    assert content is not None
                    found.setdefault(place[2], []).append(_typescript(content.read().decode()))
    return {folder: "\n".join(parts) for folder, parts in found.items()}


def _typescript(javascript: str) -> str:
    embedded = _SOURCE_MAP.search(javascript)
    if embedded is None:
        return ""
    source: str = json.loads(base64.b64decode(embedded[1]))["sourcesContent"][0]
    return source


# --- from the TypeScript ----------------------------------------------------------------------------------------------

_CLASS = re.compile(r"^export class (\w+) extends \w+\.(\w+)(.*?)^\}", re.M | re.S)
_CONSTRUCTS = {"TerraformResource", "TerraformDataSource", "TerraformProvider"}
# What is given to a resource itself is in an interface of the name that the resource has, with Config.
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

_WRITTEN: dict[tuple[str, str], Type] = {
    ("simple", "string"): "string",
    ("simple", "number"): "number",
    ("simple", "boolean"): "bool",
    ("list", "stringList"): ["list", "string"],
    ("set", "stringList"): ["set", "string"],
    ("list", "numberList"): ["list", "number"],
    ("map", "stringMap"): ["map", "string"],
}
_READ: dict[str, Type] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "StringMap": ["map", "string"],
    "StringMapList": ["list", ["map", "string"]],
}


@dataclass(frozen=True)
class _Argument:
    """How an argument is written in Terraform's language."""

    is_block: bool
    kind: str
    """simple, list, set, map or struct."""
    storage: str


class _Source:
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
        """What is below the resource itself."""
        name = next(name for name, (base, _) in self._classes.items() if base in _CONSTRUCTS)
        return self._block(name, name, _arguments(self._classes[name][1]))

    def _block(self, cls: str, struct: str, arguments: Mapping[str, _Argument]) -> Block:
        block = Block(attributes={}, block_types={})
        for name, computed, optional, required, declaration in _MEMBER.findall(self._classes[cls][1]):
            flags = {"computed": computed, "optional": optional, "required": required}
            argument = arguments.get(name)
            part = _NEW_PART.search(declaration)
            if argument and argument.is_block:
                if part:  # the provider's own `batching` has none: it is left out
                    block["block_types"][name] = self._nested(part[1], argument, required == "true")
                continue
            attribute: Any = {"type": self._type(struct, name, argument, declaration)}
            attribute |= {flag: True for flag, value in flags.items() if value == "true"}
            if values := self._values.get((struct, _camel(name))):
                attribute["values"] = values
            block["attributes"][name] = attribute
        return block

    def _part(self, cls: str) -> Block:
        """The block whose class is cls, or is the element of a list of that class."""
        struct = _PART.sub("", cls)
        return self._block(f"{struct}OutputReference", struct, self._arguments.get(struct.lower(), {}))

    def _nested(self, cls: str, argument: _Argument, required: bool) -> Nested:
        nested = Nested(
            nesting_mode="single" if argument.kind == "struct" else argument.kind,
            block=self._part(cls),
        )
        if cls.endswith("OutputReference") and argument.kind != "struct":
            nested["max_items"] = 1
        if required:
            nested["min_items"] = 1
        return nested

    def _type(self, struct: str, name: str, argument: _Argument | None, declaration: str) -> Type:
        """The type of an attribute: as it is written, or, when it is only computed, as it is read."""
        if argument:
            return _WRITTEN[argument.kind, argument.storage]
        if part := _NEW_PART.search(declaration):
            if part[1] in _READ:
                return _READ[part[1]]
            inner = {name: attribute["type"] for name, attribute in self._part(part[1])["attributes"].items()}
            return ["set" if part[2] == "true" else "list", ["object", inner]]
        if getter := _GETTER.search(declaration):
            read = _READ[getter[2]]
            return ["set", read[1]] if getter[1] else read
        raise SchemaError(f"{struct}.{name}: its type is not understood: {declaration.strip()}")


def _arguments(body: str) -> dict[str, _Argument]:
    return {
        name: _Argument(is_block == "true", kind, storage) for name, is_block, kind, storage in _ARGUMENT.findall(body)
    }


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda letter: letter[1].upper(), name)


_LISTED = re.compile(r"Possible values: \[([^\]]*)\]")
_DELETION = "Whether Terraform will be prevented from destroying the instance."
_VALUE = r"(?:[`'\"][\w.-]+[`'\"]|[A-Z][A-Z0-9_]+|[A-Z][a-z]+[A-Za-z]*)"
_SAID = re.compile(
    r"(?:[Pp]ossible|[Ss]upported|[Vv]alid|[Aa]llowed) values?(?: is| are| include)?:? "
    rf"({_VALUE}(?:(?:,|,? and|,? or) {_VALUE})+|[`'\"][\w.-]+[`'\"])(?:\.\s|\.?$)"
    rf"|[Mm]ust be one of:? ({_VALUE}(?:(?:,|,? and|,? or) {_VALUE})+)(?:\.\s|\.?$)"
)


def _documented_values(documentation: str) -> list[str]:
    """The values of an argument whose documentation lists them all; else none."""
    said = re.sub(r"\s*\n\s*\* ?", " ", documentation).split("Docs at Terraform")[0].strip()
    if listed := _LISTED.search(said):
        return re.findall(r'"([^"]+)"', listed[1])
    if said.startswith(_DELETION):
        return ["DELETE", "PREVENT", "ABANDON"]
    if sentence := _SAID.search(said):
        return [value.strip("`'\"") for value in re.findall(_VALUE, sentence[1] or sentence[2])]
    return []


def _rebuilt(wheels: Mapping[str, Path]) -> Iterator[tuple[Path, str]]:
    uses = used()
    for provider, wheel in wheels.items():
        yield SCHEMAS / f"{provider}.json", text(rebuild(wheel, provider, uses))


def main(arguments: list[str] | None = None) -> int:
    """Rebuild infra/check/schemas from the two wheels; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.offline.schema", description="Rebuild infra/check/schemas.")
    for provider in PROVIDERS:
        parser.add_argument(provider, type=Path, help=f"wheel of cdktn-provider-{provider}")
    wheels = vars(parser.parse_args(arguments))
    try:
        for file, content in _rebuilt(wheels):
            file.write_text(content)
            print(f"{file}: {len(content):,} bytes")
    except SchemaError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
