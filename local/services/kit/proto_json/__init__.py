"""Protobuf messages from and to JSON, by the JSON mapping of proto3, for the messages of Google's REST APIs.

The converters of a message are made from its descriptor once: that is several times faster than
`google.protobuf.json_format`. Not supported: `Any`, `Struct`, extensions, and maps with other keys than strings.
"""
