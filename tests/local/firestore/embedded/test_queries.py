"""Queries of the embedded database, through Google's own client, and their indexes."""

from __future__ import annotations

import sqlite3
from itertools import chain
from pathlib import Path

import pytest
from google.api_core.exceptions import FailedPrecondition, InvalidArgument, MethodNotImplemented
from google.cloud import firestore
from google.cloud.firestore import FieldFilter, Query
from google.cloud.firestore_v1.base_query import Or

from local.services.firestore.embedded import indexes
from local.services.firestore.embedded.database import Database
from local.services.firestore.embedded.execution import Execution
from local.services.firestore.embedded.reader import Reader
from local.services.firestore.embedded.rows import Row

ASCENDING, DESCENDING = Query.ASCENDING, Query.DESCENDING
VISITS = [
    ("a/visits/1", {"live": True, "status": "open", "at": 1, "tokens": [b"x", b"y"]}),
    ("a/visits/2", {"live": True, "status": "done", "at": 2, "tokens": [b"x"]}),
    ("a/visits/3", {"live": True, "status": "open", "at": 2, "tokens": [b"y"]}),
    ("a/visits/4", {"live": False, "status": "open", "at": 4, "tokens": [b"x"]}),
    ("a/visits/5", {"live": True, "status": "open", "tokens": [b"x"]}),
    ("b/visits/6", {"live": True, "status": "open", "at": 3, "tokens": [b"x"]}),
]


@pytest.fixture
def visits(client: firestore.Client) -> firestore.CollectionReference:
    for path, content in VISITS:
        client.document(f"clinics/{path}").set(content)
    return client.collection("clinics/a/visits")


def ids(query: Query | firestore.CollectionReference) -> list[str]:
    return [snapshot.id for snapshot in query.stream()]


def where(query: Query | firestore.CollectionReference, *filters: tuple[str, str, object]) -> Query:
    for condition in filters:
        query = query.where(filter=FieldFilter(*condition))
    assert isinstance(query, Query)
    return query


LIVE = ("live", "==", True)


def test_documents_with_equal_values_are_ordered_by_name(visits: firestore.CollectionReference) -> None:
    assert ids(where(visits, LIVE).order_by("at", direction=DESCENDING)) == ["3", "2", "1"]
    assert ids(visits.order_by("at")) == ["1", "2", "3", "4"]


def test_a_document_without_the_ordered_field_is_not_a_result(visits: firestore.CollectionReference) -> None:
    assert "5" not in ids(where(visits, LIVE).order_by("at", direction=DESCENDING))


def test_array_filters_find_each_document_once(visits: firestore.CollectionReference) -> None:
    newest = where(visits, LIVE, ("tokens", "array_contains_any", [b"x", b"y", b"z"]))

    assert ids(newest.order_by("at", direction=DESCENDING)) == ["3", "2", "1"]


def test_pages_neither_repeat_nor_skip_documents_with_equal_values(visits: firestore.CollectionReference) -> None:
    newest = where(visits, LIVE).order_by("at", direction=DESCENDING).limit(1)
    pages, last = [], None
    while page := list((newest.start_after(last) if last else newest).stream()):
        pages += [snapshot.id for snapshot in page]
        last = page[-1]

    assert pages == ["3", "2", "1"]


@pytest.mark.parametrize("direction", [ASCENDING, DESCENDING])
def test_a_page_among_equal_values_reads_its_own_documents_only(
    client: firestore.Client, monkeypatch: pytest.MonkeyPatch, direction: str
) -> None:
    """Thousands of appointments name the same release of the rules of time zones."""
    for number in range(30):
        client.document(f"clinics/{'ab'[number % 2]}/visits/{number:02}").set({"live": True, "status": "open", "at": 1})
    for number in (30, 31):
        client.document(f"clinics/a/visits/{number}").set({"live": True, "status": "open", "at": number - 30})
    read: list[int] = []
    by_id = Reader.by_id

    def counted(reader: Reader, document: int) -> Row:
        read.append(document)
        return by_id(reader, document)

    monkeypatch.setattr(Reader, "by_id", counted)
    pages: list[list[int]] = []
    last = None
    if direction == DESCENDING:
        query = where(client.collection("clinics/a/visits"), LIVE).order_by("at", direction=direction).limit(4)
        expected = [*sorted([31, *range(0, 30, 2)], reverse=True), 30]
    else:
        filters = LIVE, ("status", "in", ["open", "done"]), ("at", "<", 2)
        query = where(client.collection_group("visits"), *filters).order_by("at").limit(4)
        expected = [30, *range(0, 30, 2), 31, *range(1, 30, 2)]

    while page := list((query.start_after(last) if last else query).stream()):
        pages.append([int(snapshot.id) for snapshot in page])
        last = page[-1]

    assert list(chain.from_iterable(pages)) == expected
    assert len(read) <= len(expected) + 2 * len(pages), "the end of a page may be read again, and one document more"


