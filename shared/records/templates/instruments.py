"""Scored instruments: questionnaires as data with licence and source, and their scores. Pure.

A score comes from the answers to the items, never from the writer. A missing answer is unknown, never zero. A version
of an instrument never changes: reports name it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from shared.records.record import Value
from shared.records.text import ShortText
from shared.records.types import Code, Language

ItemId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class InstrumentRef(Value):
    """A version of a scored instrument, as `GET /templates/instruments` lists it."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    version: int = Field(default=1, ge=1, le=1_000)


class Option(Value):
    """A possible answer."""

    label: ShortText
    points: int


class Item(Value):
    """One question of an instrument."""

    id: ItemId
    text: ShortText
    is_risk: bool = False
    """True if an answer above 0 is a risk finding."""


class Band(Value):
    """The meaning of the totals from `lowest` to `highest`."""

    lowest: int
    highest: int
    label: ShortText


class Instrument(Value):
    """A questionnaire in its official wording."""

    id: Code
    version: int
    name: ShortText
    title: ShortText
    language: Language
    stem: ShortText
    """The question that all items complete."""
    licence: ShortText
    source: ShortText
    loinc: Code | None
    """The LOINC code of the total."""
    options: list[Option]
    items: list[Item]
    bands: list[Band]

    @property
    def ref(self) -> InstrumentRef:
        return InstrumentRef(id=self.id, version=self.version)

    @property
    def highest_total(self) -> int:
        return len(self.items) * max(option.points for option in self.options)


class InstrumentScore(Value):
    """The score of an instrument, computed from the answers to its items."""

    instrument: InstrumentRef
    name: ShortText
    total: int | None
    """The sum of all items; null unless every item is answered."""
    highest_total: int
    at_least: int
    """The sum of the items that are answered."""
    band: ShortText | None
    """The meaning of the total; null without a total."""
    unanswered: list[ItemId]
    """The items without an answer, or with answers that contradict each other."""
    risks: list[ItemId]
    """The items whose answer is a risk finding, such as item 9 of the PHQ-9 above 0."""


@cache
def known() -> Mapping[tuple[str, int], Instrument]:
    """All instruments, by id and version."""
    table = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    found = [Instrument.model_validate(facts) for facts in table["instruments"]]
    return {(one.id, one.version): one for one in found}


def find(ref: InstrumentRef) -> Instrument:
    """The instrument of a checked section. Raises KeyError for an unknown one."""
    return known()[ref.id, ref.version]


def score(instrument: Instrument, answers: Mapping[str, str]) -> InstrumentScore:
    """The score of the answers, which are labels of options by the id of their item. Another text is no answer."""
    points = {option.label: option.points for option in instrument.options}
    given = {item.id: points[label] for item in instrument.items if (label := answers.get(item.id)) in points}
    unanswered = [item.id for item in instrument.items if item.id not in given]
    at_least = sum(given.values())
    total = None if unanswered else at_least
    return InstrumentScore(
        instrument=instrument.ref,
        name=instrument.name,
        total=total,
        highest_total=instrument.highest_total,
        at_least=at_least,
        band=None if total is None else _band(instrument, total),
        unanswered=unanswered,
        risks=[item.id for item in instrument.items if item.is_risk and given.get(item.id, 0) > 0],
    )


def _band(instrument: Instrument, total: int) -> str | None:
    return next((band.label for band in instrument.bands if band.lowest <= total <= band.highest), None)
