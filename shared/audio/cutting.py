"""Parts of a recording as FLAC files, written block by block in one pass (RFC 9639); AAC stays AAC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, BinaryIO, cast

from shared.audio import levels, mp4_cutting
from shared.audio.samples import Block, Samples, readable
from shared.audio.sink import Sink
from shared.audio.source import AudioRefused, Contents, Source
from shared.records.visits.audio import MOST_CHANNELS, AudioProblem, Codec, Container
from shared.records.visits.audio_parts import AudioPart

_HEADER = 42
"""Bytes up to the end of STREAMINFO."""
_TOTAL = slice(21, 26)
"""The bytes of STREAMINFO whose last 36 bits are the number of samples."""
_MISSING, _MISSING_MS = 0.02, 200
"""The largest share of the recording that may be missing at its end, and what always may."""


def require(contents: Contents) -> None:
    """Raises AudioRefused if the samples of a recording cannot be read, or not be written as FLAC, unless it is cut
    between its packets."""
    if not _is_aac(contents) and (not readable(contents) or contents.channels > MOST_CHANNELS):
        raise AudioRefused(AudioProblem.UNSUPPORTED)


def media_type(contents: Contents) -> str:
    """The media type of the parts."""
    return "audio/mp4" if _is_aac(contents) else "audio/flac"


def silences(source: Source, contents: Contents) -> Callable[[int, int], Iterable[tuple[int, int]]]:
    """Finds silences in stretches of the recording, each later than the one before; none in AAC."""
    if _is_aac(contents):
        return lambda *_: ()
    samples = Samples(source, contents)
    return lambda start_ms, end_ms: levels.silences(samples, start_ms, end_ms)


def write(
    source: Source, contents: Contents, parts: Sequence[AudioPart], open_sink: Callable[[AudioPart], Sink]
) -> None:
    """Write the parts, which are sorted, in one pass. A little that cannot be decoded at the end is silence.

    Raises AudioRefused if more is missing.
    """
    if _is_aac(contents):
        mp4_cutting.write(source, parts, open_sink)
    else:
        _write_flac(source, contents, parts, open_sink)


def _is_aac(contents: Contents) -> bool:
    return (contents.container, contents.codec) == (Container.MP4, Codec.AAC)


def _write_flac(
    source: Source, contents: Contents, parts: Sequence[AudioPart], open_sink: Callable[[AudioPart], Sink]
) -> None:
    waiting, open_parts = list(parts), list[_PartWriter]()
    try:
        for block in Samples(source, contents).since(parts[0].start_ms):
            while waiting and waiting[0].start_ms * block.rate < block.end * 1000:
                open_parts.append(_PartWriter(waiting.pop(0), block, open_sink))
                open_parts[-1].begin()
            for writer in open_parts:
                writer.add(block)
            _finish(open_parts, [one for one in open_parts if one.full])
            if not waiting and not open_parts:
                return
        if waiting or any(writer.lacks_much for writer in open_parts):
            raise AudioRefused(AudioProblem.NOT_READABLE)
        _finish(open_parts, list(open_parts))
    finally:
        for writer in open_parts:
            writer.abort()


def _finish(open_parts: list[_PartWriter], finished: Sequence[_PartWriter]) -> None:
    """Finish some of the open parts."""
    for writer in finished:
        writer.finish()
        open_parts.remove(writer)


class _PartWriter:
    """One part while it is written."""

    def __init__(self, part: AudioPart, first: Block, open_sink: Callable[[AudioPart], Sink]) -> None:
        self._rate = first.rate
        self._at = part.start_ms * first.rate // 1000
        self._end = part.end_ms * first.rate // 1000
        self._channels = first.samples.shape[1]
        self._sink = open_sink(part)
        self._flac = _Flac(self._sink, self._end - self._at)
        self._file: Any = None

    @property
    def full(self) -> bool:
        return self._at >= self._end

    @property
    def lacks_much(self) -> bool:
        return self._end - self._at > max(_MISSING * self._end, _MISSING_MS * self._rate // 1000)

    def begin(self) -> None:
        """Open the encoder; here, so that an error aborts the file."""
        import soundfile

        form = {"channels": self._channels, "format": "FLAC", "subtype": "PCM_16"}
        self._file = soundfile.SoundFile(cast(BinaryIO, self._flac), "w", samplerate=self._rate, **form)

    def abort(self) -> None:
        """Drop what was written."""
        self._sink.abort()

    def add(self, block: Block) -> None:
        """Write the samples of a block that belong to the part."""
        self._fill(min(block.begin, self._end))
        samples = block.samples[max(0, self._at - block.begin) : max(0, self._end - block.begin)]
        self._write(samples)

    def finish(self) -> None:
        """Close the file, which is as long as its header says."""
        self._fill(self._end)
        self._file.close()
        self._flac.check()
        self._sink.close()

    def _fill(self, end: int) -> None:
        """Write silence up to a position, if nothing was decoded before it."""
        import numpy as np

        while self._at < end:
            self._write(np.zeros((min(end - self._at, 48_000), self._channels), dtype="float32"))

    def _write(self, samples: Any) -> None:
        import numpy as np

        self._file.write((samples * np.float32(32_767)).astype("int16"))
        self._flac.check()
        self._at += len(samples)


class _Flac:
    """The file that libsndfile writes: its header gets the number of samples at once, since a sink cannot go back."""

    def __init__(self, sink: Sink, samples: int) -> None:
        self._sink, self._samples = sink, samples
        self._header: bytes | None = b""
        self._at = self._end = 0
        self._error: Exception | None = None

    def check(self) -> None:
        """Raise the error of a write: the callbacks of libsndfile cannot."""
        if self._error is not None:
            raise self._error

    def write(self, content: Any) -> int:
        content = bytes(content)
        if self._at == self._end:  # otherwise the encoder writes the header again
            self._append(content)
            self._end += len(content)
        self._at += len(content)
        return len(content)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + {0: 0, 1: self._at, 2: self._end}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def _append(self, content: bytes) -> None:
        if self._header is not None:
            self._header += content
            if len(self._header) < _HEADER:
                return
            content, self._header = _with_total(self._header, self._samples), None
        try:
            self._sink.write(content)
        except Exception as error:
            self._error = self._error or error


def _with_total(header: bytes, samples: int) -> bytes:
    packed = int.from_bytes(header[_TOTAL], "big") >> 36 << 36 | samples
    return header[: _TOTAL.start] + packed.to_bytes(5, "big") + header[_TOTAL.stop :]
