"""The stored provider schemas: their content, and that they equal a rebuild from the bindings."""

from __future__ import annotations

import base64
import io
import json
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from infra.catalogue import ROOT
from infra.offline import missing_types, schema, schema_types
from infra.offline.schema_types import PROVIDERS, SCHEMAS, SchemaError
from infra.offline.usage import UsedType, used_types

MOST_BYTES = 300_000
WHEELS = ROOT / "build" / "wheels"


def test_the_schemas_are_small() -> None:
    assert sum(file.stat().st_size for file in SCHEMAS.iterdir()) < MOST_BYTES


def test_every_used_type_has_a_schema() -> None:
    assert missing_types() == []


def test_the_schemas_equal_a_rebuild_from_the_bindings() -> None:
    wheels = {name: sorted(WHEELS.glob(f"cdktn_provider_{name.replace('-', '_')}-*.whl")) for name in PROVIDERS}
    if not all(wheels.values()):
        pytest.skip("the wheels of the bindings are not here: make infra-schemas downloads them")
    for name, found in wheels.items():
        assert schema.text(schema.rebuild(found[-1], name, used_types())) == (SCHEMAS / f"{name}.json").read_text()


def test_used_types_are_found_with_their_provider(tmp_path: Path) -> None:
    (tmp_path / "some.tf").write_text(
        'resource "google_kms_key_ring" "a" {\n  name = "a"\n}\n\n'
        'resource "google_project_service_identity" "b" {\n  provider = google-beta\n  service  = "s"\n}\n\n'
        'data "google_project" "c" {}\n\nresource "terraform_data" "d" {}\n'
    )
    assert used_types(tmp_path) == {
        UsedType("google", "resource", "google_kms_key_ring"),
        UsedType("google-beta", "resource", "google_project_service_identity"),
        UsedType("google", "data", "google_project"),
    }


def test_a_type_without_schema_is_reported_with_the_command_that_adds_it(tmp_path: Path) -> None:
    (tmp_path / "some.tf").write_text('resource "google_storage_buckets" "a" {\n}\n\ndata "google_kms_keys" "b" {}\n')
    [key, bucket] = missing_types(tmp_path)
    assert 'data "google_kms_keys" of google is misspelt, or new' in key
    assert 'resource "google_storage_buckets" of google is misspelt, or new' in bucket
    assert "make infra-schemas" in key


# --- a wheel in the format of the bindings ----------------------------------------------------------------------------

PROVIDER = """
export interface GoogleProviderConfig {
  readonly project?: string;
}

export class GoogleProvider extends cdktn.TerraformProvider {
    super(scope, id, { providerVersion: '1.2.3' });

  // project - computed: false, optional: true, required: false
  private _project?: string;
  public get project() {

  protected synthesizeHclAttributes(): { [name: string]: any } {
      project: {
        value: cdktn.stringToHclTerraform(this._project),
        isBlock: false,
        type: "simple",
        storageClassType: "string",
      },
  }
}
"""

THING = """
export interface ThingConfig extends cdktn.TerraformMetaArguments {
  /**
  * How fast. Default value: "SLOW" Possible values: ["SLOW", "FAST"]
  *
  * Docs at Terraform Registry: {@link https://example.org#speed Thing#speed}
  */
  readonly speed?: string;
  /**
  * Where. Supported values include: EAST, WEST and NORTH.
  */
  readonly sides?: string[];
}
export interface ThingRule {
  /**
  * One of: see https://example.org for possible inputs.
  */
  readonly maxAge: number;
}

export function thingRuleToHclTerraform(struct?: ThingRule): any {
    max_age: {
      value: cdktn.numberToHclTerraform(struct!.maxAge),
      isBlock: false,
      type: "simple",
      storageClassType: "number",
    },
}

export class ThingRuleOutputReference extends cdktn.ComplexObject {

  // max_age - computed: false, optional: false, required: true
  private _maxAge?: number;
  public get maxAge() {

  // since - computed: true, optional: false, required: false
  public get since() {
    return this.getStringAttribute('since');
}

export class ThingPartsOutputReference extends cdktn.ComplexObject {

  // names - computed: true, optional: false, required: false
  public get names() {
    return cdktn.Fn.tolist(this.getListAttribute('names'));
}

export class ThingPartsList extends cdktn.ComplexList {
}

export class Thing extends cdktn.TerraformResource {

  // id - computed: true, optional: true, required: false
  private _id?: string;
  public get id() {

  // speed - computed: false, optional: true, required: false
  private _speed?: string;
  public get speed() {

  // sides - computed: false, optional: true, required: false
  private _sides?: string[];
  public get sides() {

  // effective_labels - computed: true, optional: false, required: false
  private _effectiveLabels = new cdktn.StringMap(this, "effective_labels");
  public get effectiveLabels() {

  // parts - computed: true, optional: false, required: false
  private _parts = new ThingPartsList(this, "parts", false);
  public get parts() {

  // rule - computed: false, optional: false, required: true
  private _rule = new ThingRuleOutputReference(this, "rule");
  public get rule() {

  protected synthesizeHclAttributes(): { [name: string]: any } {
      id: {
        value: cdktn.stringToHclTerraform(this._id),
        isBlock: false,
        type: "simple",
        storageClassType: "string",
      },
      speed: {
        value: cdktn.stringToHclTerraform(this._speed),
        isBlock: false,
        type: "simple",
        storageClassType: "string",
      },
      sides: {
        value: cdktn.listMapperHcl(cdktn.stringToHclTerraform, false)(this._sides),
        isBlock: false,
        type: "set",
        storageClassType: "stringList",
      },
      rule: {
        value: thingRuleToHclTerraform(this._rule.internalValue),
        isBlock: true,
        type: "list",
        storageClassType: "ThingRuleList",
      },
  }
}
"""

