"""16-bit samples: those of a piece as they stand in a recording, and the header before the samples of a WAV file."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

from shared.audio import contents
from shared.audio.samples import Samples
from shared.audio.source import AudioRefused, Source
from shared.records.visits.audio import AudioProblem
from shared.records.visits.join_plan import Part, SampleForm

_RIFF_LIMIT = 0xFFFFFFFF
_FULL_SCALE = 32_768
_PCM = 1
"""The format tag of integers."""
_DS64 = 28
"""Bytes of the chunk of long sizes, without a table."""


def wav_header(form: SampleForm, data_bytes: int) -> bytes:
    """What stands before so many bytes of samples: RIFF, or RF64 where its sizes are too small (EBU Tech 3306)."""
    form_chunk = struct.pack(
        "<4sIHHIIHH",
        *(b"fmt ", 16, _PCM, form.channels, form.rate),
        *(form.rate * form.frame_bytes, form.frame_bytes, 8 * form.frame_bytes // form.channels),
    )
    size = 4 + len(form_chunk) + 8 + data_bytes
    if size <= _RIFF_LIMIT:
        return struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + form_chunk + struct.pack("<4sI", b"data", data_bytes)
    frames = data_bytes // form.frame_bytes
    long_sizes = struct.pack("<4sIQQQI", b"ds64", _DS64, size + 8 + _DS64, data_bytes, frames, 0)
    begin = struct.pack("<4sI4s", b"RF64", _RIFF_LIMIT, b"WAVE")
    return begin + long_sizes + form_chunk + struct.pack("<4sI", b"data", _RIFF_LIMIT)


def bytes_of(content: bytes, part: Part, form: SampleForm) -> bytes:
    """The samples of a part, in the form of the recording. Samples of this form are not touched: decoding them, and
    writing them again, is exact for 16 bits. Raises AudioRefused for a piece that does not have its frames."""

    piece = part.piece
    if piece.bare and piece.form == form:
        found = content[part.skip * form.frame_bytes :]
    else:
        samples = _bare(content, piece.form) if piece.bare else _decoded(content)
        if len(samples) != piece.frames:
            raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=len(samples) < piece.frames)
        found = _int16(_resampled(_mixed(samples[part.skip :], form.channels), part.frames)).astype("<i2").tobytes()
    if len(found) != part.frames * form.frame_bytes:
        raise AudioRefused(AudioProblem.NOT_READABLE, cut_off=True)
    return found


def _bare(content: bytes, form: SampleForm) -> Any:
    import numpy as np

    return np.frombuffer(content, "<i2").reshape(-1, form.channels).astype("float32") / _FULL_SCALE


def _decoded(content: bytes) -> Any:
    import numpy as np

    source = Source(BytesIO(content), len(content))
    return np.concatenate([block.samples for block in Samples(source, contents.read(source)).since()])


def _mixed(samples: Any, channels: int) -> Any:
    return samples if samples.shape[1] == channels else samples.mean(axis=1, keepdims=True)


def _resampled(samples: Any, frames: int) -> Any:
    """At a higher rate, by lines between the samples."""
    import numpy as np

    if len(samples) == frames or not len(samples):
        return samples
    places = np.arange(frames) * (len(samples) / frames)
    return np.stack([np.interp(places, np.arange(len(samples)), channel) for channel in samples.T], axis=1)


def _int16(samples: Any) -> Any:
    import numpy as np

    return np.clip(np.rint(samples * np.float32(_FULL_SCALE)), -_FULL_SCALE, _FULL_SCALE - 1).astype("int16")
