"""Rebuilds the stored schemas of the Google providers from the bindings of CDK for Terraform:

    python -m infra.offline.schema GOOGLE_WHEEL GOOGLE_BETA_WHEEL   (make infra-schemas downloads the wheels first)

A provider outputs its schema only when it runs, and it is a program of 100 MB. The bindings are generated from the same
schema. Their wheel holds an archive of JavaScript files, each with its TypeScript source in a source map. That source
gives for every argument its type, whether it is required, optional or computed, how its blocks nest, and in the
documentation its values. `schemas/` stores the resources and data sources that infra/*.tf uses.

The bindings do not contain what a provider checks in code: patterns, lengths, and arguments that exclude each other.
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
from pathlib import Path
from typing import Any

from infra.offline.schema_types import PROVIDERS, Attribute, Block, Schema, SchemaError, schema_file, section
from infra.offline.typescript import TypeScriptSource
from infra.offline.usage import UsedType, used_types

_SOURCE_MAP = re.compile(r"sourceMappingURL=data:application/json;base64,([A-Za-z0-9+/=]+)")
_VERSION = re.compile(r"providerVersion: '([^']+)'")


def rebuild(wheel: Path, provider: str, used: Iterable[UsedType]) -> Schema:
    """The schema of a provider, reduced to the types in `used`. Raises SchemaError."""
    folders = {_folder(type_): type_ for type_ in used if type_.provider == provider}
    sources = _sources(wheel, {"provider", *folders})
    if absent := {"provider", *folders} - set(sources):
        raise SchemaError(f"{wheel.name} has no {', '.join(sorted(absent))}")
    version = _VERSION.search(sources["provider"])
    if version is None:
        raise SchemaError(f"{wheel.name} does not state the version of the provider")
    own = TypeScriptSource(sources["provider"]).schema()
    schema = Schema(provider_version=version[1], provider=own, resource={}, data={})
    for folder, type_ in sorted(folders.items()):
        block = TypeScriptSource(sources[folder]).schema()
        for path, values in _api_values().get(type_.type, {}).items():
            _attribute(block, path)["values"] = values
        section(schema, type_.kind)[type_.type] = block
    return schema


def text(schema: Schema) -> str:
    """The schema as its file stores it: sorted JSON, one line for each type."""

    def compact(value: Any) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))

    def lines(blocks: Mapping[str, Block]) -> str:
        return "{" + ",".join(f"\n{compact(name)}:{compact(block)}" for name, block in sorted(blocks.items())) + "}"

    return (
        f'{{"provider_version":{compact(schema["provider_version"])},\n"provider":{compact(schema["provider"])},\n'
        f'"resource":{lines(schema["resource"])},\n"data":{lines(schema["data"])}}}\n'
    )


def _api_values() -> dict[str, dict[str, list[str]]]:
    """Values that the provider documentation leaves to the API: from Google's client libraries or its API reference."""
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


def _folder(used: UsedType) -> str:
    """The folder of a type in the bindings: `kms-key-ring` for google_kms_key_ring."""
    name = used.type.replace("_", "-")
    if used.kind == "data":
        return f"data-{name}"
    return name if used.provider == "google-beta" else name.removeprefix("google-")


def _sources(wheel: Path, folders: set[str]) -> dict[str, str]:
    """The TypeScript of some folders of the bindings, concatenated for each folder."""
    sources: dict[str, list[str]] = {}
    with zipfile.ZipFile(wheel) as packed:
        archive = next(name for name in packed.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(packed.read(archive)), mode="r:gz") as files:
            for file in files:
                parts = Path(file.name).parts  # package/lib/<folder>/…/index.js
                if file.name.endswith(".js") and parts[1:2] == ("lib",) and parts[2] in folders:
                    content = files.extractfile(file)
                    assert content is not None
                    sources.setdefault(parts[2], []).append(_typescript(content.read().decode()))
    return {folder: "\n".join(parts) for folder, parts in sources.items()}


def _typescript(javascript: str) -> str:
    embedded = _SOURCE_MAP.search(javascript)
    if embedded is None:
        return ""
    source: str = json.loads(base64.b64decode(embedded[1]))["sourcesContent"][0]
    return source


def _rebuilt(wheels: Mapping[str, Path]) -> Iterator[tuple[Path, str]]:
    used = used_types()
    for provider, wheel in wheels.items():
        yield schema_file(provider), text(rebuild(wheel, provider, used))


def main(arguments: list[str] | None = None) -> int:
    """Rebuild infra/offline/schemas from the two wheels. Returns the exit code."""
    description = "Rebuild infra/offline/schemas."
    parser = argparse.ArgumentParser(prog="python -m infra.offline.schema", description=description)
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