RULE = {
    "attributes": {"max_age": {"type": "number", "required": True}, "since": {"type": "string", "computed": True}},
    "block_types": {},
}
EXPECTED = {
    "attributes": {
        "id": {"type": "string", "optional": True, "computed": True},
        "speed": {"type": "string", "optional": True, "values": ["SLOW", "FAST"]},
        "sides": {"type": ["set", "string"], "optional": True, "values": ["EAST", "WEST", "NORTH"]},
        "effective_labels": {"type": ["map", "string"], "computed": True},
        "parts": {"type": ["list", ["object", {"names": ["set", "string"]}]], "computed": True},
    },
    "block_types": {"rule": {"nesting_mode": "list", "min_items": 1, "max_items": 1, "block": RULE}},
}
USED = UsedType("google", "resource", "google_thing")


def wheel(folder: Path, **sources: str) -> Path:
    """A wheel with the TypeScript of some folders, packed like a wheel of the bindings."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, source in sources.items():
            embedded = base64.b64encode(json.dumps({"sourcesContent": [source]}).encode()).decode()
            script = f"//# sourceMappingURL=data:application/json;base64,{embedded}\n".encode()
            entry = tarfile.TarInfo(f"package/lib/{name}/index.js")
            entry.size = len(script)
            archive.addfile(entry, io.BytesIO(script))
    file = folder / "some.whl"
    with zipfile.ZipFile(file, "w") as archive_of_python:
        archive_of_python.writestr("bindings/_jsii/provider@1.jsii.tgz", packed.getvalue())
    return file


def test_a_schema_is_read_from_the_bindings(tmp_path: Path) -> None:
    built = schema.rebuild(wheel(tmp_path, provider=PROVIDER, thing=THING), "google", [USED])
    assert built["provider_version"] == "1.2.3"
    assert built["provider"]["attributes"] == {"project": {"type": "string", "optional": True}}
    assert built["resource"] == {"google_thing": EXPECTED}
    assert json.loads(schema.text(built)) == built


def test_unused_types_are_left_out(tmp_path: Path) -> None:
    built = schema.rebuild(wheel(tmp_path, provider=PROVIDER, thing=THING), "google", [])
    assert built["resource"] == {}


def test_a_type_missing_from_the_bindings_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"some\.whl has no thing"):
        schema.rebuild(wheel(tmp_path, provider=PROVIDER), "google", [USED])


def test_an_unknown_syntax_is_reported(tmp_path: Path) -> None:
    unknown = THING.replace('new cdktn.StringMap(this, "effective_labels")', "somethingElse")
    with pytest.raises(SchemaError, match=r"Thing\.effective_labels"):
        schema.rebuild(wheel(tmp_path, provider=PROVIDER, thing=unknown), "google", [USED])


def test_the_command_writes_the_schemas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    monkeypatch.setattr(schema_types, "SCHEMAS", tmp_path / "schemas")
    without_types = str(wheel(tmp_path, provider=PROVIDER))
    assert schema.main([without_types, without_types]) == 1
    assert "some.whl has no" in capsys.readouterr().err
    monkeypatch.setattr(schema, "used_types", set)
    assert schema.main([without_types, without_types]) == 0
    assert schema_types.load("google-beta") == schema_types.load("google")
