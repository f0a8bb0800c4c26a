"""The benchmarks' arithmetic, and that each of them runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import imports, sealing
from bench.measure import Comparison, broken, medians
from bench.reach import google_imports
from local import catalogue
from local.catalogue import ROOT
from shared.records.privacy import fields_of
from shared.store import codec


def test_a_ratio_is_ours_over_theirs() -> None:
    assert Comparison("seal", ours=3.0, theirs=2.0, bound=1.5).ratio == 1.5


def test_a_ratio_at_its_bound_holds_and_one_over_it_is_broken() -> None:
    within, over = Comparison("within", 3.0, 2.0, bound=1.5), Comparison("over", 3.1, 2.0, bound=1.5)

    assert broken([within, over]) == [over]


def test_medians_are_of_interleaved_rounds() -> None:
    order: list[str] = []
    readings = {"a": iter([5.0, 1.0, 2.0]), "b": iter([7.0, 8.0, 90.0])}

    def measured(case: str) -> float:
        order.append(case)
        return next(readings[case])

    found = medians(3, {"a": lambda: measured("a"), "b": lambda: measured("b")})

    assert found == {"a": 2.0, "b": 8.0}
    assert order == ["a", "b", "a", "b", "a", "b"]


def test_a_median_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="round"):
        medians(0, {"a": lambda: 1.0})


def test_clients_are_found_through_our_modules_wherever_they_are_imported(tmp_path: Path) -> None:
    write(tmp_path, "main.py", "from shared.desk import bell\nimport json\n")
    write(
        tmp_path,
        "shared/desk.py",
        "from shared import door\ndef bell() -> None:\n    from google.cloud import storage\n",
    )
    write(tmp_path, "shared/door.py", "import google.cloud.kms_v1 as kms, json\nfrom shared.desk import bell\n")
    write(tmp_path, "shared/unused.py", "from google.cloud import speech_v2\n")

    found = google_imports(tmp_path / "main.py", tmp_path)

    assert found == ["from google.cloud import storage", "import google.cloud.kms_v1"]


def test_what_only_type_checkers_import_is_not_reached(tmp_path: Path) -> None:
    write(
        tmp_path,
        "main.py",
        "if TYPE_CHECKING:\n    from google.cloud import firestore\nelse:\n    import google.auth\n",
    )

    assert google_imports(tmp_path / "main.py", tmp_path) == ["import google.auth"]


@pytest.mark.parametrize("name", catalogue.load().functions)
def test_every_function_reaches_firestore_and_kms(name: str) -> None:
    found = google_imports(ROOT / "functions" / name / "main.py", ROOT)

    assert {"from google.cloud import firestore", "from google.cloud import kms_v1"} <= set(found)


def test_import_time_is_measured_in_a_fresh_process() -> None:
    nothing, much = (
        imports.import_seconds("pass"),
        imports.import_seconds("import decimal, email.message, xml.dom.minidom"),
    )

    assert 0 <= nothing < much


def test_both_sides_of_the_sealing_benchmark_give_back_what_they_sealed() -> None:
    record, sealer, engine = sealing.full_patient(), sealing.new_aead(), sealing.SqlAlchemyFields()
    values = sealing.plain_values(record)

    document = codec.encode(record, sealer, sealing.CLINIC, sealing.KEY)
    row = engine.seal(values)

    assert codec.decode(type(record), document, sealer, sealing.CLINIC, sealing.KEY) == record
    assert engine.open(row) == values
    assert set(row) == set(document["sealed"]) == fields_of(type(record)).encrypted, "the record is full"


def test_the_sealing_benchmark_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code = command.main(["sealing", "--rounds", "1"])

    output = capsys.readouterr().out
    ratios = re.findall(r"^ +(?:seal|open) .* (\d+\.\d\d) +(\d+\.\d\d) *$", output, re.MULTILINE)
    assert len(ratios) == 2
    assert code == any(float(ratio) > float(bound) for ratio, bound in ratios)
    assert "records a second" in output
    assert "search tokens" in output


def test_the_imports_benchmark_runs() -> None:
    comparisons = imports.compare(1, ["profile"])

    assert [comparison.name for comparison in comparisons] == ["profile: start", "profile: all"]
    start, everything = comparisons
    assert start.theirs == everything.theirs > 0
    assert start.ours > 0
    assert everything.ours > 0


def write(root: Path, name: str, source: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
