"""Compares the responses of two Firestores to the same random commits and queries.

Known differences, which the comparison leaves out:

- the embedded Firestore refuses a query without its declared index, and documents over the limits of indexes; Google's
  emulator enforces neither, production both;
- the embedded Firestore does not implement OR, vector search, aggregations but count, reads in the past, BatchWrite
  and PartitionQuery;
- transactions are optimistic; Google's emulator locks the documents that they read;
- the texts of errors, commit times and read times;
- nanoseconds of a value in a query: the emulator compares them, the embedded Firestore truncates to microseconds;
- several writes to one document in one commit: the emulator refuses some combinations, the product makes none.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.json_format import MessageToDict
from grpc import StatusCode

from infra.firestore_indexes import CompositeIndex, FirestoreIndexes
from local.services.firestore.backend import DATABASE, OWNER
from local.services.firestore.embedded import messages
from local.services.firestore.embedded.messages import FieldOperator, UnaryOperator
from local.services.firestore.server import Callee
from local.services.kit.rpc import StatusError

ROOT = f"{DATABASE}/documents"
COLLECTIONS = ("c1", "c2")
DOCUMENTS = [f"{ROOT}/p/{parent}/{name}/{letter}" for parent in "ab" for name in COLLECTIONS for letter in "abcdefgh"]
INDEXES = FirestoreIndexes(
    composite=tuple(
        CompositeIndex(name, group, tuple(equal), contains, tuple(order))
        for name in COLLECTIONS
        for group in (False, True)
        for equal, contains, order in (
            ("f", None, [("g", False)]),
            ("f", None, [("g", True)]),
            ("", "f", [("g", True)]),
            ("h", "f", [("g", False)]),
            ("fh", None, [("m.x", True)]),
            ("h", None, [("f", False), ("g", True)]),
        )
    ),
    exempt=frozenset(),
)
_TEXTS = ["", "a", "b", "ab", "a\x01", "é", "\uffff", "\U0001f600", "A"]
_INTEGERS = [0, 1, 2, 3, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]
_DOUBLES = [0.0, -0.0, 1.0, 1.5, math.inf, -math.inf, math.nan, 2.0**53, 1e300, -2.5]
_SCALARS = ("null", "boolean", "integer", "double", "timestamp", "string", "bytes", "reference", "geo_point")


@dataclass
class Side:
    """One Firestore, with its last seen update times and error."""

    firestore: Callee
    updated: dict[str, Any] = field(default_factory=dict)
    """Update times by document."""
    refusal: str = ""
    """The text of the last error."""

    def call(self, method: str, request: Any, response: Any) -> list[Any] | str:
        """The responses, or the name of the error's code."""
        try:
            answers = self.firestore.call(method, request.SerializeToString(), OWNER, 30)
        except StatusError as error:
            self.refusal = error.message
            return str(error.code.name)
        return [response.FromString(answer) for answer in answers]

    def commit(self, writes: Sequence[tuple[Any, str]]) -> object:
        """The results of the writes. A condition `stale` or `current` is sent as an update time."""
        request = messages.CommitRequest(database=DATABASE)
        for write, condition in writes:
            added = request.writes.add()
            added.CopyFrom(write)
            if condition:
                self._require(added, condition)
        answers = self.call("Commit", request, messages.CommitResponse)
        if isinstance(answers, str):
            return answers
        results = answers[0].write_results
        return [
            ([MessageToDict(value) for value in result.transform_results], result.HasField("update_time"))
            for result in results
        ]

    def _require(self, write: Any, condition: str) -> None:
        known = self.updated.get(write.delete or write.update.name)
        required = write.current_document.update_time
        required.seconds = 5
        if known is not None:
            required.CopyFrom(known)
            if condition == "stale":
                required.seconds -= 1

    def documents(self) -> object:
        """All documents with their fields, and whether their update times have changed since the last call."""
        request = messages.BatchGetDocumentsRequest(database=DATABASE, documents=DOCUMENTS)
        answers = self.call("BatchGetDocuments", request, messages.BatchGetDocumentsResponse)
        assert not isinstance(answers, str), self.refusal
        seen = []
        for answer in answers:
            name, found = answer.missing or answer.found.name, answer.found
            time = found.update_time if answer.HasField("found") else None
            seen.append((name, MessageToDict(found).get("fields"), time != self.updated.get(name)))
            self.updated[name] = time
        return sorted(seen, key=lambda each: each[0])

    def query(self, request: Any) -> object:
        answers = self.call("RunQuery", request, messages.RunQueryResponse)
        if isinstance(answers, str):
            return answers
        found = [answer.document for answer in answers if answer.document.name]
        return [(document.name, MessageToDict(document).get("fields")) for document in found]

    def count(self, request: Any) -> object:
        aggregation = messages.RunAggregationQueryRequest(parent=request.parent)
        aggregation.structured_aggregation_query.structured_query.CopyFrom(request.structured_query)
        aggregation.structured_aggregation_query.aggregations.add(alias="n").count.SetInParent()
        answers = self.call("RunAggregationQuery", aggregation, messages.RunAggregationQueryResponse)
        return answers if isinstance(answers, str) else [MessageToDict(answer.result) for answer in answers]


