"""The plan of a join: which frames of which piece make the recording, in which order, none lost and none doubled. Pure.

A piece states when it begins, in milliseconds of what its recorder captured; its length is counted in frames (one
sample of each channel). Times are rounded, so pieces that meet within CONTIGUOUS_MS are taken whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property

CONTIGUOUS_MS = 2
"""Two pieces that overlap or are apart by no more than this follow each other."""
MOST_SOURCES = 32
"""Objects that Cloud Storage composes in one request."""
DRIFT_MS = 2_000
"""Wall clock and audio run apart once they differ by more than this since the last point of the timeline."""
MOST_POINTS = 500
"""Points of a timeline."""
_BYTES_A_SAMPLE = 2


@dataclass(frozen=True)
class SampleForm:
    """The form of 16-bit samples."""

    rate: int
    """Frames per second."""
    channels: int

    @property
    def frame_bytes(self) -> int:
        return _BYTES_A_SAMPLE * self.channels


@dataclass(frozen=True)
class JoinedPiece:
    """What the plan has to know of a piece."""

    number: int
    start_ms: int
    """Captured by its recorder before it."""
    frames: int
    form: SampleForm
    captured_at: datetime
    """Wall clock of its first frame."""
    bare: bool
    """True if the object has 16-bit samples and nothing else, so that Storage can compose it."""

    @property
    def end_ms(self) -> Fraction:
        return self.start_ms + Fraction(1000 * self.frames, self.form.rate)


@dataclass(frozen=True)
class Part:
    """What a piece gives to the recording."""

    piece: JoinedPiece
    skip: int
    """Frames at its beginning that an earlier piece has too."""
    begin: int
    """The frame of the recording with which it begins."""
    frames: int
    """At the rate of the recording."""

    def recording_ms(self, recorder_ms: int, rate: int) -> int | None:
        """A time of the recorder within the piece, as a time in the recording at `rate`, also if an earlier piece has
        the audio; None for a piece that is in earlier ones wholly."""
        into = recorder_ms - self.piece.start_ms - _ms(self.skip, self.piece.form.rate)
        return max(0, _ms(self.begin, rate) + into) if self.frames else None


@dataclass(frozen=True)
class Gap:
    """Audio that was captured, and that no piece has."""

    after: int
    """The number of the piece before it; 0: it is the beginning."""
    at_ms: int
    """The time in the recording at which it is missing."""
    missing_ms: int | None
    """Its length; None after the last piece, where nobody knows it."""


@dataclass(frozen=True)
class Point:
    """A time in the recording, and what the clock said then."""

    recording_ms: int
    captured_at: datetime


@dataclass(frozen=True)
class JoinPlan:
    """The parts of a recording, in its order."""

    form: SampleForm
    parts: Sequence[Part]

    @cached_property
    def frames(self) -> int:
        return sum(part.frames for part in self.parts)

    @property
    def data_bytes(self) -> int:
        return self.frames * self.form.frame_bytes

    @property
    def composable(self) -> bool:
        """True if the recording is a header and the objects of the pieces as they are."""
        return all(part.piece.bare and part.piece.form == self.form and not part.skip for part in self.parts)

    @property
    def timeline(self) -> list[Point]:
        """The beginning, and wherever wall clock and audio run apart: pauses, lost pieces, a clock that was set. At
        most MOST_POINTS, the largest differences."""
        points = [
            Point(_ms(part.begin, self.form.rate), part.piece.captured_at + part.skip * _SECOND / part.piece.form.rate)
            for part in self.parts
            if part.frames
        ]
        drift, found = DRIFT_MS, _apart(points, DRIFT_MS)
        while len(found) > MOST_POINTS:
            drift *= 2
            found = _apart(points, drift)
        return found

    def gaps(self, *, end_lost: bool = False) -> list[Gap]:
        """Where pieces are missing by their numbers, or audio by their times. `end_lost`: those after the last piece
        were lost."""
        gaps, number, covered = list[Gap](), 0, Fraction(0)
        for part in self.parts:
            missing = part.piece.start_ms - covered
            if part.piece.number > number + 1 or missing > CONTIGUOUS_MS:
                gaps.append(Gap(number, _ms(part.begin, self.form.rate), max(0, round(missing))))
            number, covered = part.piece.number, max(covered, part.piece.end_ms)
        if end_lost:
            gaps.append(Gap(number, _ms(self.frames, self.form.rate), None))
        return gaps


def plan_of(pieces: Iterable[JoinedPiece]) -> JoinPlan:
    """The plan of at least one piece. What an earlier piece has too is left out.

    A piece that claims to begin before the one before it contradicts it, and is taken whole: rather doubled than lost.
    The recording has the highest rate of the pieces, so that nothing is lost, and one channel unless all have as many.
    """
    ordered = sorted(pieces, key=lambda piece: piece.number)
    channels = {piece.form.channels for piece in ordered}
    rate = max(piece.form.rate for piece in ordered)
    parts: list[Part] = []
    before, covered, begin = 0, Fraction(0), 0
    for piece in ordered:
        consistent = piece.start_ms >= before
        overlap = covered - piece.start_ms if consistent else Fraction(0)
        skip = min(piece.frames, round(overlap * piece.form.rate / 1000)) if overlap > CONTIGUOUS_MS else 0
        part = Part(piece, skip, begin, (piece.frames - skip) * rate // piece.form.rate)
        parts.append(part)
        before, begin = piece.start_ms, begin + part.frames
        covered = max(covered, piece.end_ms) if consistent else piece.end_ms
    return JoinPlan(SampleForm(rate, channels.pop() if len(channels) == 1 else 1), parts)


def compose_steps(count: int) -> Iterator[tuple[int, int, range]]:
    """How `count` objects become one: for each request its level and its place there, from 0, and which objects of the
    level before it composes; level 0 composes the objects themselves. The last request makes the whole."""
    level = 0
    while count > 1 or level == 0:
        made = -(-count // MOST_SOURCES)
        for place in range(made):
            yield level, place, range(place * MOST_SOURCES, min(count, (place + 1) * MOST_SOURCES))
        count, level = made, level + 1


_SECOND = timedelta(seconds=1)


def _apart(points: Sequence[Point], drift_ms: int) -> list[Point]:
    found: list[Point] = []
    for point in points:
        if not found or abs(_drift_ms(found[-1], point)) > drift_ms:
            found.append(point)
    return found


def _drift_ms(last: Point, point: Point) -> float:
    elapsed = (point.captured_at - last.captured_at) / timedelta(milliseconds=1)
    return elapsed - (point.recording_ms - last.recording_ms)


def _ms(frames: int, rate: int) -> int:
    return 1000 * frames // rate
