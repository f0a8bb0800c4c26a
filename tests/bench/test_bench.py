"""The benchmarks: arithmetic, enforcement of bounds, and one run of each benchmark."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as command
from bench import clients, cold_start, sealing
from bench.measure import Comparison, broken, medians
from bench.visit import Asked
from infra import catalogue
from infra.catalogue import ROOT
from shared.records.privacy import fields_of
from shared.store import codec

pytestmark = pytest.mark.long

FUNCTIONS = catalogue.load().functions


def test_a_ratio_is_ours_over_theirs() -> None:
    assert Comparison("seal", ours=3.0, theirs=2.0, bound=1.5).ratio == 1.5


def test_only_a_ratio_over_its_bound_breaks_it() -> None:
    within, over = Comparison("within", 3.0, 2.0, bound=1.5), Comparison("over", 3.1, 2.0, bound=1.5)

    assert broken([within, over]) == [over]


@pytest.mark.parametrize(("ours", "code"), [(1.2, 0), (1.3, 1)])
def test_a_broken_bound_sets_the_exit_code(
    ours: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [Comparison("patients: import", ours, 1.0, bound=1.2)]
    monkeypatch.setitem(command._BENCHES, "cold_start", (lambda _rounds, **_options: found, 1))

    assert command.main(["cold_start"]) == code
    assert ("patients: import: 1.30 is over 1.20" in capsys.readouterr().out) == bool(code)


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        (["cold_start"], {"plain": False}),
        (["cold_start", "--plain"], {"plain": True}),
        (["requests", "--plain", "--before", "a-commit"], {"plain": True, "before": "a-commit"}),
        (["memory"], {}),
    ],
    ids=" ".join,
)
def test_a_benchmark_gets_its_options(
    arguments: list[str], passed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, Any]] = []

    def run(_rounds: int, **options: Any) -> list[Comparison]:
        seen.append(options)
        return []

    monkeypatch.setitem(command._BENCHES, arguments[0], (run, 1))

    assert command.main(arguments) == 0
    assert seen == [passed]


def test_medians_are_of_interleaved_rounds() -> None:
    order: list[str] = []
    readings = {"a": iter([5.0, 1.0, 2.0]), "b": iter([7.0, 8.0, 90.0])}

    def measured(case: str) -> float:
        order.append(case)
        return next(readings[case])

    found = medians(3, {"a": lambda: measured("a"), "b": lambda: measured("b")})

    assert found == {"a": 2.0, "b": 8.0}
    assert order == ["a", "b", "a", "b", "a", "b"]


def test_zero_rounds_are_rejected() -> None:
    with pytest.raises(ValueError, match="round"):
        medians(0, {"a": lambda: 1.0})


def test_cold_starts_are_compared_round_by_round() -> None:
    ours = iter([cold_start.Times(3.0, 30.0), cold_start.Times(4.0, 50.0), cold_start.Times(4.0, 10.0)])
    baseline = iter([cold_start.Times(1.0, 3.0), cold_start.Times(2.0, 2.0), cold_start.Times(4.0, 1.0)])
    pair = cold_start.Pair("start", lambda: next(ours), lambda: next(baseline), bound=2.0)

    [found] = cold_start.compare(3, [pair])

    assert (found.ours, found.theirs, found.clock, found.baseline_clock) == (4.0, 2.0, 30.0, 2.0)
    assert found.spread == 1.0, "the quartiles of the ratios 3, 2 and 1 are 3 and 1"


def test_a_comparison_over_its_bound_is_repeated_with_more_rounds() -> None:
    readings = {"noisy": iter([9.0, 1.0, 1.0, 1.0]), "slow": iter([9.0] * 4)}

    def ours(name: str) -> cold_start.Times:
        return cold_start.Times(next(readings[name]), 1.0)

    pairs = [cold_start.Pair(name, partial(ours, name), lambda: cold_start.Times(1.0, 1.0), 1.5) for name in readings]

    found = cold_start.compare(1, pairs)

    assert [(outcome.name, outcome.holds) for outcome in found] == [("noisy", True), ("slow", False)]


@pytest.fixture
def one_repetition(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat a comparison over its bound with one round, not three."""
    monkeypatch.setattr(cold_start, "_REPEAT", 1)


