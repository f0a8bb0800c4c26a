"""The check of a recording by its content, when it arrives and before it is recognised."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from shared.audio.source import AudioRefused, Contents, Source
from shared.gateways.storage_objects import ObjectGone, Stored
from shared.lazily import lazily

with lazily(globals()):
    from shared.audio import contents, levels
    from shared.audio.samples import readable
    from shared.gateways import storage
    from shared.records.visits import audio_quality
    from shared.records.visits.audio import AudioMark, AudioProblem, Container
    from shared.records.visits.audio_quality import Levels, decibels
    from shared.records.visits.speech import Speaker

CHECKED_FOR = timedelta(minutes=30)
"""How long deliveries try to check a recording. A file that ends the function each time is then recognised unchecked,
so its event is not delivered for a day."""
MEASURED_FIRST = 60.0
"""Seconds: a longer recording is recognised before it is measured, if its length is known without decoding it."""
_HEARD = 0.9
"""Share of the audio that must be decoded for its levels to stand for it."""

_log = logging.getLogger("synapse.audio")


@dataclass(frozen=True)
class Checked:
    """What was found; nothing of a recording that was not checked."""

    problem: AudioProblem | None = None
    """Why it cannot be recognised."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Fields of the recording."""
    convert: bool = False
    """True if Speech-to-Text does not decode it, but `splitting` does."""


def check(stored: Stored, channels: Sequence[Speaker], now: datetime) -> Checked:
    """Check a recording of a session with these channels, before it is recognised; levels of a long one follow
    (`measured`). Deterministic, so that a second delivery finds the same."""
    return _checked(stored, len(channels), now, may_wait=True)


def measured(stored: Stored, expected_channels: int, now: datetime) -> dict[str, Any]:
    """What is in a recording that was received, as fields of it, with its levels."""
    return _checked(stored, expected_channels, now, may_wait=False).facts


def _checked(stored: Stored, expected_channels: int, now: datetime, *, may_wait: bool) -> Checked:
    if stored.created_at is not None and now - stored.created_at > CHECKED_FOR:
        _log.error("a recording was not checked", extra={"reason": "repeated"})
        return Checked()
    try:
        return examine(Source(storage.open_recording(stored), stored.size), expected_channels, may_wait=may_wait)
    except ObjectGone:
        return Checked()


def examine(source: Source, expected_channels: int, *, may_wait: bool = False) -> Checked:
    """What is in a file; without levels, if they may wait and nothing else needs them."""
    try:
        found = contents.read(source)
        if may_wait and found.recognised and _measures_later(found):
            return Checked(None, {**_facts(found, None, expected_channels), "unmeasured": True})
        measured = levels.measure(source, found)
        found, measured = _settled(found, measured)
    except AudioRefused as refused:
        return Checked(refused.problem, {"marks": [AudioMark.CUT_OFF] if refused.cut_off else []})
    return Checked(None, _facts(found, measured, expected_channels), convert=not found.recognised)


def _measures_later(found: Contents) -> bool:
    """True for a long recording, unless nothing decodes it here, or only decoding tells its length."""
    is_long = found.seconds is not None and found.seconds > MEASURED_FIRST
    return is_long and readable(found) and found.container != Container.FLAC


def _settled(found: Contents, measured: Levels | None) -> tuple[Contents, Levels | None]:
    """Only decoding knows the length of FLAC. Levels of a small part, such as the first of several streams, are none.

    Raises AudioRefused for FLAC without a sample that can be decoded, and for audio that must be converted and cannot.
    """
    if found.container == Container.FLAC:
        if measured is None:
            raise AudioRefused(AudioProblem.NOT_READABLE)
        stated = found.seconds or 0.0
        if measured.seconds < levels.LONGEST_MEASURED:
            cut_off = found.cut_off or measured.seconds < 0.98 * stated
            found = replace(found, seconds=measured.seconds, cut_off=cut_off)
    seconds = min(found.seconds or 0.0, levels.LONGEST_MEASURED)
    heard = measured if measured is not None and measured.seconds >= _HEARD * seconds else None
    if heard is None and not found.recognised:
        raise AudioRefused(AudioProblem.UNSUPPORTED)
    return found, heard


def _facts(found: Contents, measured: Levels | None, expected_channels: int) -> dict[str, Any]:
    cut_off = [AudioMark.CUT_OFF] if found.cut_off else []
    differ = [AudioMark.CHANNELS_DIFFER] if expected_channels > 1 and found.channels != expected_channels else []
    return {
        "container": found.container,
        "codec": found.codec,
        "channels": found.channels,
        "sample_rate_hertz": found.sample_rate,
        "duration_seconds": None if found.seconds is None else round(found.seconds, 1),
        "marks": [*cut_off, *differ, *audio_quality.marks_of(measured, found.sample_rate)],
        **(_measures(measured) if measured is not None else {}),
    }


def _measures(measured: Levels) -> dict[str, Any]:
    return {
        "peak_dbfs": decibels(measured.peak),
        "noise_dbfs": decibels(measured.noise),
        "clipped_share": None if measured.clipped_share is None else round(measured.clipped_share, 4),
        "silence_share": None if measured.silence_share is None else round(measured.silence_share, 3),
        "audio_quality_score": audio_quality.score_of(measured),
    }
