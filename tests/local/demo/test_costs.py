"""The demo's corrections of misheard words, and its costs by function."""

from __future__ import annotations

from typing import Any

from local.demo.costs import OTHERS, by_caller, total
from local.demo.proofreading import corrections, misheard
from local.services.kit.recorder import Call


def statement(text: str, *doubts: str, id: str = "s1") -> dict[str, Any]:
    return {"id": id, "text": text, "doubts": list(doubts)}


def test_a_word_that_replaces_a_similar_one_is_misheard() -> None:
    assert misheard("We began Lorazepam last week.", "we began loraza pam last week") == {}
    assert misheard("We began Lorazepam last week.", "We began larazepam last week.") == {"larazepam": "Lorazepam"}


def test_a_word_that_was_said_elsewhere_is_not_misheard() -> None:
    assert misheard("He walks. She talks.", "He walks. She walks.") == {}


def test_a_dissimilar_word_is_not_corrected() -> None:
    assert misheard("I like plums.", "I like xerox.") == {}


def test_every_statement_with_a_misheard_word_is_corrected_and_no_other() -> None:
    statements = [
        statement("Larazepam helps.", id="a"),
        statement("Sleeps.", id="b"),
        statement("Take larazepam.", id="c"),
    ]

    edits = corrections(statements, "take lorazepam now", "take larazepam now")

    assert [(c.statement["id"], c.text) for c in edits] == [("a", "Lorazepam helps."), ("c", "Take lorazepam.")]
    assert edits[0].as_edit() == {
        "statement_id": "a",
        "text": "Lorazepam helps.",
        "reason": "I heard “lorazepam”, the recogniser “larazepam”.",
    }


def test_without_misheard_words_the_most_doubtful_statement_is_confirmed() -> None:
    statements = [statement("Sleeps.", id="a"), statement("Eats.", "heard_uncertainly", id="b")]

    [edit] = corrections(statements, "the same", "the same")

    assert (edit.statement["id"], edit.text) == ("b", "Eats. Confirmed.")


def test_a_report_without_statements_has_nothing_to_correct() -> None:
    assert corrections([], "said", "heard") == []


def test_costs_are_added_up_by_caller() -> None:
    calls = [
        Call("firestore", "BatchGetDocuments", "bills", amounts={"reads": 3}),
        Call("firestore", "Commit", "bills", amounts={"writes": 2}),
        Call("firestore", "BatchGetDocuments", "patients", amounts={"reads": 9}),
        Call("kms", "Decrypt", "bills"),
        Call("tasks", "CreateTask", "sessions"),
        Call("speech", "billed", "", amounts={"audio_seconds": 60}),
    ]

    costs = by_caller(calls)

    assert list(costs) == ["patients", "bills", OTHERS]
    assert {name: costs["bills"][name] for name in ("reads", "writes", "kms")} == {"reads": 3, "writes": 2, "kms": 1}
    assert (total(costs.values())["reads"], total(costs.values())["audio_seconds"]) == (12, 60)
