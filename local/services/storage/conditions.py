"""The preconditions of a call on an object or a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import Headers

from local.services.storage.errors import StorageError, invalid

Resource = dict[str, Any]
"""An object or a bucket in the JSON API's form."""


@dataclass(frozen=True)
class Conditions:
    """The preconditions of one call. An object that does not exist has generation 0 and metageneration 0."""

    exact: int | None = None
    """The generation in the request; any other generation is not found."""
    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Conditions:
        return cls(
            exact=_number(query, "generation"),
            generation_match=_number(query, "ifGenerationMatch"),
            generation_not_match=_number(query, "ifGenerationNotMatch"),
            metageneration_match=_number(query, "ifMetagenerationMatch"),
            metageneration_not_match=_number(query, "ifMetagenerationNotMatch"),
        )

    @classmethod
    def of_source(cls, query: Mapping[str, str]) -> Conditions:
        """The preconditions on the source of a copy or a rewrite."""
        return cls(
            exact=_number(query, "sourceGeneration"),
            generation_match=_number(query, "ifSourceGenerationMatch"),
            generation_not_match=_number(query, "ifSourceGenerationNotMatch"),
            metageneration_match=_number(query, "ifSourceMetagenerationMatch"),
            metageneration_not_match=_number(query, "ifSourceMetagenerationNotMatch"),
        )

    @classmethod
    def from_xml(cls, query: Mapping[str, str], headers: Headers) -> Conditions:
        """The preconditions of an XML API call, from its headers."""
        return cls(
            exact=_number(query, "generation"),
            generation_match=_number(headers, "x-goog-if-generation-match"),
            metageneration_match=_number(headers, "x-goog-if-metageneration-match"),
        )

    def check(self, resource: Resource | None, *, reading: bool = False) -> None:
        """Raises StorageError: 412 if a condition fails; 304 if `reading` and the caller's copy is current."""
        generation = int(resource.get("generation", 0)) if resource else 0
        metageneration = int(resource["metageneration"]) if resource else 0
        if self.generation_match not in (None, generation) or self.metageneration_match not in (None, metageneration):
            raise StorageError(412, "conditionNotMet", "A precondition of the request does not hold.")
        if generation == self.generation_not_match or metageneration == self.metageneration_not_match:
            status = 304 if reading else 412
            raise StorageError(status, "conditionNotMet", "A precondition of the request does not hold.")

    def selects(self, resource: Resource) -> bool:
        """True if the call may use this generation of the object."""
        return self.exact in (None, int(resource["generation"]))


NO_CONDITIONS = Conditions()


def _number(values: Mapping[str, str] | Headers, name: str) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    try:
        return int(value)
    except ValueError:
        raise invalid(f"Invalid value for {name}: {value}") from None
