"""A part of a document is not taken for the whole one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.store.firestore import values
from shared.store.firestore.snapshot import Fields, Snapshot, Whole

PATH = "clinics/a/patients/1"
ASKED = frozenset({"live", "merge"})


def document(fields: dict[str, Any]) -> Any:
    return {"name": PATH, "fields": values.write_fields(fields)}


PART = Snapshot(PATH, document({"live": True}), ASKED)


def test_a_part_has_the_fields_that_were_asked_for() -> None:
    assert (PART.get("live"), PART.has("live"), PART.has("merge")) == (True, True, False)
    assert PART.some(ASKED) == PART.to_dict() == {"live": True}
    with pytest.raises(KeyError):
        PART.get("merge")


@pytest.mark.parametrize(
    "ask",
    [
        lambda part: part.get("tokens"),
        lambda part: part.has("tokens"),
        lambda part: part.some(["live", "tokens"]),
    ],
)
def test_what_was_not_asked_for_is_not_taken_for_missing(ask: Callable[[Snapshot], object]) -> None:
    with pytest.raises(LookupError, match="not asked for: tokens"):
        ask(PART)


def test_some_fields_of_a_whole_document() -> None:
    whole = Whole(PATH, document({"live": True, "tokens": [b"x"]}))

    assert whole.some(["live", "merge"]) == {"live": True}
    assert whole.get("tokens") == [b"x"]
    assert Whole(PATH).some(["live"]) == {}
    assert not Whole(PATH).has("live")


def test_the_length_of_an_array() -> None:
    whole = Whole(PATH, document({"tokens": [b"x", b"y"]}))

    assert [whole.length("tokens"), whole.length("merge"), PART.length("tokens"), Whole(PATH).length("tokens")] == [
        *(2, 0, 0, 0),
    ]


def test_fields_are_a_mapping() -> None:
    fields = Fields(Whole(PATH, document({"live": True, "tokens": [b"x"]})))

    assert dict(fields) == {"live": True, "tokens": [b"x"]}
    assert ("live" in fields, "merge" in fields, len(fields)) == (True, False, 2)
    assert fields.get("merge") is None
    with pytest.raises(KeyError):
        fields["merge"]