def test_the_import_benchmark_compares_a_function_with_its_baseline(tmp_path: Path, one_repetition: None) -> None:
    [found] = cold_start.imports(1, tmp_path, ["profile"])

    assert (found.name, found.bound) == ("profile: import", cold_start.BOUND)
    assert min(found.ours, found.theirs) > 0.1, "both programs must load the Functions Framework and Firestore"
    assert found.clock > 0


def test_a_planted_slow_import_breaks_the_bound(tmp_path: Path, one_repetition: None) -> None:
    planted = tmp_path / "functions" / "profile" / "main.py"
    planted.parent.mkdir(parents=True)
    code = (ROOT / "functions" / "profile" / "main.py").read_text()
    slow = "import time\nuntil = time.process_time() + 1\nwhile time.process_time() < until:\n    pass\n"
    planted.write_text(code + slow)

    found = cold_start.imports(1, tmp_path / "build", ["profile"], planted.parent.parent)

    assert broken(found) == found


@pytest.mark.parametrize("name", ["patients", "write_report"])
def test_the_baseline_loads_every_reachable_client_and_no_product_code(name: str, tmp_path: Path) -> None:
    imports = clients.clients_of(FUNCTIONS[name], cold_start.FUNCTIONS)
    loaded = cold_start.bare(tmp_path, "http", imports).start()["modules"]

    expected = {"patients": "firebase_admin.auth", "write_report": "google.genai"}[name]
    assert {"google.cloud.firestore", "google.cloud.kms_v1", expected} <= set(loaded)
    assert all(clients.is_loaded(client, loaded) for client in imports)
    assert not any(module.partition(".")[0] == "shared" for module in loaded)


def test_packages_that_are_not_deployed_cannot_be_imported(tmp_path: Path) -> None:
    main = tmp_path / "main.py"
    main.write_text("import pytest\ndef main(request): ...\n")

    assert "pydantic" not in cold_start.not_deployed()
    with pytest.raises(RuntimeError, match="import of pytest halted"):
        cold_start.Program(main, "http").start()


def test_an_error_response_is_not_measured(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("def main(request):\n    return 'no', 503\n")

    with pytest.raises(RuntimeError, match="answered 503"):
        cold_start.Program(tmp_path / "main.py", "http").start(Asked("GET", "/", {}))


@pytest.mark.parametrize(
    ("statement", "modules", "loaded"),
    [
        ("from google.cloud import storage", ["google.cloud", "google.cloud.storage"], True),
        ("from google.cloud import storage", ["google.cloud", "google.cloud.firestore"], False),
        ("from google_crc32c import value as crc32c", ["google_crc32c"], True),
        ("from google.cloud.exceptions import NotFound", ["google.cloud.exceptions"], True),
        ("import firebase_admin", ["google"], False),
    ],
)
def test_a_loaded_import_is_detected(statement: str, modules: list[str], loaded: bool) -> None:
    assert clients.is_loaded(statement, modules) == loaded


def test_both_sides_of_the_sealing_benchmark_round_trip() -> None:
    record, sealer, engine = sealing.full_patient(), sealing.new_aead(), sealing.SqlAlchemyFields()
    values = sealing.plain_values(record)

    document = codec.encode(record, sealer, sealing.CLINIC, sealing.KEY)
    row = engine.seal(values)

    assert codec.decode(type(record), document, sealer, sealing.CLINIC, sealing.KEY) == record
    assert engine.open(row) == values
    assert set(row) == set(document["sealed"]) == fields_of(type(record)).encrypted, (
        "every encrypted field of the record must be set"
    )


def test_the_sealing_benchmark_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code = command.main(["sealing", "--rounds", "1"])

    output = capsys.readouterr().out
    ratios = re.findall(r"^ +(?:seal|open) .* (\d+\.\d\d) +(\d+\.\d\d) *$", output, re.MULTILINE)
    assert len(ratios) == 2
    assert code == any(float(ratio) > float(bound) for ratio, bound in ratios)
    assert "records a second" in output
    assert "search tokens" in output
