"""Opus packets: their length in time (RFC 6716, section 3)."""

from __future__ import annotations

_FRAME_MICROSECONDS = (
    *(10_000, 20_000, 40_000, 60_000) * 3,
    *(10_000, 20_000) * 2,
    *(2_500, 5_000, 10_000, 20_000) * 4,
)
"""By the configuration in the first five bits."""
_LONGEST = 120_000_000


def nanoseconds(packet: bytes) -> int:
    """The length of a packet, from its first two bytes; 0 if it is empty."""
    if not packet:
        return 0
    code = packet[0] & 3
    frames = 1 if code == 0 else 2 if code < 3 else (packet[1] & 0x3F if len(packet) > 1 else 0)
    return min(_LONGEST, frames * _FRAME_MICROSECONDS[packet[0] >> 3] * 1000)
