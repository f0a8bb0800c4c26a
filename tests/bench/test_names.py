"""The benchmark of names: its pairs, its list of names, and its bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import __main__ as command
from bench import names


def test_the_pairs_are_of_many_scripts() -> None:
    pairs = names.pairs()

    assert len(pairs) >= 2_000
    assert len({pair.script for pair in pairs if pair.kind == "names"}) >= 10
    assert len(set(pairs)) == len(pairs)


def test_each_script_and_the_wrong_names_keep_their_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["names"]) == 0
    assert "Hebrew, names" in capsys.readouterr().out


def test_a_list_has_one_name_of_an_item(tmp_path: Path) -> None:
    listed = tmp_path / "names.txt"
    listed.write_text("ivan, iwan, иван => Q1\nde souza, jones => Q2\n王 => Q3\n, => Q4\n", encoding="utf-8")

    latin, first, second = sorted(names.listed_names(listed))

    assert latin == "jones"
    assert {first, second} == {"иван", "王"}


@pytest.mark.parametrize("arguments", [["names", "--data", "nowhere"], ["search", "--data", "README.md"]])
def test_a_list_that_is_missing_or_not_wanted_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(arguments)
