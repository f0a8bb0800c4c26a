"""Parses a report prompt: the requested sections and the transcript."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from local.services.gemini import cues


class Speaker(StrEnum):
    """The role of a segment's speaker."""

    PRACTITIONER = "PRACTITIONER"
    PATIENT = "PATIENT"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Section:
    """A requested section of the report."""

    id: str
    title: str = ""


@dataclass(frozen=True)
class Turn:
    """One numbered segment of the transcript."""

    number: int
    speaker: str
    text: str


@dataclass(frozen=True)
class Note:
    """One numbered note that the practitioner typed."""

    number: int
    field: str
    text: str


@dataclass(frozen=True)
class Prompt:
    """A parsed prompt; all fields are empty if it is not a report prompt."""

    sections: tuple[Section, ...]
    turns: tuple[Turn, ...]
    notes: tuple[Note, ...] = ()


_SECTION = re.compile(r"^\s*-\s*(?P<id>[\w.\-]+)\s*(?::\s*(?P<title>.*?))?(?:\s+[\u2014\u2013-]{1,2}\s.*)?$")
_TURN = re.compile(r"^\s*\[(?P<number>\d+)\]\s*(?P<speaker>[A-Za-z_0-9 ]+?)\s*:\s*(?P<text>.*)$")


def parse(text: str) -> Prompt:
    """Parse the lines below `SECTIONS`, `NOTES` and `TRANSCRIPT`; the rest of the prompt is ignored."""
    sections: list[Section] = []
    turns: list[Turn] = []
    notes: list[Note] = []
    block = ""
    for line in text.splitlines():
        heading = line.strip().strip("#:* ").partition(" ")[0]
        if heading in ("SECTIONS", "NOTES", "CONTEXT", "TRANSCRIPT"):
            block = heading
        elif block == "SECTIONS" and (match := _SECTION.match(line)):
            sections.append(Section(match["id"], match["title"] or ""))
        elif block == "NOTES" and (match := _TURN.match(line)):
            notes.append(Note(int(match["number"]), match["speaker"], match["text"]))
        elif block == "TRANSCRIPT" and (match := _TURN.match(line)):
            turns.append(Turn(int(match["number"]), match["speaker"].upper().replace(" ", "_"), match["text"]))
        elif block == "TRANSCRIPT" and turns and line.strip():
            turns[-1] = replace(turns[-1], text=f"{turns[-1].text} {line.strip()}")
    return Prompt(tuple(sections), tuple(turns), tuple(notes))


def with_roles(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Assign roles to numbered speakers: the one who asks and advises is the practitioner.

    A turn of an unknown speaker gets a role only if its words are unambiguous.
    """
    numbered = sorted({turn.speaker for turn in turns if turn.speaker.startswith("SPEAKER")})
    roles: dict[str, str] = {role.value: role.value for role in Speaker if role is not Speaker.UNKNOWN}
    if len(numbered) > 1 and Speaker.PRACTITIONER not in {turn.speaker for turn in turns}:
        scores = {name: _leaning([turn for turn in turns if turn.speaker == name]) for name in numbered}
        practitioner = max(numbered, key=lambda name: scores[name])
        roles |= {name: Speaker.PRACTITIONER if name == practitioner else Speaker.PATIENT for name in numbered}
    return tuple(replace(turn, speaker=roles.get(turn.speaker) or _role_alone(turn)) for turn in turns)


def _leaning(turns: list[Turn]) -> float:
    """How much a speaker sounds like the practitioner, averaged over their turns."""
    return sum(_lean(turn.text) for turn in turns) / max(1, len(turns))


def _lean(text: str) -> int:
    asks_or_advises = len(cues.QUESTION_START.findall(text)) + len(cues.SECOND_PERSON.findall(text))
    return asks_or_advises + text.count("?") - len(cues.FIRST_PERSON.findall(text))


def _role_alone(turn: Turn) -> Speaker:
    lean = _lean(turn.text)
    if abs(lean) < 2:
        return Speaker.UNKNOWN
    return Speaker.PRACTITIONER if lean > 0 else Speaker.PATIENT