def differences(reference: Side, embedded: Side, seed: int, steps: int) -> Iterator[str]:
    """Compare the responses to random requests. Yields a description of each difference."""
    generator = Generator(random.Random(seed))
    for step in range(steps):
        if generator.random.random() < 0.5:
            writes = generator.writes()
            request: Any = writes
            answers = [side.commit(writes) for side in (reference, embedded)]
            if answers[0] == answers[1] and generator.random.random() < 0.5:
                answers = [side.documents() for side in (reference, embedded)]
        else:
            request = generator.query()
            ask = Side.count if generator.random.random() < 0.1 else Side.query
            answers = [ask(side, request) for side in (reference, embedded)]
            if answers[1] == StatusCode.FAILED_PRECONDITION.name and "requires an index" in embedded.refusal:
                continue
        if _text(answers[0]) != _text(answers[1]):
            yield f"step {step}: {request}\n{_difference(answers, reference.refusal)}"


def _text(answer: object) -> str:
    """A response as text, because NaN is not equal to itself."""
    return json.dumps(answer, sort_keys=True)


def _difference(answers: Sequence[object], refusal: str) -> str:
    """Both responses; of two lists of the same length only the elements that differ."""
    reference, embedded = answers
    if isinstance(reference, list) and isinstance(embedded, list) and len(reference) == len(embedded):
        pairs = [pair for pair in zip(reference, embedded, strict=True) if _text(pair[0]) != _text(pair[1])]
        return "\n".join(f"reference: {one}\nembedded:  {other}" for one, other in pairs)
    return f"reference: {reference} {refusal}\nembedded:  {embedded}"


