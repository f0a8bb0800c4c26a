"""What a recorder sends: pieces of audio as WAV files, with their digests."""

from __future__ import annotations

import base64
import hashlib
import io
import wave

import numpy as np
from numpy.typing import NDArray


def wav(samples: NDArray[np.int16], rate: int) -> bytes:
    """A WAV file of one channel."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return written.getvalue()


def digest_of(body: bytes) -> str:
    """The Content-Digest of a body (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
