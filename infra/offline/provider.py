"""An offline stand-in for the Google providers: the real `terraform` validates, plans and tests against it.

Terraform talks to a provider over gRPC (the plugin protocol, version 5) and accepts one that runs already, named in
TF_REATTACH_PROVIDERS. This one answers with the schemas of `schemas/`, so Terraform itself finds unknown, missing and
ill-typed arguments, wrong blocks and bad references; it refuses values outside the documented ones; and it plans the
creation of everything. It applies nothing.

    python -m infra.offline.provider COMMAND ...   runs a command, such as `terraform validate`, with the stand-in
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc
import msgpack
from tfplugin_proto import tfplugin5_2_pb2 as pb
from tfplugin_proto import tfplugin5_2_pb2_grpc as pb_grpc

from infra.offline import computed_attributes
from infra.offline.schema import PROVIDERS, Block, Schema, load

_UNKNOWN = msgpack.ExtType(0, b"\0")
"""How Terraform encodes a value that is known only after apply."""
_NESTING = {
    "single": pb.Schema.NestedBlock.SINGLE,
    "list": pb.Schema.NestedBlock.LIST,
    "set": pb.Schema.NestedBlock.SET,
    "map": pb.Schema.NestedBlock.MAP,
}
_THREADS = 10
"""As many as Terraform has questions at once."""

Step = str | int
"""A step to a value: the name of an attribute or block, or the index in a list."""


class OfflineProviders:
    """The providers google and google-beta, as a context manager: on the way out their servers have ended.

    Any number of Terraform runs may use them.
    """

    def __enter__(self) -> OfflineProviders:
        self._folder = tempfile.TemporaryDirectory(prefix="tf-")
        self._servers: list[grpc.Server] = []
        try:
            for provider in PROVIDERS:
                schema = load(provider)
                for concrete in (True, False):
                    self._serve(_Provider(schema, concrete=concrete), self._socket(provider, concrete))
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def environment(self, *, concrete: bool = True) -> dict[str, str]:
        """The environment of a `terraform` that uses them and asks nobody else.

        With `concrete`, computed attributes have the plausible values of computed.py. Without, all are unknown, as
        they are for the first plan in an empty project.
        """
        reattach = {
            f"hashicorp/{provider}": {
                "Protocol": "grpc",
                "ProtocolVersion": 5,
                "Pid": os.getpid(),
                "Test": True,  # it is ours to stop, not Terraform's
                "Addr": {"Network": "unix", "String": str(self._socket(provider, concrete))},
            }
            for provider in PROVIDERS
        }
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("TF_")},
            "TF_REATTACH_PROVIDERS": json.dumps(reattach),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
        }

    def _socket(self, provider: str, concrete: bool) -> Path:
        return Path(self._folder.name) / f"{provider}-{'known' if concrete else 'unknown'}"

    def _serve(self, provider: _Provider, socket: Path) -> None:
        server = grpc.server(ThreadPoolExecutor(_THREADS))
        self._servers.append(server)
        pb_grpc.add_ProviderServicer_to_server(provider, server)
        server.add_insecure_port(f"unix:{socket}")
        server.start()

    def _stop(self) -> None:
        for stopped in [server.stop(grace=None) for server in self._servers]:
            stopped.wait()
        self._folder.cleanup()


class _Provider(pb_grpc.ProviderServicer):
    """The methods of the plugin protocol that validate, plan and test call."""

    def __init__(self, schema: Schema, *, concrete: bool) -> None:
        self._schema = schema
        self._concrete = concrete
        self._defaults: dict[str, str] = {}
        self._answer = pb.GetProviderSchema.Response(
            provider=pb.Schema(block=_block(schema["provider"])),
            resource_schemas={name: pb.Schema(block=_block(block)) for name, block in schema["resource"].items()},
            data_source_schemas={name: pb.Schema(block=_block(block)) for name, block in schema["data"].items()},
        )

    # What is not here, such as apply and import, is answered with UNIMPLEMENTED by the base class.

    def GetSchema(self, request: Any, context: Any) -> Any:
        return self._answer

    def PrepareProviderConfig(self, request: Any, context: Any) -> Any:
        return pb.PrepareProviderConfig.Response(prepared_config=request.config)

    def Configure(self, request: Any, context: Any) -> Any:
        config = _unpacked(request.config)
        self._defaults = {name: config[name] for name in ("project", "region") if isinstance(config[name], str)}
        return pb.Configure.Response()

    def ValidateResourceTypeConfig(self, request: Any, context: Any) -> Any:
        block = self._schema["resource"][request.type_name]
        return pb.ValidateResourceTypeConfig.Response(diagnostics=_diagnostics(_unpacked(request.config), block))

    def ValidateDataSourceConfig(self, request: Any, context: Any) -> Any:
        block = self._schema["data"][request.type_name]
        return pb.ValidateDataSourceConfig.Response(diagnostics=_diagnostics(_unpacked(request.config), block))

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        given = _unpacked(request.proposed_new_state)
        templates = computed_attributes.RESOURCES.get(request.type_name, {}) if self._concrete else {}
        defaults = self._defaults if self._concrete else {}
        answers = computed_attributes.Answers(templates, given, defaults)
        block = self._schema["resource"][request.type_name]
        return pb.PlanResourceChange.Response(planned_state=_packed(_completed(given, block, answers, _UNKNOWN)))

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        given = _unpacked(request.config)
        answers = computed_attributes.Answers(
            computed_attributes.DATA.get(request.type_name, {}), given, self._defaults
        )
        block = self._schema["data"][request.type_name]
        return pb.ReadDataSource.Response(state=_packed(_completed(given, block, answers, None)))

    def Stop(self, request: Any, context: Any) -> Any:
        return pb.Stop.Response()


def _block(block: Block) -> Any:
    return pb.Schema.Block(
        attributes=[
            pb.Schema.Attribute(
                name=name,
                type=json.dumps(attribute["type"]).encode(),
                required=attribute.get("required", False),
                optional=attribute.get("optional", False),
                computed=attribute.get("computed", False),
            )
            for name, attribute in block["attributes"].items()
        ],
        block_types=[
            pb.Schema.NestedBlock(
                type_name=name,
                block=_block(nested["block"]),
                nesting=_NESTING[nested["nesting_mode"]],
                min_items=nested.get("min_items", 0),
                max_items=nested.get("max_items", 0),
            )
            for name, nested in block["block_types"].items()
        ],
    )


def _unpacked(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, strict_map_key=False)


def _packed(value: Any) -> Any:
    return pb.DynamicValue(msgpack=msgpack.packb(value))


def _completed(
    given: Mapping[str, Any], block: Block, answers: computed_attributes.Answers, otherwise: Any, path: str = ""
) -> dict[str, Any]:
    """The values given in a block, and what is computed besides: the answer to it if there is one, else `otherwise`."""
    values = dict(given)
    for name, attribute in block["attributes"].items():
        if attribute.get("computed") and values[name] is None:
            answer = answers.value(path + name)
            values[name] = otherwise if answer is None else answer
    for name, nested in block["block_types"].items():
        inner = (nested["block"], answers, otherwise, f"{path}{name}.")
        match values[name]:
            case list() as items:
                values[name] = [item if _is_unknown(item) else _completed(item, *inner) for item in items]
            case dict() as item:
                values[name] = _completed(item, *inner)
    return values


def _diagnostics(config: Mapping[str, Any], block: Block) -> list[Any]:
    return [
        pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary="Value not allowed", detail=fault, attribute=_path(steps))
        for steps, fault in _undocumented(config, block)
    ]


def _undocumented(config: Mapping[str, Any], block: Block) -> Iterator[tuple[list[Step], str]]:
    """The values of a block, and of the blocks in it, that their documentation does not have."""
    for name, attribute in block["attributes"].items():
        if allowed := attribute.get("values"):
            written = config[name] if isinstance(config[name], list) else [config[name]]
            for value in written:
                if isinstance(value, str) and value not in ("", *allowed):
                    yield [name], f'{name} is "{value}"; its values are {", ".join(allowed)}.'
    for name, nested in block["block_types"].items():
        for key, inner in _items(config[name]):
            for steps, fault in _undocumented(inner, nested["block"]):
                # An element of a set has no place of its own: what is wrong in it is shown at the block.
                yield ([name] if nested["nesting_mode"] == "set" else [name, *key, *steps]), fault


def _items(blocks: Any) -> Iterator[tuple[list[Step], Mapping[str, Any]]]:
    """The blocks of one name that are known, each with its place among them."""
    match blocks:
        case dict() as block:
            yield [], block
        case list():
            for index, block in enumerate(blocks):
                if not _is_unknown(block):
                    yield [index], block


def _is_unknown(value: Any) -> bool:
    return isinstance(value, msgpack.ExtType)


def _path(steps: list[Step]) -> Any:
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(attribute_name=step)
            if isinstance(step, str)
            else pb.AttributePath.Step(element_key_int=step)
            for step in steps
        ]
    )


def main(command: list[str]) -> int:
    """Run a command with the offline providers; returns its exit code."""
    with OfflineProviders() as providers:
        return subprocess.run(command, env=providers.environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