class Generator:
    """Random values, writes and queries."""

    def __init__(self, source: random.Random) -> None:
        self.random = source

    def writes(self) -> list[tuple[Any, str]]:
        """One to three writes to different documents, some with the condition `stale` or `current`."""
        names = self.random.sample(DOCUMENTS, self.random.choice([1, 1, 2, 3]))
        return [self._write(name) for name in names]

    def query(self) -> Any:
        """A query of a collection or a group, with up to two filters, orders, a cursor, a limit and an offset."""
        request = messages.RunQueryRequest()
        query, group = request.structured_query, self._chance(0.3)
        request.parent = ROOT if group else f"{ROOT}/p/{self.random.choice('ab')}"
        query.from_.add(collection_id=self.random.choice(COLLECTIONS), all_descendants=group)
        if self._chance(0.8):
            self._add_filters(query)
        for path in self.random.sample(["f", "g", "m.x"], self.random.choice([0, 0, 1, 1, 2])):
            query.order_by.add(direction=self.random.choice([1, 2])).field.field_path = path
        if query.order_by and self._chance(0.4):
            self._add_cursor(query)
        if self._chance(0.5):
            query.limit.value = self.random.randrange(5)
        if self._chance(0.2):
            query.offset = self.random.randrange(3)
        if self._chance(0.2):
            query.select.fields.add(field_path=self.random.choice(["f", "m.x", "__name__"]))
        return request

    def value(self, *, nested: bool = True, in_array: bool = False) -> Any:
        """A value of any type; arrays and maps only if `nested`."""
        value = messages.Value()
        kinds = (*_SCALARS, *(("map",) if in_array else ("array", "map")) * nested)
        match self.random.choice(kinds):
            case "null":
                value.null_value = 0
            case "boolean":
                value.boolean_value = self._chance(0.5)
            case "integer":
                value.integer_value = self.random.choice(_INTEGERS)
            case "double":
                value.double_value = self.random.choice(_DOUBLES)
            case "timestamp":
                value.timestamp_value.seconds = self.random.choice([0, -5, 1, 1_767_225_600])
                nanoseconds = [0, 1000, 999_999_000, *([1234] if nested else [])]  # nested: a value to store
                value.timestamp_value.nanos = self.random.choice(nanoseconds)
            case "string":
                value.string_value = self.random.choice(_TEXTS)
            case "bytes":
                value.bytes_value = self.random.choice([b"", b"a", b"\0", b"\0\xff", b"\xff"])
            case "reference":
                value.reference_value = self.random.choice([f"{ROOT}/a/b", f"{ROOT}/a/c", f"{ROOT}/a/b/c/d"])
            case "geo_point":
                value.geo_point_value.latitude = self.random.choice([0, 1.5, -1])
                value.geo_point_value.longitude = self.random.choice([0, 2, -3])
            case "array":
                value.array_value.SetInParent()
                for _ in range(self.random.randrange(4)):
                    value.array_value.values.add().CopyFrom(self.value(nested=self._chance(0.3), in_array=True))
            case _:
                value.map_value.SetInParent()
                for name in self.random.sample("xyz", self.random.randrange(3)):
                    value.map_value.fields[name].CopyFrom(self.value(nested=self._chance(0.3)))
        return value

    def _write(self, name: str) -> tuple[Any, str]:
        write = messages.Write()
        if self._chance(0.12):
            write.delete = name
        else:
            write.update.name = name
            for path in "fghm":
                if self._chance(0.6):
                    write.update.fields[path].CopyFrom(self.value())
            if self._chance(0.5):
                self._add_mask(write)
            if self._chance(0.15):
                self._add_transform(write)
        chosen = self.random.random()
        if chosen < 0.2:
            write.current_document.exists = chosen < 0.12
        return write, self.random.choice(["stale", "current", "current"]) if chosen > 0.8 else ""

    def _add_mask(self, write: Any) -> None:
        paths = self.random.choice([["f", "g", "h"], ["f", "m.x", "m.y", "h"]])
        write.update_mask.field_paths.extend(sorted(self.random.sample(paths, 2)))

    def _add_transform(self, write: Any) -> None:
        transform = write.update_transforms.add(field_path=self.random.choice(["f", "m.z", "n"]))
        match self.random.randrange(5):
            case 0:
                transform.increment.integer_value = self.random.choice([1, 2**62])
            case 1:
                transform.increment.double_value = 0.5
            case 2:
                transform.append_missing_elements.values.extend(self._elements(2))
            case 3:
                transform.remove_all_from_array.values.extend(self._elements(2))
            case _:
                bound = self.random.choice([transform.maximum, transform.minimum])
                bound.integer_value = self.random.randrange(-3, 3)

    def _elements(self, count: int) -> list[Any]:
        return [self.value(nested=False) for _ in range(count)]

    def _add_filters(self, query: Any) -> None:
        query.where.composite_filter.op = 1
        for path in self.random.sample(["f", "g", "h", "m.x"], self.random.choice([1, 1, 2])):
            added = query.where.composite_filter.filters.add()
            if self._chance(0.1):
                added.unary_filter.field.field_path = path
                added.unary_filter.op = self.random.choice([each for each in UnaryOperator if each])
                continue
            condition = added.field_filter
            condition.field.field_path = path
            condition.op = self.random.choice([*(each for each in FieldOperator if each), FieldOperator.EQUAL])
            if FieldOperator(condition.op) in (
                FieldOperator.IN,
                FieldOperator.ARRAY_CONTAINS_ANY,
                FieldOperator.NOT_IN,
            ):
                condition.value.array_value.values.extend(self._elements(self.random.choice([1, 2, 3])))
            else:
                condition.value.CopyFrom(self.value(nested=False))

    def _add_cursor(self, query: Any) -> None:
        cursor = self.random.choice([query.start_at, query.end_at])
        cursor.before = self._chance(0.5)
        cursor.values.add().CopyFrom(self.value(nested=False))

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability
