"""The plugin protocol of an offline provider: the real `terraform` validates, plans and tests against it.

Terraform talks to a provider over gRPC (the plugin protocol, version 5) and accepts a running one that is named in
TF_REATTACH_PROVIDERS. This provider serves the schemas of `schemas/`, so Terraform itself reports unknown, missing and
ill-typed arguments, wrong blocks and bad references. The provider rejects values outside the documented ones. An apply
keeps the planned values in Terraform's state and nowhere else; reading returns them as Google's APIs do (state.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgpack
from tfplugin_proto import tfplugin5_2_pb2 as pb
from tfplugin_proto import tfplugin5_2_pb2_grpc as pb_grpc

from infra.offline import computed_attributes, state
from infra.offline.computed_attributes import ComputedValues
from infra.offline.documented_values import Step, undocumented
from infra.offline.schema_types import Block, Schema

_UNKNOWN = msgpack.ExtType(0, b"\0")
"""Terraform's encoding of a value that is known only after apply."""
_NESTING = {
    "single": pb.Schema.NestedBlock.SINGLE,
    "list": pb.Schema.NestedBlock.LIST,
    "set": pb.Schema.NestedBlock.SET,
    "map": pb.Schema.NestedBlock.MAP,
}


class Provider(pb_grpc.ProviderServicer):
    """The methods of the plugin protocol that validate, plan, test, apply and import call.

    The base class answers all others with UNIMPLEMENTED.
    """

    def __init__(self, schema: Schema, *, concrete: bool) -> None:
        """Without `concrete`, plans leave every computed attribute unknown."""
        self._schema = schema
        self._concrete = concrete
        self._defaults: dict[str, str] = {}
        self._response = pb.GetProviderSchema.Response(
            provider=pb.Schema(block=_block(schema["provider"])),
            resource_schemas={name: pb.Schema(block=_block(block)) for name, block in schema["resource"].items()},
            data_source_schemas={name: pb.Schema(block=_block(block)) for name, block in schema["data"].items()},
        )

    def GetSchema(self, request: Any, context: Any) -> Any:
        return self._response

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
        arguments = _unpacked(request.proposed_new_state)
        if arguments is None or _unpacked(request.prior_state) is not None:
            # Terraform has filled unset arguments with their prior values. No change replaces a resource here.
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        templates = computed_attributes.RESOURCES.get(request.type_name, {}) if self._concrete else {}
        defaults = self._defaults if self._concrete else {}
        computed = ComputedValues(templates, arguments, defaults)
        block = self._schema["resource"][request.type_name]
        return pb.PlanResourceChange.Response(planned_state=_packed(_completed(arguments, block, computed, _UNKNOWN)))

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        planned = _unpacked(request.planned_state)
        block = self._schema["resource"][request.type_name]
        new = None if planned is None else state.applied(planned, block)
        return pb.ApplyResourceChange.Response(new_state=_packed(new))

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        """The stored state is always of this version."""
        return pb.UpgradeResourceState.Response(upgraded_state=pb.DynamicValue(json=request.raw_state.json))

    def ReadResource(self, request: Any, context: Any) -> Any:
        block = self._schema["resource"][request.type_name]
        stored = _unpacked(request.current_state)
        return pb.ReadResource.Response(new_state=_packed(state.returned(stored, block)))

    def ImportResourceState(self, request: Any, context: Any) -> Any:
        block = self._schema["resource"][request.type_name]
        found = pb.ImportResourceState.ImportedResource(
            type_name=request.type_name, state=_packed(state.imported(request.id, block))
        )
        return pb.ImportResourceState.Response(imported_resources=[found])

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        arguments = _unpacked(request.config)
        templates = computed_attributes.DATA.get(request.type_name, {})
        computed = ComputedValues(templates, arguments, self._defaults)
        block = self._schema["data"][request.type_name]
        return pb.ReadDataSource.Response(state=_packed(_completed(arguments, block, computed, None)))

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
    arguments: Mapping[str, Any], block: Block, computed: ComputedValues, default: Any, path: str = ""
) -> dict[str, Any]:
    """The arguments of a block, with its unset computed attributes: their computed value, or `default` without one."""
    values = dict(arguments)
    for name, attribute in block["attributes"].items():
        if attribute.get("computed") and values[name] is None:
            value = computed.value(path + name)
            values[name] = default if value is None else value
    for name, nested in block["block_types"].items():
        inner = (nested["block"], computed, default, f"{path}{name}.")
        match values[name]:
            case list() as items:
                values[name] = [item if _is_unknown(item) else _completed(item, *inner) for item in items]
            case dict() as item:
                values[name] = _completed(item, *inner)
    return values


def _is_unknown(value: Any) -> bool:
    return isinstance(value, msgpack.ExtType)


def _diagnostics(config: Mapping[str, Any], block: Block) -> list[Any]:
    return [
        pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary="Value not allowed", detail=fault, attribute=_path(steps))
        for steps, fault in undocumented(config, block)
    ]


def _path(steps: list[Step]) -> Any:
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(attribute_name=step)
            if isinstance(step, str)
            else pb.AttributePath.Step(element_key_int=step)
            for step in steps
        ]
    )