def test_a_range_bounds_an_index(visits: firestore.CollectionReference) -> None:
    newest = where(visits, LIVE).order_by("at", direction=DESCENDING)

    assert ids(where(newest, ("at", ">=", 2))) == ["3", "2"]
    assert ids(where(newest, ("at", ">", 1), ("at", "<=", 2))) == ["3", "2"]
    assert ids(where(newest, ("at", "<", 2))) == ["1"]
    assert ids(where(newest, ("at", "<", "text"))) == []


def test_a_collection_group_spans_clinics(client: firestore.Client, visits: firestore.CollectionReference) -> None:
    stalled = where(client.collection_group("visits"), LIVE, ("status", "in", ["open", "done"]), ("at", "<", 4))

    assert ids(stalled.order_by("at")) == ["1", "2", "3", "6"]
    assert visits.id == "visits"


def test_an_order_by_two_fields_uses_its_index(visits: firestore.CollectionReference) -> None:
    ordered = where(visits, LIVE).order_by("status").order_by("at", direction=DESCENDING)

    assert ids(ordered) == ["2", "3", "1"]
    assert ids(ordered.start_at({"status": "open", "at": 2})) == ["3", "1"]


def test_limit_offset_and_selected_fields(visits: firestore.CollectionReference) -> None:
    snapshots = list(visits.order_by("at").select(["status"]).offset(1).limit(2).stream())

    assert [(snapshot.id, snapshot.to_dict()) for snapshot in snapshots] == [
        ("2", {"status": "done"}),
        ("3", {"status": "open"}),
    ]
    assert ids(visits.limit(0)) == []


def test_a_count_has_the_number_of_documents(visits: firestore.CollectionReference) -> None:
    assert visits.count().get()[0][0].value == 5


@pytest.mark.parametrize(
    ("filters", "order", "declaration"),
    [
        ([("status", "==", "open")], "at", "equal: [status], order: [at]"),
        ([("live", "==", True), ("at", ">", 1)], "at", "equal: [live], order: [at]"),
        ([("tokens", "array_contains", b"x")], "at", "equal: [], contains: [tokens], order: [at]"),
    ],
)
def test_a_query_without_its_composite_index_fails_with_the_declaration(
    visits: firestore.CollectionReference, filters: list[tuple[str, str, object]], order: str, declaration: str
) -> None:
    with pytest.raises(FailedPrecondition) as refused:
        ids(where(visits, *filters).order_by(order))

    assert "infra/firestore.yaml" in refused.value.message
    assert declaration in refused.value.message


def test_a_field_without_single_field_index_cannot_be_filtered_alone(visits: firestore.CollectionReference) -> None:
    for filters in ([("tokens", "array_contains", b"x")], [("sealed.phone", "==", b"x")]):
        with pytest.raises(FailedPrecondition):
            ids(where(visits, *filters))


def test_a_group_query_without_index_fails(client: firestore.Client) -> None:
    with pytest.raises(FailedPrecondition):
        ids(where(client.collection_group("visits"), LIVE))


def test_equalities_alone_need_no_composite_index(visits: firestore.CollectionReference) -> None:
    assert ids(where(visits, LIVE, ("status", "==", "open"))) == ["1", "3", "5"]


@pytest.mark.parametrize(
    "condition",
    [
        ("status", "in", []),
        ("status", "in", [str(number) for number in range(31)]),
    ],
    ids=["no value", "31 values"],
)
def test_lists_have_one_to_thirty_values(
    visits: firestore.CollectionReference, condition: tuple[str, str, object]
) -> None:
    with pytest.raises(InvalidArgument):
        ids(where(visits, condition))


def test_or_is_not_implemented(visits: firestore.CollectionReference) -> None:
    either = Or([FieldFilter("at", "==", 1), FieldFilter("at", "==", 2)])

    with pytest.raises(MethodNotImplemented):
        ids(visits.where(filter=either))


