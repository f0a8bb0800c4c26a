"""The contents of a recording, whatever its name and its announced type: its first bytes decide."""

from __future__ import annotations

from shared.audio import aiff, flac, mp3, mp4, ogg, wav, webm
from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import CONVERTED, LONGEST_AUDIO, MOST_CHANNELS, AudioProblem

_READERS = {
    **dict.fromkeys(wav.MAGIC, wav.read),
    aiff.MAGIC: aiff.read,
    flac.MAGIC: flac.read,
    ogg.MAGIC: ogg.read,
    webm.MAGIC: webm.read,
}


def read(source: Source) -> Contents:
    """The contents, if Speech-to-Text can recognise them, or perhaps after a conversion. Raises AudioRefused with the
    reason if not."""
    found = parsed(source)
    convertible = len(found.streams) > 1 or (found.container, found.codec) in CONVERTED
    if found.channels > MOST_CHANNELS or not (found.recognised or convertible):
        raise AudioRefused(AudioProblem.UNSUPPORTED)
    if found.seconds == 0:
        raise AudioRefused(AudioProblem.EMPTY, cut_off=found.cut_off)
    if found.seconds is not None and found.seconds > LONGEST_AUDIO:
        raise AudioRefused(AudioProblem.TOO_LONG)
    return found


def parsed(source: Source) -> Contents:
    """The contents, of any length and of any codec that a container may have. Raises AudioRefused."""
    if not source.size:
        raise AudioRefused(AudioProblem.EMPTY)
    reader = _READERS.get(source.at(0, 4))
    if reader is None and mp4.is_mp4(source):
        reader = mp4.read
    if reader is None and mp3.is_mp3(source):
        reader = mp3.read
    if reader is None:
        raise AudioRefused(AudioProblem.NOT_READABLE)
    return reader(source)
