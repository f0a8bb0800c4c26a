"""Packed postings find what was added and not removed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from local.services.firestore.embedded.postings import Place, PostingChanges, documents, partition

HEADS = st.lists(st.sampled_from([0, 1, 255]), min_size=4, max_size=4).map(int.from_bytes)
"""Few bytes, so that a head also occurs across the ends of postings."""
SETS = st.dictionaries(st.sampled_from([0, 1, 255, 256, 257, 70_000]), st.sets(HEADS, max_size=8))
"""The heads of documents."""


def applied(rows: dict[Place, bytes], before: dict[int, set[int]], after: dict[int, set[int]]) -> dict[Place, bytes]:
    changes = PostingChanges()
    for document in before.keys() | after.keys():
        old, new = before.get(document, set()), after.get(document, set())
        changes.note(document, old - new, new - old)
    return rows | {place: changes.applied(place, rows.get(place, b"")) for place in changes.places()}


@given(SETS, SETS)
def test_a_lookup_finds_the_documents_with_the_head(before: dict[int, set[int]], after: dict[int, set[int]]) -> None:
    rows = applied(applied({}, {}, before), before, after)

    for head in set().union(*before.values(), *after.values()):
        first, others = partition(head)
        found = [
            document
            for (place, block), packed in rows.items()
            if place == first
            for document in documents(block, packed, others)
        ]
        assert sorted(found) == sorted(document for document, heads in after.items() if head in heads)


@given(SETS)
def test_nothing_is_left_when_all_documents_are_removed(before: dict[int, set[int]]) -> None:
    rows = applied(applied({}, {}, before), before, {})

    assert set(rows.values()) <= {b""}