def test_an_update_moves_the_entries_and_a_deletion_removes_them(
    visits: firestore.CollectionReference, database: Database, tmp_path: Path
) -> None:
    newest = where(visits, LIVE).order_by("at", direction=DESCENDING)
    visits.document("1").update({"at": 9})
    visits.document("3").update({"live": False})
    visits.document("2").delete()

    assert ids(newest) == ["1"]
    for document in visits.stream():
        document.reference.delete()
    with sqlite3.connect(tmp_path / "firestore.sqlite") as file:
        [document] = file.execute("select id from documents").fetchall()
        for table in ("entries", "tails"):
            assert set(file.execute(f"select document from {table}")) == {document}
        packed = file.execute("select block, packed from postings").fetchall()
    assert {(block * 256 + low,) for block, content in packed for low in content[3::4]} == {document}


def test_a_tail_moves_with_the_ordered_field(visits: firestore.CollectionReference) -> None:
    newest = where(visits, LIVE, ("tokens", "array_contains", b"x")).order_by("at", direction=DESCENDING)
    visits.document("1").update({"at": 9})
    visits.document("2").update({"tokens": [b"z"]})
    visits.document("3").update({"tokens": [b"x", b"y"]})

    assert ids(newest) == ["1", "3"]
    assert ids(where(newest, ("at", "<", 9))) == ["3"]
    assert ids(newest.start_after({"at": 9})) == ["3"]


def test_queries_filter_documents_whose_hashes_collide(
    client: firestore.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash depends on the index alone."""
    monkeypatch.setattr(indexes, "crc32", lambda data, start=0: start or 1 + int(data.partition(b"\0")[0]))
    for path, content in VISITS:
        client.document(f"clinics/{path}").set(content)
    visits = client.collection("clinics/a/visits")
    with_token = where(visits, LIVE, ("tokens", "array_contains", b"y"))
    stalled = where(client.collection_group("visits"), LIVE, ("status", "==", "open"))

    assert ids(where(visits, LIVE).order_by("at", direction=DESCENDING)) == ["3", "2", "1"]
    assert ids(with_token.order_by("at", direction=DESCENDING)) == ["3", "1"]
    assert ids(stalled.order_by("at")) == ["1", "3", "6"]


def test_a_search_reads_no_more_in_a_large_collection(
    client: firestore.Client, database: Database, tmp_path: Path
) -> None:
    """The plans of the statements: searches of the primary keys, no scan of a table."""
    client.document("clinics/a/visits/1").set(VISITS[0][1])
    with sqlite3.connect(tmp_path / "firestore.sqlite") as file:
        entries, postings, tails = (
            [step for *_, step in file.execute(f"explain query plan {statement}")]
            for statement in (
                "select tail, document from entries where head = 1 and tail >= x'00' and tail < x'ff' order by tail",
                "select block, packed from postings where first = 1 and instr(packed, x'000000')",
                "select tail, document from tails where document in (select value from json_each('[1]'))"
                " and number = 1 and tail >= x'00' and tail < x'ff' order by tail",
            )
        )

    assert entries == ["SEARCH entries USING PRIMARY KEY (head=? AND tail>? AND tail<?)"]
    assert postings == ["SEARCH postings USING PRIMARY KEY (first=?)"]
    assert "SEARCH tails USING PRIMARY KEY (document=? AND number=?)" in tails
    assert "SCAN tails" not in tails


def test_an_automatic_index_serves_a_range_and_an_equality(
    client: firestore.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    days, due = client.collection("clinics/a/book_days"), client.collection("clinics/a/receivables")
    for day in (3, 1, 2, 4):
        days.document(f"d{day}").set({"day": f"2026-09-0{day}"})
        due.document(f"m{day}").set({"open": day % 2 == 0})
    client.document("clinics/b/book_days/d9").set({"day": "2026-09-02"})
    days.document("d2").delete()
    due.document("m2").update({"open": False})
    monkeypatch.setattr(Execution, "_by_scan", lambda _: pytest.fail("the collection was scanned"))

    within = where(days, ("day", ">=", "2026-09-02"), ("day", "<", "2026-09-05"))
    assert ids(within.order_by("day")) == ["d3", "d4"]
    assert ids(within.order_by("day").limit(1)) == ["d3"]
    assert ids(where(due, ("open", "==", True))) == ["m4"]
    assert ids(where(due, ("open", "==", False))) == ["m1", "m2", "m3"]
