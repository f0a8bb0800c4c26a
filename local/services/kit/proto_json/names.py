"""Messages of google.protobuf that JSON has a short form for."""

from __future__ import annotations

NULL = "google.protobuf.NullValue"
WRAPPERS = {f"google.protobuf.{kind}Value" for kind in ("Bool", "Bytes", "Double", "Float", "String")} | {
    f"google.protobuf.{kind}Value" for kind in ("Int32", "Int64", "UInt32", "UInt64")
}
