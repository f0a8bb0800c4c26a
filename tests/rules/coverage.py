"""How much of a rules file was tried, by the emulator's own report.

The report has every expression of the file that is no literal, with the values that it took. An expression counts once
when it had any value; a condition counts twice, for true and for false. `allow` without a condition, or with a literal
one, is no expression: unless it is `if false`, which opens nothing, it is a gap that no test can close.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_COMMENT = re.compile(r"//.*")
_ALLOW = re.compile(r"\ballow\b[^;]*;")
_OPENS_NOTHING = re.compile(r":\s*if\s+false\s*;$")


@dataclass(frozen=True)
class Coverage:
    """What was seen, of all that is to be seen; `gaps` says what is missing, with its line."""

    seen: int
    wanted: int
    gaps: tuple[str, ...]

    @property
    def percent(self) -> float:
        return 100 * self.seen / self.wanted


def read(report: dict[str, Any]) -> Coverage:
    """The coverage that a report of the emulator tells."""
    [file] = report["rules"]["files"]
    content = str(file["content"])
    outcomes = [*_expressions(report.get("report", []), content), *_open_statements(report, content)]
    gaps = tuple(gap for gap in outcomes if gap)
    return Coverage(seen=len(outcomes) - len(gaps), wanted=len(outcomes), gaps=gaps)


def _expressions(nodes: list[dict[str, Any]], content: str) -> Iterator[str]:
    """For each outcome of each expression: nothing when it was seen, or else what is missing."""
    for node in nodes:
        place = node["sourcePosition"]
        where = f"line {place['line']}: {content[place['currentOffset'] : place['endOffset'] + 1]}"
        values = [entry["value"] for entry in node.get("values", [])]
        told = [value["boolValue"] for value in values if "boolValue" in value]
        if told:
            yield from ("" if outcome in told else f"{where} was never {outcome}" for outcome in (True, False))
        else:
            # A value that the emulator did not need, or could not make, is told as undefined.
            yield "" if any("undefined" not in value for value in values) else f"{where} was never evaluated"
        yield from _expressions(node.get("children", []), content)


def _open_statements(report: dict[str, Any], content: str) -> Iterator[str]:
    starts = [node["sourcePosition"]["currentOffset"] for node in report.get("report", [])]
    code = _COMMENT.sub(lambda comment: " " * len(comment[0]), content)
    for statement in _ALLOW.finditer(code):
        has_condition = any(statement.start() < start < statement.end() for start in starts)
        if not has_condition and not _OPENS_NOTHING.search(statement[0]):
            line = code.count("\n", 0, statement.start()) + 1
            yield f"line {line}: {statement[0]} asks nothing"
