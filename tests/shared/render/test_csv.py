"""Tables as CSV: a spreadsheet reads back what was written, and runs nothing."""

from __future__ import annotations

import csv as reader
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.render import csv

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(TEXTS, st.integers() | st.none()), max_size=5))
def test_every_text_is_read_back(rows: list[tuple[str, int | None]]) -> None:
    content = csv.table(["name", "number"], rows)

    [header, *found] = reader.reader(io.StringIO(content.decode("utf-8"), newline=""))
    assert header == ["name", "number"]
    assert [(name.removeprefix("'"), number) for name, number in found] == [
        (name.removeprefix("'"), "" if number is None else str(number)) for name, number in rows
    ]
    assert not any(name.startswith(("=", "+", "-", "@", "\t", "\r")) for name, _ in found)


@pytest.mark.parametrize("text", ["=1+1", "+49", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert csv.table(["a"], [[text]]).decode().splitlines()[1].lstrip('"').startswith("'")


def test_lines_end_as_the_standard_says_and_quotes_are_doubled() -> None:
    assert csv.table(["a", "b"], [['says "hi"', 1.5], [None, -3]]) == b'a,b\r\n"says ""hi""",1.5\r\n,-3\r\n'
