"""Codes of ICD-10 on the day of the service: valid, ended, not yet valid, divided further, unknown."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.diagnoses import codes
from shared.records.diagnoses.checking import coded
from shared.records.diagnoses.codes import IcdCode, IcdList, IcdSystem, codes_of

CM = IcdSystem.CLINICAL_MODIFICATION
BEFORE, AFTER = date(2025, 9, 30), date(2025, 10, 1)


def all_codes() -> list[IcdCode]:
    known = codes_of(CM)
    assert known is not None
    return [*known.below("")]


@pytest.fixture
def with_who_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    lines = b"F41\t\t\tOther anxiety disorders\nF41.1\t\t\tGeneralized anxiety disorder"
    (tmp_path / "icd10who.xz").write_bytes(lzma.compress(lines))
    monkeypatch.setattr(codes, "_DATA", tmp_path)
    codes_of.cache_clear()
    yield
    codes_of.cache_clear()


@pytest.fixture
def without_who_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(codes, "_DATA", tmp_path)
    codes_of.cache_clear()
    yield
    codes_of.cache_clear()


def test_the_list_is_sorted_and_has_each_code_once() -> None:
    found = [one.code for one in all_codes()]

    assert len(found) > 98_000
    assert found == sorted(set(found))


def test_every_code_of_the_list_is_found_with_its_days() -> None:
    known = codes_of(CM)
    assert known is not None
    for one in all_codes()[::97]:
        assert known.find(one.code) == one
        assert one.title
        assert all(not day or date.fromisoformat(day) for day in (one.first_day, one.last_day))
    assert known.find("F41.11") is None
    assert known.find("ZZZ") is None


@pytest.mark.parametrize("written", ["F41.1", "f411", " F41.1 ", "F4.11"])
def test_a_code_gets_its_form_and_its_title(written: str) -> None:
    found = coded(written, CM, AFTER)

    assert (found.code, found.title, found.wrong) == ("F41.1", "Generalized anxiety disorder", "")


@pytest.mark.parametrize(
    ("code", "day", "part"),
    [
        ("S30.1XXA", BEFORE, ""),
        ("S30.1XXA", AFTER, "was valid until 2025-09-30; the service was on 2025-10-01. Valid then: S30.11XA"),
        ("S30.11XA", BEFORE, "is valid from 2025-10-01; the service was on 2025-09-30"),
        ("S30.11XA", AFTER, ""),
        ("F41", AFTER, "is divided further: choose one of F41.0, F41.1, F41.3, F41.8, F41.9"),
        ("E11", BEFORE, "E11.8, E11.9"),
        ("E11", AFTER, "E11.9, E11.A"),
        ("F41.7", AFTER, "is no ICD-10-CM code; there are F41.0, F41.1, F41.3, F41.8, F41.9"),
        ("F97", AFTER, "is no ICD-10-CM code"),
        ("anxiety", AFTER, "is not of the form of an ICD-10-CM code, such as F41.1"),
        ("I10", AFTER, ""),
    ],
)
def test_what_is_wrong_names_what_is_right(code: str, day: date, part: str) -> None:
    found = coded(code, CM, day)

    assert part in found.wrong
    assert bool(found.wrong) == bool(part)
    assert (found.title is None) == bool(part)


def test_a_refusal_names_at_most_twelve_codes() -> None:
    wrong = coded("T36", CM, AFTER).wrong + coded("V00.9999", CM, AFTER).wrong

    assert wrong.count(",") <= 22
    assert " …" in wrong


@given(st.sampled_from([*"ABCFSTZ"]), st.text("0123456789ABX.", max_size=7), st.dates(date(2024, 1, 1)))
def test_a_code_is_right_if_it_is_valid_and_nothing_valid_is_below(first: str, rest: str, day: date) -> None:
    found, known = coded(first + rest, CM, day), codes_of(CM)
    assert known is not None

    valid = [one.code for one in known.below(found.code) if one.is_valid_on(day)]
    assert (found.wrong == "") == (valid == [found.code])


def test_every_code_that_an_answer_names_is_one() -> None:
    for code in ("S30.1XXA", "F41.7", "F41.99", "T78.07XA", "Z99.9"):
        wrong = coded(code, CM, AFTER).wrong
        named = [word.strip(",") for word in wrong.replace(":", "are").partition("are")[2].split()]
        assert named
        assert [one for one in named if one != "…" and coded(one, CM, AFTER).wrong] == []


@pytest.mark.usefixtures("with_who_list")
def test_a_category_of_who_is_a_code_and_an_unknown_one_is_refused() -> None:
    assert coded("f41", IcdSystem.WHO, AFTER).title == "Other anxiety disorders"
    assert coded("F41.1", IcdSystem.WHO, AFTER).title == "Generalized anxiety disorder"
    assert coded("F41.7", IcdSystem.WHO, AFTER).wrong == "is no ICD-10 code; there are F41.1"


@pytest.mark.usefixtures("without_who_list")
def test_without_its_list_a_code_is_checked_by_its_form() -> None:
    assert coded("F41.1", IcdSystem.WHO, AFTER).wrong == ""
    assert coded("F41.1", IcdSystem.WHO, AFTER).title is None
    assert "form" in coded("S52.521A", IcdSystem.WHO, AFTER).wrong


def test_a_list_without_lines_has_no_code() -> None:
    assert IcdList([]).find("F41") is None
