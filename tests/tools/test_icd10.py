"""The list of ICD-10-CM, made of two releases."""

from __future__ import annotations

import lzma
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools import icd10


def test_what_one_release_alone_has_began_or_ended_with_the_fiscal_year() -> None:
    earlier, later = {"A00": "Cholera", "A00.0": "Ended"}, {"A00": "Cholera", "A00.1": "New"}

    assert icd10.clinical_modification(earlier, later, date(2025, 10, 1)) == [
        "A00\t\t\tCholera",
        "A00.0\t\t2025-09-30\tEnded",
        "A00.1\t2025-10-01\t\tNew",
    ]


@pytest.mark.parametrize(
    ("name", "since"),
    [("code-list-April-2026.txt", date(2025, 10, 1)), ("code-list-October-2026.txt", date(2026, 10, 1))],
)
def test_a_release_belongs_to_the_fiscal_year_from_october(tmp_path: Path, name: str, since: date) -> None:
    with ZipFile(tmp_path / "a.whl", "w") as archive:
        archive.writestr(f"data/{name}", "")

    assert icd10.fiscal_year_of(str(tmp_path / "a.whl")) == since


def test_a_list_is_made_of_the_wheels_and_read_again(tmp_path: Path) -> None:
    for release, code in (("April-2025", "A00.0"), ("April-2026", "A00.1")):
        source = (
            "def get_all_codes(dots): return ['1', 'A00', '%s']\n"
            "def is_category_or_subcategory(code): return code != '1'\n"
            "def get_description(code): return 'Title of\\n' + code\n"
        )
        with ZipFile(tmp_path / f"{release}.whl", "w") as archive:
            archive.writestr("simple_icd_10_cm.py", source % code)
            archive.writestr(f"data/code-list-{release}.txt", "")
    wheels = [str(tmp_path / f"April-{year}.whl") for year in (2025, 2026)]

    icd10.main("cm", str(tmp_path / "list.xz"), *wheels)

    assert lzma.decompress((tmp_path / "list.xz").read_bytes()).decode().splitlines() == [
        "A00\t\t\tTitle of A00",
        "A00.0\t\t2025-09-30\tTitle of A00.0",
        "A00.1\t2025-10-01\t\tTitle of A00.1",
    ]
