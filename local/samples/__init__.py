"""Sample recordings: invented dialogues, spoken by synthesised voices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Turn:
    """One turn of a speaker."""

    speaker: str
    """`doctor` (first channel) or `patient` (second channel)."""
    start: float
    """Seconds from the beginning of the recording."""
    end: float
    text: str


@dataclass(frozen=True)
class Sample:
    """A recording and its dialogue."""

    audio: Path
    content_type: str
    turns: tuple[Turn, ...]

    @property
    def seconds(self) -> float:
        """The time at which the last turn ends."""
        return max(turn.end for turn in self.turns)

    @property
    def reference_text(self) -> str:
        """The text of the whole dialogue."""
        return " ".join(turn.text for turn in self.turns)


def load(name: str) -> Sample:
    """The sample called `name`, such as `follow_up_visit`. Raises FileNotFoundError."""
    reference = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    turns = tuple(Turn(**turn) for turn in reference["turns"])
    return Sample(FOLDER / f"{name}.ogg", "audio/ogg", turns)
