"""The coverage of a rules file, from the emulator's report.

The report lists every expression of the file that is not a literal, with its values. An expression has one outcome: it
was evaluated. A condition has two: true and false. `allow` without a condition, or with a literal one, is not an
expression and therefore a gap that no test can close, except `if false`, which allows nothing.
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
    """The seen outcomes of all expected ones; `gaps` are the missing ones, with their lines."""

    seen: int
    expected: int
    gaps: tuple[str, ...]

    @property
    def percent(self) -> float:
        return 100 * self.seen / self.expected


def read(report: dict[str, Any]) -> Coverage:
    """The coverage in a report of the emulator."""
    [file] = report["rules"]["files"]
    content = str(file["content"])
    outcomes = [*_expressions(report.get("report", []), content), *_open_statements(report, content)]
    gaps = tuple(gap for gap in outcomes if gap)
    return Coverage(seen=len(outcomes) - len(gaps), expected=len(outcomes), gaps=gaps)


def _expressions(nodes: list[dict[str, Any]], content: str) -> Iterator[str]:
    """For each outcome of each expression: an empty string if it was seen, otherwise the gap."""
    for node in nodes:
        place = node["sourcePosition"]
        where = f"line {place['line']}: {content[place['currentOffset'] : place['endOffset'] + 1]}"
        values = [entry["value"] for entry in node.get("values", [])]
        outcomes = [value["boolValue"] for value in values if "boolValue" in value]
        if outcomes:
            yield from ("" if outcome in outcomes else f"{where} was never {outcome}" for outcome in (True, False))
        else:
            # The emulator reports a value that it did not need or could not compute as undefined.
            yield "" if any("undefined" not in value for value in values) else f"{where} was never evaluated"
        yield from _expressions(node.get("children", []), content)


def _open_statements(report: dict[str, Any], content: str) -> Iterator[str]:
    starts = [node["sourcePosition"]["currentOffset"] for node in report.get("report", [])]
    code = _COMMENT.sub(lambda comment: " " * len(comment[0]), content)
    for statement in _ALLOW.finditer(code):
        has_condition = any(statement.start() < start < statement.end() for start in starts)
        if not has_condition and not _OPENS_NOTHING.search(statement[0]):
            line = code.count("\n", 0, statement.start()) + 1
            yield f"line {line}: {statement[0]} has no condition"
