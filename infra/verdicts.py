"""Checks of a Google Cloud project, each with one verdict: `OK`, `FAIL` or `UNKNOWN`. Unknown is not OK."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.console import Console

from infra.google_apis import Missing, Refused, Unreadable


class Unknown(Exception):
    """What was asked could not be learned; the text says why."""


class Verdict(StrEnum):
    """The result of a check, as it is printed."""

    OK = "OK"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


_COLOURS = {Verdict.OK: "green", Verdict.FAIL: "red", Verdict.UNKNOWN: "yellow"}
_FAILED, _UNKNOWN = 1, 3
"""Exit codes; argparse takes 2."""
_MOST_NAMED = 5
"""Problems in one line."""


@dataclass(frozen=True)
class Check:
    """One question about the project."""

    title: str
    """What is true if the verdict is OK."""
    find: Callable[[], Iterable[str]]
    """What contradicts the title: nothing, or each problem in words."""
    remedy: str = ""
    """What to do otherwise."""


@dataclass(frozen=True)
class Result:
    """The verdict on a check, and why."""

    check: Check
    verdict: Verdict
    reason: str = ""

    @property
    def line(self) -> str:
        """The verdict in one line, without its first word."""
        if self.verdict == Verdict.OK:
            return self.check.title
        remedy = f" → {self.check.remedy}" if self.check.remedy else ""
        return f"{self.check.title}: {self.reason}{remedy}"


def result_of(check: Check) -> Result:
    """Make one check. What Google does not answer is unknown."""
    problems: list[str] = []
    unknown = ""
    try:
        problems.extend(check.find())  # keeps what was found before an exception
    except (Missing, Refused) as error:
        problems.append(str(error))
    except (Unknown, Unreadable) as error:
        unknown = str(error)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        unknown = f"an answer of another form ({type(error).__name__}: {error})"
    if unknown and not problems:
        return Result(check, Verdict.UNKNOWN, unknown)
    more = [f"and {len(problems) - _MOST_NAMED} more"] if len(problems) > _MOST_NAMED else []
    return Result(check, Verdict.FAIL if problems else Verdict.OK, "; ".join([*problems[:_MOST_NAMED], *more]))


def report(checks: Sequence[Check], subject: str) -> int:
    """Make all checks and print a line for each, and their sum. Returns the exit code: 0 if all are OK, 1 if one
    failed, 3 if none failed and one is unknown."""
    console = Console(highlight=False)
    results = []
    for check in checks:
        result = result_of(check)
        console.print(f"[{_COLOURS[result.verdict]}]{result.verdict:7}[/] ", end="")
        console.print(result.line, markup=False, soft_wrap=True)
        results.append(result)
    found = [result.verdict for result in results]
    console.print(f"{found.count(Verdict.OK)} of {len(checks)} hold: {subject}", markup=False, soft_wrap=True)
    if Verdict.FAIL in found:
        return _FAILED
    return _UNKNOWN if Verdict.UNKNOWN in found else 0
