"""Real AAC in MP4, encoded quickly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from local.services.speech.audio import SAMPLE_RATE


def aac(samples: NDArray[np.float32], form: Mapping[str, str] | None = None) -> bytes:
    """An MP4 file of one or two channels at `SAMPLE_RATE`; `form` are options of FFmpeg's muxer."""
    layout = {1: "mono", 2: "stereo"}[len(samples)]
    pcm = (samples.T.reshape(1, -1) * 32_767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
    frame.sample_rate = SAMPLE_RATE
    with TemporaryDirectory() as folder:
        file = Path(folder) / "a.mp4"  # some options reopen it
        with av.open(str(file), "w", format="mp4", options=dict(form or {})) as container:
            stream: Any = container.add_stream("aac", rate=SAMPLE_RATE, options={"aac_coder": "fast"})
            stream.layout = layout
            for packet in (*stream.encode(frame), *stream.encode(None)):
                container.mux(packet)
        return file.read_bytes()
