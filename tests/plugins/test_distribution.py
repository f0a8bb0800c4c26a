"""The workers of pytest-xdist run whole units, the longest first."""

from __future__ import annotations

from collections import Counter
from textwrap import dedent

import pytest

from infra.catalogue import ROOT
from tests.plugins.distribution import unit_of

pytest_plugins = ["pytester"]

TEST = """
    import os
    import pytest

    {mark}

    @pytest.mark.parametrize("number", range(4))
    def test_notes_its_worker(number):
        with open({notes!r}, "a") as notes:
            print("{name}", os.environ["PYTEST_XDIST_WORKER"], file=notes)
"""
LONG = "pytestmark = pytest.mark.long"
FILES = {
    "test_a": "",
    "test_b": "",
    "test_z": LONG,
    "journeys/test_c": "",
    "journeys/test_d": "",
    "journeys/crashes/test_e": "",
    "journeys/crashes/test_f": "",
}


def test_files_of_a_folder_of_journeys_are_one_unit() -> None:
    assert [unit_of(f"tests/{name}.py::test_x[a::b]") for name in FILES] == [
        *(f"tests/{name}.py" for name in ("test_a", "test_b", "test_z")),
        *["tests/journeys"] * 2,
        *["tests/journeys/crashes"] * 2,
    ]


def test_there_is_one_worker_more_than_processors(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "1")
    pytester.makepyfile("def test_passes(): ...")

    run = pytester.runpytest_subprocess("-n", "logical", "-p", "xdist", "-p", "tests.plugins.distribution")

    run.assert_outcomes(passed=1)
    run.stdout.fnmatch_lines(["2 workers*"])


def test_a_unit_has_one_worker_and_journeys_and_long_files_begin_first(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # importing the others takes seconds in each worker
    pytester.makeini("[pytest]\nmarkers = long: begins before the others")
    notes = pytester.path / "notes"
    for name, mark in FILES.items():
        file = pytester.path / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(TEST).format(mark=mark, notes=str(notes), name=name))

    options = ["-n2", "--dist=loadscope", "--no-loadscope-reorder", "--import-mode=importlib"]
    run = pytester.runpytest_subprocess(*options, "-p", "xdist", "-p", "tests.plugins.distribution")

    run.assert_outcomes(passed=4 * len(FILES))
    ran = [line.split() for line in notes.read_text().splitlines()]
    used = {(unit_of(f"{name}.py"), worker) for name, worker in ran}
    by_worker = {worker: [name for name, by in ran if by == worker] for _, worker in ran}
    assert Counter(unit for unit, _ in used) == dict.fromkeys({unit_of(f"{name}.py") for name in FILES}, 1)
    assert len(by_worker) == 2
    for names in by_worker.values():
        assert names == sorted(names, key=lambda name: ("journeys" not in name, name != "test_z"))
